#include "data/dicom/codestream.h"

#include <string>

#include "tests/support/catch.h"

using namespace rationale;

namespace {

// SOI, one comment of two bytes, SOF3 (lossless) of 12 bits, 5 x 7, one component, and EOI.
const std::string kLossless(
    "\xFF\xD8\xFF\xFE\x00\x04hi\xFF\xC3\x00\x0B\x0C\x00\x05\x00\x07\x01\x00\x11\x00\xFF\xD9", 23);

}  // namespace

TEST_CASE("size, precision and end of a JPEG codestream are read from its markers",
          "[data][dicom]") {
  const auto facts = read_codestream(kLossless);
  REQUIRE(facts.has_value());
  CHECK(facts->precision == 12);
  CHECK(facts->rows == 5);
  CHECK(facts->cols == 7);
  CHECK(facts->components == 1);
  CHECK(facts->is_complete);
  const auto cut = read_codestream(kLossless.substr(0, 21));
  REQUIRE(cut.has_value());
  CHECK_FALSE(cut->is_complete);
}

TEST_CASE("bytes that are no codestream, or end before the frame header, give nothing",
          "[data][dicom]") {
  for (std::size_t n = 0; n < 18; ++n) CHECK_FALSE(read_codestream(kLossless.substr(0, n)));
  CHECK_FALSE(read_codestream("not a codestream at all"));
  CHECK_FALSE(read_codestream(std::string("\xFF\xD8\xFF\xFF\xFF\xFF", 6)));
}
