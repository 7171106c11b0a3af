// Colour made grey on request, against numpy and Pillow (tests/golden/colour/make.py) and the set's own hashes.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/csv.h"
#include "data/dicom/jpeg2000.h"
#include "data/dicom/read_dicom.h"
#include "data/dicom/scan.h"
#include "data/image/png.h"
#include "data/image/window.h"
#include "tests/data/dicom/made_file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

extern "C" const char* opj_version();  // openjpeg.h is private to rationale_dicom

using namespace rationale;
using namespace rationale::test;

namespace {

/// GreyFile with three samples a pixel.
std::string colour_file(GreyFile file, const std::string& photometric, const std::string& pixels) {
  file.allocated = file.stored = 8;
  file.high_bit = 7;
  file.photometric = photometric;
  file.pixels = pixels;
  file.pixel_vr = "OB";
  std::string data_set = file.data_set();
  data_set.replace(data_set.find(us(0x28, 2, 1)), us(0x28, 2, 1).size(), us(0x28, 2, 3));
  return dicom_file(data_set);
}

std::vector<std::int32_t> grey_of(const std::string& bytes) {
  return parse_dicom(bytes, "made", 1, Colour::kToGrey).stored;
}

}  // namespace

TEST_CASE("native colour files of the public set become Pillow's grey, to the bit", "[data][dicom][golden]") {
  const auto folder = shared("public/dicom/files", 5);
  if (!folder || !std::filesystem::exists(*folder / "color-px.dcm")) return;
  const CsvTable golden = read_csv(in_tests("golden/colour/grey.csv"));
  REQUIRE(golden.rows.size() == 5);
  for (const CsvRow& row : golden.rows) {
    INFO(row.cells[0]);
    const Picture picture = read_dicom(*folder / row.cells[0], 1, Colour::kToGrey);
    CHECK(std::to_string(picture.rows) == row.cells[1]);
    CHECK(std::to_string(picture.cols) == row.cells[2]);
    const std::vector<std::uint8_t> shown = display_u8(picture);
    CHECK(sha256_hex(std::as_bytes(std::span(shown))) == row.cells[3]);
    CHECK_FALSE(picture.warnings.empty());
  }
}

TEST_CASE("compressed colour becomes grey, too, and three components of JPEG 2000 have the set's hash",
          "[data][dicom][golden]") {
  const auto folder = shared("public/dicom/files", 3);
  if (!folder || !std::filesystem::exists(*folder / "GDCMJ2K_TextGBR.dcm")) return;
  const std::string bytes = read_file(*folder / "GDCMJ2K_TextGBR.dcm");
  const DicomLayout layout = scan_dicom(bytes, "GDCMJ2K_TextGBR.dcm");
  REQUIRE(layout.pixels.fragments.size() == 2);
  const std::vector<std::uint32_t> rgb = decode_jpeg2000(layout.pixels.fragments[1], 400, 400, 3);
  // The set's values are those of OpenJPEG up to 2.5.0; 2.5.3 decodes this file a little differently.
  if (opj_version() == std::string("2.5.0")) {
    CHECK(sha256_hex(std::as_bytes(std::span(rgb))).substr(0, 32) == "3afccfd017435a82f9d5557fd54d4fa8");
  } else {
    const auto [least, most] = std::ranges::minmax(rgb);
    CHECK(least == 0);
    CHECK(most == 255);
    CHECK(std::accumulate(rgb.begin(), rgb.end(), 0.0) / static_cast<double>(rgb.size()) == Approx(124.435881).margin(0.5));
  }

  const Picture text = read_dicom(*folder / "GDCMJ2K_TextGBR.dcm", 1, Colour::kToGrey);
  REQUIRE(text.stored.size() == 160000);
  for (const std::size_t i : {std::size_t{0}, std::size_t{80200}, std::size_t{159999}}) {
    const double luma = 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
    CHECK(text.stored[i] == Approx(luma).margin(0.51));
  }
  // index.csv: samples from 134 to 252, mean 244: so must a mean of the three be.
  const Picture jpeg = read_dicom(*folder / "SC_jpeg_no_color_transform.dcm", 1, Colour::kToGrey);
  const auto [low, high] = std::ranges::minmax(jpeg.stored);
  CHECK(low >= 134);
  CHECK(high <= 252);
  CHECK(read_dicom(*folder / "OBXXXX1A_rle.dcm", 1, Colour::kToGrey).stored.size() == 480000);
}

TEST_CASE("pixels side by side, planes and shared chroma give the same grey", "[data][dicom]") {
  const std::vector<std::int32_t> wanted = {76, 150};  // 0.299 and 0.587 of 255, rounded
  const GreyFile file{.rows = 1, .cols = 2};
  CHECK(grey_of(colour_file(file, "RGB", std::string("\xFF\0\0\0\xFF\0", 6))) == wanted);
  GreyFile planes = file;
  planes.header = us(0x28, 6, 1);
  CHECK(grey_of(colour_file(planes, "RGB", std::string("\xFF\0\0\xFF\0\0", 6))) == wanted);
  CHECK(grey_of(colour_file(file, "YBR_FULL", std::string("\x4C\x55\xFF\x96\x2C\x15", 6))) == wanted);
  CHECK(grey_of(colour_file(file, "YBR_FULL_422", std::string("\x4C\x96\x40\x80", 4))) == wanted);
}

TEST_CASE("a palette's entries decide the grey, cells beyond it have its last one", "[data][dicom]") {
  GreyFile file{.rows = 1, .cols = 3, .allocated = 8, .stored = 8, .high_bit = 7, .photometric = "PALETTE COLOR"};
  file.pixel_vr = "OB";
  file.pixels = std::string("\x00\x01\xFF", 3);
  const std::string descriptor = cells16({2, 0, 16});
  for (int i = 1; i <= 3; ++i) file.header += element(0x28, static_cast<std::uint16_t>(0x1100 + i), "US", descriptor);
  const std::string red = cells16({0xFFFF, 0}), green = cells16({0, 0xFF00}), blue = cells16({0, 0});
  const std::string* tables[] = {&red, &green, &blue};
  for (int i = 1; i <= 3; ++i) {
    file.header += element(0x28, static_cast<std::uint16_t>(0x1200 + i), "OW", *tables[i - 1]);
  }
  CHECK(grey_of(file.bytes()) == std::vector<std::int32_t>{76, 150, 150});
  CHECK_THROWS_AS(parse_dicom(file.bytes(), "made"), Error);  // nobody asked
  file.header.clear();
  CHECK_THROWS_AS(grey_of(file.bytes()), Error);
}

TEST_CASE("a colour PNG is grey on request, 8 and 16 bits", "[data][png]") {
  const std::string bytes = encode_png_rgb8(1, 2, std::vector<std::uint8_t>{255, 0, 0, 9, 9, 9});
  CHECK_THROWS_AS(parse_png(bytes, "rgb"), Error);
  const Picture grey = parse_png(bytes, "rgb", Colour::kToGrey);
  CHECK(grey.stored == std::vector<std::int32_t>{76, 9});
  CHECK(grey.warnings.size() == 1);
}
