#include "data/dicom/read_dicom.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "data/base/error.h"
#include "data/cases/cases.h"
#include "data/image/window.h"
#include "tests/data/dicom/made_file.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::test;

namespace {

Picture read(const GreyFile& file, int frame = 1) {
  return parse_dicom(file.bytes(), "made", frame);
}

/// Where the refusal points: "made, (0028,0101) BitsStored"; "accepted" if there is none.
std::string place_of_refusal(const std::string& bytes) {
  try {
    parse_dicom(bytes, "made");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK_FALSE(error.remedy.empty());
    return error.where;
  }
  return "accepted";
}

std::string nested(int depth, const std::string& inner) {
  std::string bytes = inner;
  for (int i = 0; i < depth; ++i) bytes = sequence(0x0040, 0x0275, {bytes});
  return bytes;
}

}  // namespace

TEST_CASE("only the stored bits of a cell count, with their sign", "[data][dicom]") {
  GreyFile file{.cols = 3, .stored = 12, .high_bit = 11, .representation = 1};
  file.pixels = cells16({0xF7FF, 0x0800, 0x5FFF});  // foreign bits above
  CHECK(read(file).stored == std::vector<std::int32_t>{2047, -2048, -1});
  file.high_bit = 15;  // left justified
  file.pixels = cells16({0x7FF3, 0x8000, 0xFFFF});
  CHECK(read(file).stored == std::vector<std::int32_t>{2047, -2048, -1});
}

TEST_CASE("one-bit frames may begin inside a byte", "[data][dicom]") {
  GreyFile file{.rows = 1, .cols = 3, .allocated = 1, .stored = 1, .high_bit = 0};
  file.before = element(0x28, 8, "IS", "3");
  file.header.clear();
  file.pixel_vr = "OB";
  file.pixels = std::string("\x8D\x01", 2);  // 101 100 011: low bit first
  CHECK(read(file, 1).stored == std::vector<std::int32_t>{1, 0, 1});
  CHECK(read(file, 2).stored == std::vector<std::int32_t>{1, 0, 0});
  CHECK(read(file, 3).stored == std::vector<std::int32_t>{0, 1, 1});
}

TEST_CASE("polarity: the shape wins over MONOCHROME1, and one inversion is one", "[data][dicom]") {
  GreyFile file{.photometric = "MONOCHROME1", .pixels = cells16({0, 9})};
  CHECK(read(file).is_inverted);
  file.header = element(0x2050, 0x20, "CS", "INVERSE");
  CHECK(read(file).is_inverted);
  file.photometric = "MONOCHROME2";
  CHECK(read(file).is_inverted);
  file.header = element(0x2050, 0x20, "CS", "IDENTITY");
  CHECK_FALSE(read(file).is_inverted);
  file.photometric = "MONOCHROME1";
  const Picture contradictory = read(file);
  CHECK_FALSE(contradictory.is_inverted);
  CHECK(contradictory.warnings.size() == 1);
}

TEST_CASE("a frame's own rescale and window are read from functional groups", "[data][dicom]") {
  const auto groups = [](const char* slope, const char* centre) {
    return sequence(0x28, 0x9132,
                    {element(0x28, 0x1050, "DS", centre) + element(0x28, 0x1051, "DS", "10")}) +
           sequence(0x28, 0x9145,
                    {element(0x28, 0x1052, "DS", "-1") + element(0x28, 0x1053, "DS", slope)});
  };
  GreyFile file{.pixels = cells16({1, 2, 3, 4})};
  file.before = element(0x28, 8, "IS", "2");
  file.header =
      sequence(0x5200, 0x9229, {sequence(0x28, 0x9110, {element(0x28, 0x30, "DS", "0.5\\0.25")})}) +
      sequence(0x5200, 0x9230, {groups("2", "5"), groups("3", "6")});
  const Picture first = read(file, 1);
  CHECK(modality_values(first) == std::vector<double>{1, 3});
  REQUIRE(first.windows.size() == 1);
  CHECK(first.windows[0].centre == 5);
  const Picture second = read(file, 2);
  CHECK(modality_values(second) == std::vector<double>{8, 11});
  CHECK(second.windows[0].centre == 6);
  CHECK(second.spacing.vertical_mm == 0.5);
  CHECK(second.spacing.aspect == 2);
}

