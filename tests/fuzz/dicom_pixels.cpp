#include <algorithm>
#include <array>
#include <string>

#include "data/dicom/read_dicom.h"
#include "tests/data/dicom/made_file.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {
namespace {

using namespace rationale::test;

constexpr std::array<const char*, 13> kSyntaxes = {
    "1.2.840.10008.1.2",      "1.2.840.10008.1.2.1",    "1.2.840.10008.1.2.2",    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5",    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91"};
constexpr std::size_t kDeflated = 3, kFirstCompressed = 4;

/// One frame a fragment, or a frame in two fragments.
std::string encapsulated(std::string_view stream, std::size_t n_fragments) {
  std::string bytes = element(0x7FE0, 0x10, "OB", "");
  bytes.replace(bytes.size() - 4, 4, "\xFF\xFF\xFF\xFF");
  bytes += implicit_header(0xFFFE, 0xE000, 0);  // an empty offset table
  for (std::size_t i = 0; i < n_fragments; ++i) {
    const std::size_t begin = stream.size() * i / n_fragments;
    const std::string_view part = stream.substr(begin, stream.size() * (i + 1) / n_fragments - begin);
    bytes += implicit_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(part.size())) + std::string(part);
  }
  return bytes + implicit_header(0xFFFE, 0xE0DD, 0);
}

}  // namespace

/// Bytes: syntax, rows (2), columns (2), bits allocated, bits stored, high bit, flags, frames; then the stream.
/// Flags: 1 signed, 2 MONOCHROME1, 4 two fragments, 8 three samples (with 2: YBR_FULL_422).
bool dicom_pixels(std::string_view bytes) {
  if (bytes.size() < 10) return false;
  const auto byte = [&](std::size_t i) { return int{static_cast<unsigned char>(bytes[i])}; };
  const std::size_t syntax = static_cast<std::size_t>(byte(0)) % kSyntaxes.size();
  const int flags = byte(8);
  const int n_frames = std::max(1, byte(9) % 5);
  GreyFile file;
  file.rows = (byte(1) | byte(2) << 8) % 2049;
  file.cols = (byte(3) | byte(4) << 8) % 2049;
  file.allocated = byte(5) % 33;
  file.stored = byte(6) % 33;
  file.high_bit = byte(7) % 33;
  file.representation = flags & 1;
  if ((flags & 2) != 0) file.photometric = "MONOCHROME1";
  if ((flags & 8) != 0) file.photometric = (flags & 2) != 0 ? "YBR_FULL_422" : "RGB";
  file.before = element(0x28, 8, "IS", std::to_string(n_frames));
  const std::string_view stream = bytes.substr(10);
  file.pixels = std::string(stream);
  std::string data_set = file.data_set();
  if ((flags & 8) != 0) {  // GreyFile says one sample a pixel
    data_set.replace(data_set.find(us(0x28, 2, 1)), us(0x28, 2, 1).size(), us(0x28, 2, 3));
  }
  if (syntax >= kFirstCompressed) {
    data_set.resize(data_set.size() - element(0x7FE0, 0x10, file.pixel_vr, file.pixels).size());
    data_set += encapsulated(stream, static_cast<std::size_t>((flags & 4) != 0 ? 2 * n_frames : n_frames));
  }
  const std::string whole = dicom_file(syntax == kDeflated ? std::string(stream) : data_set, kSyntaxes[syntax]);
  const auto reads = [&](int frame) {
    return is_accepted([&] { check_picture(parse_dicom(whole, "fuzz", frame, Colour::kToGrey)); });
  };
  const bool is_read = reads(1);
  return n_frames > 1 ? reads(n_frames) || is_read : is_read;
}

}  // namespace rationale::fuzz
