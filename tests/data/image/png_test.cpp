#include "data/image/png.h"

#include <cstdint>
#include <vector>

#include "data/base/error.h"
#include "data/image/window.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

// One line of eight 1-bit grey pixels, 10100101: written by Python's zlib and struct, not by
// libpng.
const unsigned char kOneBit[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00,
    0x00, 0xcb, 0x7b, 0xd2, 0xee, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x58, 0x0a, 0x00, 0x00, 0xa7, 0x00, 0xa6, 0xe5, 0xb9, 0xc5, 0xe2, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

std::string_view one_bit() { return {reinterpret_cast<const char*>(kOneBit), sizeof(kOneBit)}; }

}  // namespace

TEST_CASE("a 1-bit PNG is expanded to 0 and 255", "[data][png]") {
  const Picture picture = parse_png(one_bit(), "one-bit");
  CHECK(picture.rows == 1);
  CHECK(picture.cols == 8);
  CHECK(picture.bits_stored == 8);
  CHECK(picture.stored == std::vector<std::int32_t>{255, 0, 255, 0, 0, 255, 0, 255});
}

TEST_CASE("8 and 16 bits come back as written, and display is v / 255 and v / 65535", "[data][png]") {
  const std::vector<std::uint8_t> bytes{0, 1, 127, 128, 254, 255};
  const Picture eight = parse_png(encode_png_grey8(2, 3, bytes), "8");
  CHECK(eight.rows == 2);
  CHECK(eight.cols == 3);
  CHECK(display_u8(eight) == bytes);

  const std::vector<std::uint16_t> words{0, 1, 256, 32768, 65534, 65535};
  const Picture sixteen = parse_png(encode_png_grey16(3, 2, words), "16");
  CHECK(sixteen.bits_stored == 16);
  const std::vector<double> modality = modality_values(sixteen);
  const std::vector<double> display = display_values(sixteen);
  for (std::size_t i = 0; i < words.size(); ++i) {
    CHECK(modality[i] == words[i]);
    CHECK(display[i] == Approx(words[i] / 65535.0).margin(1e-15));
  }
}

TEST_CASE("a colour PNG is accepted only if it is grey everywhere", "[data][png]") {
  const std::vector<std::uint8_t> grey{9, 9, 9, 200, 200, 200};
  CHECK(parse_png(encode_png_rgb8(1, 2, grey), "grey").stored == std::vector<std::int32_t>{9, 200});
  const std::vector<std::uint8_t> tinted{9, 9, 9, 200, 201, 200};
  CHECK_THROWS_AS(parse_png(encode_png_rgb8(1, 2, tinted), "tinted"), Error);
}

TEST_CASE("every cut and every changed byte of a PNG is refused or read, never worse",
          "[data][png]") {
  const std::string whole = encode_png_grey8(4, 4, std::vector<std::uint8_t>(16, 77));
  for (std::size_t n = 0; n + 12 < whole.size(); ++n) {  // without all of IEND
    CHECK_THROWS_AS(parse_png(whole.substr(0, n), "cut"), Error);
  }
  for (std::size_t i = 8; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x55);
    try {
      const Picture picture = parse_png(changed, "changed");
      CHECK(picture.stored.size() ==
            static_cast<std::size_t>(picture.rows) * static_cast<std::size_t>(picture.cols));
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
    }
  }
}

TEST_CASE("a PNG that claims a million by a million pixels is refused before memory is taken",
          "[data][png]") {
  std::string bytes(one_bit());
  // The header's CRC no longer fits; either check may answer, and both refuse.
  bytes[17] = 0x0f;
  bytes[21] = 0x0f;
  CHECK_THROWS_AS(parse_png(bytes, "huge"), Error);
}

TEST_CASE("written PNGs carry no text and no time", "[data][png]") {
  const std::string bytes = encode_png_grey8(1, 1, std::vector<std::uint8_t>{0});
  for (const char* chunk : {"tEXt", "iTXt", "zTXt", "tIME", "eXIf"}) {
    CHECK(bytes.find(chunk) == std::string::npos);
  }
}