TEST_CASE("shared functional groups hold for every frame, a frame's own come before them", "[data][dicom]") {
  const auto voi = [](const char* centre, const char* function) {
    return sequence(0x28, 0x9132,
                    {element(0x28, 0x1050, "DS", centre) + element(0x28, 0x1051, "DS", "10") +
                     element(0x28, 0x1056, "CS", function)});
  };
  const auto modality = [](const char* slope) {
    return sequence(0x28, 0x9145,
                    {element(0x28, 0x1052, "DS", "0") + element(0x28, 0x1053, "DS", slope) +
                     element(0x28, 0x1054, "LO", "US")});
  };
  const auto spacing = [](const char* both) {
    return sequence(0x28, 0x9110, {element(0x28, 0x30, "DS", both)});
  };
  GreyFile file{.pixels = cells16({1, 2, 3, 4})};
  file.before = element(0x28, 8, "IS", "2");
  file.header = sequence(0x5200, 0x9229, {spacing("0.5\\0.25") + voi("5", "SIGMOID") + modality("2")}) +
                sequence(0x5200, 0x9230, {element(0x20, 0x9056, "SH", "1"),
                                          spacing("3\\2") + voi("6", "LINEAR_EXACT") + modality("-4")});
  const Picture first = read(file, 1);
  CHECK(modality_values(first) == std::vector<double>{2, 4});
  REQUIRE(first.windows.size() == 1);
  CHECK(first.windows[0].centre == 5);
  CHECK(first.windows[0].function == WindowFunction::kSigmoid);
  CHECK(first.spacing.aspect == 2);
  const Picture second = read(file, 2);
  CHECK(modality_values(second) == std::vector<double>{-12, -16});
  REQUIRE(second.windows.size() == 1);
  CHECK(second.windows[0].centre == 6);
  CHECK(second.windows[0].function == WindowFunction::kLinearExact);
  CHECK(second.spacing.vertical_mm == 3);
  CHECK(second.spacing.horizontal_mm == 2);
}

TEST_CASE("overlays are never part of a picture, on planes of their own or in unused bits", "[data][dicom]") {
  GreyFile file{.rows = 2, .cols = 2, .stored = 12, .high_bit = 11, .pixels = cells16({1, 2, 3, 4})};
  const Picture plain = read(file);
  const auto overlay = [](std::uint16_t group, std::uint16_t bit) {
    return us(group, 0x10, 2) + us(group, 0x11, 2) + element(group, 0x40, "CS", "G") +
           element(group, 0x50, "SS", cells16({1, 1})) + us(group, 0x100, bit == 0 ? 1 : 16) + us(group, 0x102, bit);
  };
  file.header = overlay(0x6000, 0) + element(0x6000, 0x3000, "OW", cells16({0xF})) + overlay(0x6002, 13);
  file.pixels = cells16({0x2001, 2, 0xF003, 4});  // the second overlay, and more, above the stored bits
  const Picture overlaid = read(file);
  CHECK(overlaid.stored == plain.stored);
  CHECK(display_u8(overlaid) == display_u8(plain));
  CHECK(pixel_digest(overlaid) == pixel_digest(plain));
}

