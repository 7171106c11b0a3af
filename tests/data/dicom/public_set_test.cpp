// The public DICOM set: stored values by pydicom and GDCM, displays by make/pipeline.py (see its
// README).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "data/dicom/read_dicom.h"
#include "data/image/load.h"
#include "data/image/window.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

class Table {
 public:
  explicit Table(const std::filesystem::path& path) : table_(read_csv(path)) {}
  const std::vector<CsvRow>& rows() const { return table_.rows; }
  const std::string& text(const CsvRow& row, const std::string& column) const {
    return row.cells[table_.need(column)];
  }
  double number(const CsvRow& row, const std::string& column) const {
    const auto value = parse_number(text(row, column));
    REQUIRE(value.has_value());
    return *value;
  }

 private:
  CsvTable table_;
};

template <typename T>
std::string first_32_hex(const std::vector<T>& values) {
  return sha256_hex(std::as_bytes(std::span(values))).substr(0, 32);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

bool is_grey(const std::string& photometric) {
  return photometric == "MONOCHROME1" || photometric == "MONOCHROME2";
}

WindowChoice choice_of(const Table& table, const CsvRow& row) {
  const std::string& kind = table.text(row, "kind");
  if (kind == "minmax") return parse_window_choice("minmax");
  if (kind == "voilut") return parse_window_choice("lut:" + table.text(row, "voilut"));
  REQUIRE(kind == "window");
  return parse_window_choice(table.text(row, "center") + "," + table.text(row, "width") + "," +
                             table.text(row, "function"));
}

/// Grey levels that one stored unit can make in that display.
double one_unit(const Table& table, const CsvRow& row, const Picture& picture) {
  const std::string& kind = table.text(row, "kind");
  if (kind == "window") return 255 * std::abs(picture.slope) / std::max(1.0, table.number(row, "width") - 1);
  REQUIRE(kind == "minmax");
  const ValueRange range = modality_range(picture);
  return 255 * 2 * std::abs(picture.slope) / (range.high - range.low);
}

/// "row,col,value row,col,value …": exact values in 0..255 before rounding.
void check_samples(const std::string& samples, const Picture& picture,
                   const std::vector<double>& display, double slack) {
  for (const std::string& sample : split(samples, ' ')) {
    const std::vector<std::string> parts = split(sample, ',');
    REQUIRE(parts.size() == 3);
    const auto row = static_cast<std::size_t>(*parse_integer(parts[0]));
    const auto col = static_cast<std::size_t>(*parse_integer(parts[1]));
    const double y = display[row * static_cast<std::size_t>(picture.cols) + col];
    CHECK(255 * y == Approx(*parse_number(parts[2])).margin(0.001 + slack));
  }
}

}  // namespace

TEST_CASE("stored and modality values of the public set are those of two other readers",
          "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom", 75);
  if (!folder) return;
  const Table index(*folder / "index.csv");
  int n_lossless = 0;
  int n_lossy = 0;
  int n_lossy_equal = 0;
  for (const CsvRow& row : index.rows()) {
    const std::string& file = index.text(row, "file");
    if (!is_grey(index.text(row, "photometric"))) continue;
    INFO(file);
    const Picture picture = read_dicom(*folder / "files" / file);
    const bool is_lossy = index.text(row, "lossy") == "yes";
    (is_lossy ? n_lossy : n_lossless) += 1;
    CHECK(picture.frames == static_cast<int>(index.number(row, "frames")));
    // The hash of several frames is over all of them, one after the other.
    std::vector<std::int32_t> stored = picture.stored;
    for (int frame = 2; frame <= picture.frames; ++frame) {
      const Picture next = read_dicom(*folder / "files" / file, frame);
      stored.insert(stored.end(), next.stored.begin(), next.stored.end());
    }
    const std::string hash = stored.empty() ? first_32_hex(picture.float_values) : first_32_hex(stored);
    // Another JPEG library than the set's may round a lossy file otherwise: one unit, in the figures below.
    if (!is_lossy) CHECK(hash == index.text(row, "stored_sha256_32"));
    if (is_lossy && hash == index.text(row, "stored_sha256_32")) ++n_lossy_equal;
    if (index.text(row, "modality_min").empty()) continue;  // a segmentation has none
    const std::vector<double> modality = modality_values(picture);
    const double slack = is_lossy ? std::abs(picture.slope) : 1e-6;
    CHECK(*std::ranges::min_element(modality) ==
          Approx(index.number(row, "modality_min")).margin(slack));
    CHECK(*std::ranges::max_element(modality) ==
          Approx(index.number(row, "modality_max")).margin(slack));
    CHECK(mean(modality) == Approx(index.number(row, "modality_mean")).margin(slack));
  }
  WARN(fmt::format("{} lossless files equal; of {} lossy ones {} equal to the bit", n_lossless, n_lossy,
                   n_lossy_equal));
  CHECK(n_lossless + n_lossy == (index.rows().size() == 75 ? 67 : static_cast<int>(index.rows().size())));
}

