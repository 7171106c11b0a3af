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
  CHECK_FALSE(facts->is_jpeg_ls);
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

TEST_CASE("markers that have no place before the frame header give nothing", "[data][dicom]") {
  for (const int marker : {0x01, 0x02, 0xBF, 0xD0, 0xD8, 0xD9}) {
    INFO(marker);
    std::string changed = kLossless;
    changed[3] = static_cast<char>(marker);  // in place of the comment's, whose length would fit
    CHECK_FALSE(read_codestream(changed));
  }
  std::string lossless_ls = kLossless;
  lossless_ls[9] = '\xF7';
  REQUIRE(read_codestream(lossless_ls));
  CHECK(read_codestream(lossless_ls)->is_jpeg_ls);
}

TEST_CASE("a JPEG-LS stream of 7 bits gets the standard's own parameters stated", "[data][dicom]") {
  // SOI, SOF55 of 7 bits, SOS without loss, EOI. ISO 14495-1 C.2.4.1.1 for MAXVAL 127: FACTOR 2, thresholds
  // max(2, 3/2), max(3, 7/2), max(4, 21/2), RESET 64.
  const std::string frame("\xFF\xF7\x00\x0B\x07\x00\x01\x00\x01\x01\x01\x11\x00", 13);
  const std::string scan("\xFF\xDA\x00\x08\x01\x01\x00\x00\x00\x00", 10);
  const std::string preset("\xFF\xF8\x00\x0D\x01\x00\x7F\x00\x02\x00\x03\x00\x0A\x00\x40", 15);
  const std::string start("\xFF\xD8"), end("\x00\xFF\xD9", 3);
  CHECK(with_preset_parameters(start + frame + scan + end) == start + frame + preset + scan + end);
  // Stated already, or of 8 bits, or no JPEG-LS: as it is.
  const std::string stated = start + frame + preset + scan + end;
  CHECK(with_preset_parameters(stated) == stated);
  std::string eight = start + frame + scan + end;
  eight[6] = 8;
  CHECK(with_preset_parameters(eight) == eight);
  CHECK(with_preset_parameters(kLossless) == kLossless);
  CHECK(with_preset_parameters("").empty());
}

TEST_CASE("the size and the tiles of a JPEG 2000 codestream are read before a decoder makes room for them",
          "[data][dicom]") {
  // SOC, SIZ: 20 x 24 pixels from (4, 0), tiles of 8 x 8, one component.
  const auto word = [](int value) {
    return std::string{0, 0, static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
  };
  const std::string head = std::string("\xFF\x4F\xFF\x51\x00\x29\x00\x00", 8);
  const std::string tail = std::string("\x00\x01\x07\x01\x01", 5);
  const auto stream = [&](int right, int bottom, int tile) {
    return head + word(right) + word(bottom) + word(4) + word(0) + word(tile) + word(tile) + word(0) + word(0) + tail;
  };
  const auto size = read_jpeg2000_size(stream(24, 24, 8));
  REQUIRE(size.has_value());
  CHECK(size->cols == 20);
  CHECK(size->rows == 24);
  CHECK(size->n_tiles == 9);
  CHECK(size->components == 1);
  CHECK_FALSE(read_jpeg2000_size(stream(4, 24, 8)));   // no columns
  CHECK_FALSE(read_jpeg2000_size(stream(24, 24, 0)));  // tiles of nothing
  for (std::size_t n = 0; n < 42; ++n) CHECK_FALSE(read_jpeg2000_size(stream(24, 24, 8).substr(0, n)));
  const std::string box = std::string("\0\0\0\x0CjP  \r\n\x87\n", 12) + std::string("\0\0\0\0jp2c", 8);
  CHECK(read_jpeg2000_size(box + stream(24, 24, 8))->n_tiles == 9);
  CHECK_FALSE(read_jpeg2000_size(box));
}