TEST_CASE("a codestream that would fill the memory is refused before a decoder starts", "[data][dicom]") {
  const auto compressed = [](int rows, int cols, const std::string& stream, const char* syntax) {
    GreyFile file{.rows = rows, .cols = cols, .allocated = 8, .stored = 8, .high_bit = 7};
    std::string data_set = file.data_set();
    data_set.resize(data_set.size() - element(0x7FE0, 0x10, "OW", "").size());
    std::string pixels = element(0x7FE0, 0x10, "OB", "");
    pixels.replace(pixels.size() - 4, 4, "\xFF\xFF\xFF\xFF");
    pixels += implicit_header(0xFFFE, 0xE000, 0) +
              implicit_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(stream.size())) + stream +
              implicit_header(0xFFFE, 0xE0DD, 0);
    return dicom_file(data_set + pixels, syntax);
  };
  const auto what = [&](const std::string& bytes) {
    try {
      parse_dicom(bytes, "made");
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const auto word = [](int value) {
    return std::string{0, 0, static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
  };
  const auto jpeg2000 = [&](int size, int tile, char components) {
    return std::string("\xFF\x4F\xFF\x51\x00\x29\x00\x00", 8) + word(size) + word(size) + word(0) + word(0) +
           word(tile) + word(tile) + word(0) + word(0) + std::string{0, components} + "\x07\x01\x01" +
           std::string(20, '\0');
  };
  // A JPEG-LS frame header, then TEM, under JPEG: DCMTK would look for the precision for ever.
  const std::string jpeg_ls("\xFF\xD8\xFF\xF7\x00\x0B\x08\x00\x02\x00\x02\x01\x01\x11\x00\xFF\x01\x00\x00\xFF\xD9", 21);
  CHECK(what(compressed(2, 2, jpeg_ls, "1.2.840.10008.1.2.4.51")).find("the other JPEG-LS") != std::string::npos);
  const char* lossless = "1.2.840.10008.1.2.4.90";
  CHECK(what(compressed(65535, 65535, jpeg2000(65535, 4096, 1), lossless)).find("2^28") != std::string::npos);
  CHECK(what(compressed(1000, 1000, jpeg2000(1000, 4, 1), lossless)).find("62500 tiles") != std::string::npos);
  CHECK(what(compressed(1000, 1000, jpeg2000(1000, 1000, 9), lossless)).find("9 components") != std::string::npos);
  CHECK(what(compressed(1000, 1000, jpeg2000(999, 1000, 1), lossless)).find("999 x 999") != std::string::npos);
}

TEST_CASE("padding is tested on stored values, with the pixels' sign", "[data][dicom]") {
  GreyFile file{.cols = 4, .representation = 1, .pixels = cells16({-2000, -1999, 0, 7})};
  // -2000 written as US, which is the wrong type; and the range's other end.
  file.header = us(0x28, 0x120, 0xF830) + us(0x28, 0x121, 0xF831);
  CHECK(read(file).padding == std::vector<std::uint8_t>{1, 1, 0, 0});

  // Both ends count, in either order; the window from smallest to largest sees the rest alone.
  GreyFile range{.cols = 5, .pixels = cells16({10, 11, 14, 15, 30})};
  range.header = us(0x28, 0x120, 14) + us(0x28, 0x121, 11);
  const Picture padded = read(range);
  CHECK(padded.padding == std::vector<std::uint8_t>{0, 1, 1, 0, 0});
  range.header = us(0x28, 0x120, 30);
  CHECK(read(range).padding == std::vector<std::uint8_t>{0, 0, 0, 0, 1});
  CHECK(display_u8(read(range)) == std::vector<std::uint8_t>{0, 51, 204, 255, 255});
}

TEST_CASE("float pixels have padding values of their own", "[data][dicom]") {
  const auto bytes_of = [](auto... values) {
    const std::array all{values...};
    return std::string(reinterpret_cast<const char*>(all.data()), sizeof all);
  };
  GreyFile file{.cols = 4, .allocated = 32, .stored = 32, .high_bit = 31};
  file.pixels = bytes_of(-1.5F, 0.1F, 2.0F, -3.0F);
  file.pixel_vr = "OF";
  file.pixel_element = 8;
  CHECK(read(file).padding.empty());
  file.header = element(0x28, 0x122, "FL", bytes_of(0.1F));
  CHECK(read(file).padding == std::vector<std::uint8_t>{0, 1, 0, 0});
  file.header += element(0x28, 0x124, "FL", bytes_of(-2.0F));
  CHECK(read(file).padding == std::vector<std::uint8_t>{1, 1, 0, 0});
  file.header = element(0x28, 0x122, "FL", bytes_of(std::nanf("")));
  CHECK(read(file).padding.empty());
  CHECK(read(file).warnings.back().find("padding") != std::string::npos);
  file.header = element(0x28, 0x122, "FL", bytes_of(0.1F, 0.2F));
  CHECK(read(file).warnings.back().find("padding") != std::string::npos);

  GreyFile wide{.cols = 2, .allocated = 64, .stored = 64, .high_bit = 63};
  wide.pixels = bytes_of(0.1, 7.0);
  wide.pixel_vr = "OD";
  wide.pixel_element = 9;
  wide.header = element(0x28, 0x123, "FD", bytes_of(0.1));
  CHECK(read(wide).padding == std::vector<std::uint8_t>{1, 0});
}

TEST_CASE("headers that contradict themselves are refused at the tag", "[data][dicom]") {
  const GreyFile good{.pixels = cells16({1, 2})};
  CHECK(place_of_refusal(good.bytes()) == "accepted");
  const auto place = [&](auto change) {
    GreyFile file = good;
    change(file);
    return place_of_refusal(file.bytes());
  };
  CHECK(place([](GreyFile& f) { f.rows = 0; }) == "made, (0028,0010) Rows");
  CHECK(place([](GreyFile& f) { f.rows = 3; }) == "made, (7FE0,0010) PixelData");
  CHECK(place([](GreyFile& f) { f.allocated = 12; }) == "made, (0028,0100) BitsAllocated");
  CHECK(place([](GreyFile& f) { f.allocated = 64; }) == "made, (0028,0100) BitsAllocated");
  CHECK(place([](GreyFile& f) { f.stored = 17; }) == "made, (0028,0101) BitsStored");
  CHECK(place([](GreyFile& f) { f.high_bit = 14; }) == "made, (0028,0102) HighBit");
  CHECK(place([](GreyFile& f) { f.representation = 2; }) ==
        "made, (0028,0103) PixelRepresentation");
  CHECK(place([](GreyFile& f) { f.photometric = "RGB"; }) ==
        "made, (0028,0004) PhotometricInterpretation");
  CHECK(place([](GreyFile& f) { f.photometric = ""; }) ==
        "made, (0028,0004) PhotometricInterpretation");
  CHECK(place([](GreyFile& f) { f.header = element(0x28, 0x1053, "DS", "0"); }) ==
        "made, (0028,1053) RescaleSlope");
  CHECK(place([](GreyFile& f) { f.header = element(0x28, 0x1053, "DS", "1\\2"); }) ==
        "made, (0028,1053) RescaleSlope");
  CHECK(place([](GreyFile& f) { f.header = element(0x28, 0x1052, "DS", "1,5"); }) ==
        "made, (0028,1052) RescaleIntercept");
  CHECK(place([](GreyFile& f) {
          f.header = sequence(0x28, 0x3000, {element(0x28, 0x3002, "US", cells16({2, 0, 16}))});
        }) == "made, (0028,3000) ModalityLUTSequence");
  CHECK(place([](GreyFile& f) { f.before = element(0x28, 8, "IS", "2000000000"); }) ==
        "made, (7FE0,0010) PixelData");
}

TEST_CASE("32-bit values beyond int32 are refused, smaller ones are exact", "[data][dicom]") {
  GreyFile file{.cols = 1, .allocated = 32, .stored = 32, .high_bit = 31};
  file.pixels = std::string("\xFF\xFF\xFF\x7F", 4);
  CHECK(read(file).stored == std::vector<std::int32_t>{2147483647});
  file.pixels = std::string("\x00\x00\x00\x80", 4);
  CHECK(place_of_refusal(file.bytes()) == "made, (0028,0101) BitsStored");
  file.representation = 1;
  CHECK(read(file).stored == std::vector<std::int32_t>{-2147483647 - 1});
}

TEST_CASE("nesting is limited in explicit, implicit and unknown encodings", "[data][dicom]") {
  GreyFile file{.pixels = cells16({1, 2})};
  file.before = nested(31, "");  // sequence and item: two levels each
  CHECK(place_of_refusal(file.bytes()) == "accepted");
  file.before = nested(5000, "");
  CHECK(place_of_refusal(file.bytes()) != "accepted");

  std::string implicit;
  for (int i = 0; i < 100000; ++i) {
    implicit +=
        implicit_header(0x0040, 0x0275, 0xFFFFFFFF) + implicit_header(0xFFFE, 0xE000, 0xFFFFFFFF);
  }
  CHECK(place_of_refusal(dicom_file(implicit, "1.2.840.10008.1.2")) != "accepted");

  // UN of undefined length holds implicit elements inside an explicit data set (PS3.5 6.2.2).
  std::string unknown = element(0x0041, 0x1001, "UN", "");
  unknown.replace(unknown.size() - 4, 4, "\xFF\xFF\xFF\xFF");
  CHECK(place_of_refusal(dicom_file(unknown + implicit_header(0xFFFE, 0xE000, 0xFFFFFFFF) +
                                    implicit)) != "accepted");
}

TEST_CASE("private sequences of stated length count as nesting, too", "[data][dicom]") {
  std::string inner;
  for (int i = 0; i < 2000; ++i) {
    inner = implicit_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(inner.size())) + inner;
    inner = implicit_header(0x0041, 0x1001, static_cast<std::uint32_t>(inner.size())) + inner;
  }
  CHECK(place_of_refusal(dicom_file(inner, "1.2.840.10008.1.2")) != "accepted");
}

TEST_CASE("every cut of a file is refused, and nothing worse", "[data][dicom]") {
  GreyFile file{.pixels = cells16({1, 2})};
  file.before = nested(3, us(0x28, 0x10, 1));
  const std::string whole = file.bytes();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK_THROWS_AS(parse_dicom(whole.substr(0, n), "cut"), Error);
  }
}