TEST_CASE("every display of the public set is equal to the bit, lossy ones within one stored unit",
          "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom", 313);
  if (!folder) return;
  const Table index(*folder / "index.csv");
  std::map<std::string, bool> is_lossy;
  for (const CsvRow& row : index.rows()) {
    is_lossy[index.text(row, "file")] = index.text(row, "lossy") == "yes";
  }
  const Table displays(*folder / "display.csv");
  std::map<std::string, Picture> pictures;
  int n_equal = 0;
  int n_near = 0;
  for (const CsvRow& row : displays.rows()) {
    const std::string& file = displays.text(row, "file");
    INFO(file << " display " << displays.text(row, "k"));
    if (!pictures.contains(file)) pictures[file] = read_dicom(*folder / "files" / file);
    const Picture& picture = pictures.at(file);
    CHECK(picture.is_inverted == (displays.text(row, "inverted") == "1"));
    const WindowChoice choice = choice_of(displays, row);
    const std::vector<std::uint8_t> bytes = display_u8(picture, choice);
    double sum = 0;
    for (const std::uint8_t v : bytes) sum += v;
    const double mean8 = sum / static_cast<double>(bytes.size());
    const std::vector<double> exact = display_values(picture, choice);
    if (is_lossy.at(file) && first_32_hex(bytes) != displays.text(row, "sha256_32")) {
      CHECK(std::abs(mean8 - displays.number(row, "mean8")) <= 0.5);
      check_samples(displays.text(row, "samples"), picture, exact, one_unit(displays, row, picture));
      ++n_near;
      continue;
    }
    CHECK(first_32_hex(bytes) == displays.text(row, "sha256_32"));
    CHECK(mean8 == Approx(displays.number(row, "mean8")).margin(1e-5));
    check_samples(displays.text(row, "samples"), picture, exact, 0);
    ++n_equal;
  }
  WARN(fmt::format("{} of {} displays equal to the bit, {} lossy ones near", n_equal, displays.rows().size(), n_near));
  CHECK(n_equal + n_near == static_cast<int>(displays.rows().size()));
}

TEST_CASE("the file's own windows and LUTs come in the order of the set's displays",
          "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom", 1);
  if (!folder) return;
  const Table displays(*folder / "display.csv");
  int n = 0;
  for (const CsvRow& row : displays.rows()) {
    if (displays.text(row, "k") != "0") continue;
    const Picture picture = read_dicom(*folder / "files" / displays.text(row, "file"));
    INFO(displays.text(row, "file"));
    if (displays.text(row, "kind") == "window" && picture.float_values.empty()) {
      REQUIRE_FALSE(picture.windows.empty());
      CHECK(picture.windows[0].centre == displays.number(row, "center"));
      CHECK(picture.windows[0].width == displays.number(row, "width"));
      CHECK(window_function_name(picture.windows[0].function) == displays.text(row, "function"));
      ++n;
    }
  }
  CHECK(n > (displays.rows().size() == 313 ? 30 : 10));
}

TEST_CASE("colour pictures of the public set are refused by name", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom", 8);
  if (!folder) return;
  const Table index(*folder / "index.csv");
  if (index.rows().size() < 75) return;  // the part that travels has no colour
  int n = 0;
  for (const CsvRow& row : index.rows()) {
    if (is_grey(index.text(row, "photometric"))) continue;
    INFO(index.text(row, "file"));
    try {
      read_dicom(*folder / "files" / index.text(row, "file"));
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      CHECK(error.where.find("(0028,0004)") != std::string::npos);
      CHECK_FALSE(error.remedy.empty());
    }
    ++n;
  }
  CHECK(n == 8);
}

