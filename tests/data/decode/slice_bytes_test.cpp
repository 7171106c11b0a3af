#include "data/decode/slice_bytes.h"

#include <cmath>
#include <limits>
#include <random>

#include "data/base/error.h"
#include "tests/data/decode/forged.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

std::vector<Slice> two_slices() {
  Slice whole;
  whole.series = "1.2.840.7";
  whole.rows = 512;
  whole.cols = 256;
  whole.spacing = {0.7, 0.6, 0.7 / 0.6, true};
  whole.position = Vector3{-120.5, 80, -1e3};
  whole.along_row = Vector3{1, 0, 0};
  whole.along_column = Vector3{0, 0.6, -0.8};
  Slice bare;
  bare.frame = 2;
  bare.rows = bare.cols = 1;
  return {whole, bare};
}

std::string refusal(const std::string& bytes) { return test::refusal_by(slices_from_bytes, bytes); }

}  // namespace

TEST_CASE("Slices come back from their bytes as they went, under the asker's name for the file", "[data][decode]") {
  const std::vector<Slice> got = slices_from_bytes(slice_bytes(two_slices()), "folder/x.dcm");
  REQUIRE(got.size() == 2);
  CHECK(got[0].file == "folder/x.dcm");
  CHECK(got[0].series == "1.2.840.7");
  CHECK(got[0].position == Vector3{-120.5, 80, -1e3});
  CHECK(got[0].along_column == Vector3{0, 0.6, -0.8});
  CHECK_FALSE(got[1].position);
  CHECK_FALSE(got[1].along_row);
  CHECK(slice_bytes(got) == slice_bytes(two_slices()));  // and so do the fields that are not listed here
}

TEST_CASE("Bytes that are no slices are refused", "[data][decode]") {
  const std::string whole = slice_bytes(two_slices());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n);
    CHECK(refusal(whole.substr(0, n)) == "decoder_forged");
  }
  CHECK(refusal(whole + "x") == "decoder_forged");
  CHECK(refusal(slice_bytes({})) == "decoder_forged");
  const auto changed = [](const auto& change) {
    std::vector<Slice> slices = two_slices();
    change(slices[0]);
    return refusal(slice_bytes(slices));
  };
  CHECK(changed([](Slice& s) { s.frame = 2; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.rows = 0; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.cols = 65536; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.spacing.vertical_mm = NAN; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.spacing.aspect = 0; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { (*s.position)[2] = INFINITY; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { (*s.along_column)[0] = NAN; }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.series.assign(70000, '1'); }) == "decoder_forged");
  CHECK(changed([](Slice& s) { s.rows = 65535; }) == "taken");
  std::string many(8, '\0');  // a list as long as eight bytes can say
  many.back() = '\x7F';
  CHECK(refusal(many) == "decoder_forged");
}

TEST_CASE("Bytes of slices changed anywhere give sound slices or a refusal", "[data][decode]") {
  const std::string whole = slice_bytes(two_slices());
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      for (const Slice& slice : slices_from_bytes(bytes, "")) CHECK((slice.rows >= 1 && slice.cols >= 1));
    } catch (const Error& error) {
      CHECK(error.code == "decoder_forged");
    }
  }
}