TEST_CASE("every changed byte of a file is refused or read", "[data][dicom]") {
  GreyFile file{.pixels = cells16({1, 2})};
  file.before = nested(2, element(0x0008, 0x0100, "SH", "code"));
  file.header = element(0x28, 0x1050, "DS", "40") + element(0x28, 0x1051, "DS", "80");
  const std::string whole = file.bytes();
  for (std::size_t i = 128; i < whole.size(); ++i) {
    for (const int bits : {0x01, 0x80, 0xFF}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ bits);
      try {
        const Picture picture = parse_dicom(changed, "changed");
        CHECK(display_u8(picture).size() == picture.stored.size());
      } catch (const Error& error) {
        CHECK(error.kind == Error::Kind::kInput);
      }
    }
  }
}

TEST_CASE("transfer syntaxes that are not read are refused by name", "[data][dicom]") {
  const GreyFile file{.pixels = cells16({1, 2})};
  try {
    parse_dicom(dicom_file(file.data_set(), "1.2.840.10008.1.2.4.201"), "made");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("High-Throughput JPEG 2000") != std::string::npos);
  }
  CHECK(place_of_refusal(dicom_file(file.data_set(), "1.2.3")) ==
        "made, (0002,0010) TransferSyntaxUID");
  // Native pixel data under a compressed syntax.
  CHECK(place_of_refusal(dicom_file(file.data_set(), "1.2.840.10008.1.2.4.70")) ==
        "made, (7FE0,0010) PixelData");
}

TEST_CASE("a VOI LUT's first value has the sign of the modality values", "[data][dicom]") {
  GreyFile file{.cols = 3, .pixels = cells16({0, 1, 2})};
  const std::string lut = sequence(0x28, 0x3010,
                                   {element(0x28, 0x3002, "US", cells16({3, -1, 8})) +
                                    element(0x28, 0x3006, "OW", cells16({0, 51, 255}))});
  file.header = element(0x28, 0x1052, "DS", "-1") + element(0x28, 0x1053, "DS", "1") + lut;
  CHECK(display_u8(read(file)) == std::vector<std::uint8_t>{0, 51, 255});
  file.header = lut;  // unsigned input: first = 65535, all values lie below the table
  CHECK(display_u8(read(file)) == std::vector<std::uint8_t>{0, 0, 0});
}