TEST_CASE("text burned into the pixels is said where the header admits it", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom/files", 1);
  if (!folder) return;
  const auto warns = [&](const char* file) {
    const Picture picture = read_dicom(*folder / file);
    return std::ranges::any_of(picture.warnings,
                               [](const std::string& w) { return w.find("burned into") != std::string::npos; });
  };
  CHECK(warns("derived_burned_in.dcm"));
  CHECK_FALSE(warns("CT_small.dcm"));
}

TEST_CASE("each damaged or hostile file has its verdict", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom/broken", 62);
  if (!folder) return;
  const Table expected(*folder / "expected.csv");
  CHECK(expected.rows().size() == 62);
  for (const CsvRow& row : expected.rows()) {
    const std::string& file = expected.text(row, "file");
    const std::string& verdict = expected.text(row, "verdict");
    INFO(file << ": " << expected.text(row, "note"));
    std::string answer = "accept";
    try {
      const Picture picture = read_dicom(*folder / file);
      CHECK(picture.stored.size() ==
            static_cast<std::size_t>(picture.rows) * static_cast<std::size_t>(picture.cols));
      display_u8(picture);
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      CHECK(error.where.find(file) != std::string::npos);
      INFO(error.what());
      answer = "refuse";
    }
    if (verdict != "either") CHECK(answer == verdict);
  }
}

TEST_CASE("windows that cannot be used are left out with a warning", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom/broken", 5);
  if (!folder) return;
  for (const char* file :
       {"window_zero.dcm", "window_negative.dcm", "window_text.dcm", "window_count_mismatch.dcm"}) {
    INFO(file);
    const Picture picture = read_dicom(*folder / file);
    CHECK(picture.windows.empty());
    CHECK_FALSE(picture.warnings.empty());
  }
}

TEST_CASE("frames of a multi-frame file are chosen by number", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom/files", 3);
  if (!folder) return;
  // The same ten slices in three encodings; the native one is checked against the set above.
  for (const int frame : {1, 2, 10}) {
    const Picture native = read_dicom(*folder / "emri_small.dcm", frame);
    CHECK(native.frame == frame);
    CHECK(native.frames == 10);
    for (const char* file : {"emri_small_RLE.dcm", "emri_small_jpeg_ls_lossless.dcm"}) {
      INFO(file << " frame " << frame);
      CHECK(read_dicom(*folder / file, frame).stored == native.stored);
    }
  }
  CHECK(read_dicom(*folder / "emri_small.dcm", 1).stored !=
        read_dicom(*folder / "emri_small.dcm", 2).stored);
  CHECK_THROWS_AS(read_dicom(*folder / "emri_small.dcm", 0), Error);
  CHECK_THROWS_AS(read_dicom(*folder / "emri_small.dcm", 11), Error);
}

TEST_CASE("spacing and aspect ratio are vertical over horizontal", "[data][dicom][golden]") {
  const auto folder = test::shared("public/dicom/files", 2);
  if (!folder) return;
  const Picture wide = read_dicom(*folder / "derived_anisotropic.dcm");
  CHECK(wide.spacing.vertical_mm == 0.3);
  CHECK(wide.spacing.horizontal_mm == 0.9);
  CHECK(wide.spacing.aspect == Approx(1.0 / 3));
  CHECK_FALSE(wide.spacing.is_detector);
}

TEST_CASE("the 24 chest films display as they did when the model's logits were made",
          "[data][dicom][golden]") {
  const auto folder = test::shared("public/cxr", 24);
  if (!folder) return;
  const Table golden(*folder / "golden_logits_dicom.csv");
  for (const CsvRow& row : golden.rows()) {
    const Picture picture = load_picture(*folder / "dicom" / golden.text(row, "file"));
    const std::vector<std::uint8_t> bytes = display_u8(picture);
    double sum = 0;
    for (const std::uint8_t v : bytes) sum += v;
    INFO(golden.text(row, "file"));
    CHECK(sum / static_cast<double>(bytes.size()) ==
          Approx(golden.number(row, "display8_mean")).margin(1e-4));
    CHECK(picture.spacing.is_detector);
  }
  CHECK(golden.rows().size() == 24);
}
