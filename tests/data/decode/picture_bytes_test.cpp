#include "data/decode/picture_bytes.h"

#include <cmath>
#include <limits>
#include <random>

#include "data/base/error.h"
#include "tests/data/decode/forged.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

Picture full_picture() {
  Picture p;
  p.rows = 2;
  p.cols = 3;
  p.stored = {-1024, 0, 5, 4095, 17, -1};
  p.padding = {0, 1, 0, 0, 0, 1};
  p.slope = 0.1;
  p.intercept = -1024.25;
  p.modality_lut = {-3, 12, {1, 2, 4095}};
  p.is_stored_signed = true;
  p.is_modality_signed = true;
  p.windows = {{40, 400, WindowFunction::kSigmoid, "SOFT"}, {1.5, 1, WindowFunction::kLinear, ""}};
  p.voi_luts = {{0, 8, {0, 255}}, {5, 16, {9}}};
  p.is_inverted = true;
  p.is_monochrome1 = true;
  p.spacing = {0.14, 0.15, 0.14 / 0.15, true};
  p.bits_stored = 13;
  p.frames = 9;
  p.frame = 4;
  p.format = "dicom";
  p.photometric = "MONOCHROME1";
  p.transfer_syntax = "1.2.840";
  p.view_position = "PA";
  p.is_lossy = true;
  p.warnings = {"a", ""};
  return p;
}

std::string refusal(const std::string& bytes) { return test::refusal_by(picture_from_bytes, bytes); }

}  // namespace

TEST_CASE("A picture comes back from its bytes as it went", "[data][decode]") {
  const Picture p = full_picture();
  const Picture q = picture_from_bytes(picture_bytes(p), "");
  CHECK(q.stored == p.stored);
  CHECK(q.padding == p.padding);
  CHECK(q.modality_lut.data == p.modality_lut.data);
  CHECK(q.modality_lut.first == -3);
  CHECK(q.windows.size() == 2);
  CHECK(q.windows[0].function == WindowFunction::kSigmoid);
  CHECK(q.windows[0].explanation == "SOFT");
  CHECK(q.voi_luts[1].data == p.voi_luts[1].data);
  CHECK(q.spacing.aspect == p.spacing.aspect);
  CHECK(q.spacing.is_detector);
  CHECK(q.slope == 0.1);
  CHECK(q.view_position == "PA");
  CHECK(q.warnings == p.warnings);
  CHECK(picture_bytes(q) == picture_bytes(p));  // and so do the fields that are not listed here

  Picture wide = p;  // more than 16 bits between the ends
  wide.stored = {std::numeric_limits<std::int32_t>::min(), 0, 1, 2, 3, std::numeric_limits<std::int32_t>::max()};
  CHECK(picture_from_bytes(picture_bytes(wide), "").stored == wide.stored);
  wide.stored = {65535, 0, 1, 2, 3, 4};
  CHECK(picture_from_bytes(picture_bytes(wide), "").stored == wide.stored);
  wide.stored.clear();
  wide.float_values = {0.5, -1e30, 0, 1, 2, 3};
  CHECK(picture_from_bytes(picture_bytes(wide), "").float_values == wide.float_values);
}

TEST_CASE("Bytes that are no picture are refused before memory is taken", "[data][decode]") {
  const std::string whole = picture_bytes(full_picture());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK(refusal(whole.substr(0, n)) == "decoder_forged");
  }
  CHECK(refusal(whole + "x") == "decoder_forged");
  const auto changed = [](const auto& change) {
    Picture p = full_picture();
    change(p);
    return picture_bytes(p);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal(changed([](Picture& p) { p.rows = 65536; p.cols = 65536; })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.rows = -2; p.cols = -3; })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.stored.clear(); })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.padding = {1}; })) == "decoder_forged");
  CHECK(refusal(changed([&](Picture& p) { p.slope = nan; })) == "decoder_forged");
  CHECK(refusal(changed([&](Picture& p) { p.intercept = INFINITY; })) == "decoder_forged");
  CHECK(refusal(changed([&](Picture& p) { p.spacing.aspect = -1; })) == "decoder_forged");
  CHECK(refusal(changed([&](Picture& p) { p.windows[0].width = nan; })) == "decoder_forged");
  CHECK(refusal(changed([&](Picture& p) { p.windows[1].width = 0.5; })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.windows[0].function = static_cast<WindowFunction>(9); })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.voi_luts[0].bits = 64; })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.frame = 10; })) == "decoder_forged");
  CHECK(refusal(changed([](Picture& p) { p.stored.clear(); p.float_values = std::vector<double>(6, NAN); })) == "decoder_forged");
}

TEST_CASE("Bytes changed anywhere give a sound picture or a refusal", "[data][decode]") {
  const std::string whole = picture_bytes(full_picture());
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      const Picture p = picture_from_bytes(bytes, "");
      CHECK(p.stored.size() + p.float_values.size() == static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(p.cols));
    } catch (const Error& error) {
      CHECK(error.code == "decoder_forged");
    }
  }
}
