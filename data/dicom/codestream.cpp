#include "data/dicom/codestream.h"

#include <algorithm>
#include <cstddef>

namespace rationale {
namespace {

int byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

bool is_frame_header(int marker) {
  const bool is_table = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
  return (marker >= 0xC0 && marker <= 0xCF && !is_table) || marker == 0xF7;
}

/// False for TEM, RSTn, SOI, EOI and what is reserved: they have no place before a scan, and DCMTK 3.6 walks on the
/// spot for ever when it meets a TEM.
bool has_length(int marker) { return marker >= 0xC0 && (marker < 0xD0 || marker > 0xD9); }

/// Where the first marker segment that `is_wanted` begins (at its FF); its length fits. No further than the scan.
template <typename Wanted>
std::optional<std::size_t> find_segment(std::string_view bytes, const Wanted& is_wanted) {
  if (!bytes.starts_with("\xFF\xD8")) return std::nullopt;
  std::size_t at = 2;
  while (bytes.size() - at >= 4) {
    if (byte(bytes, at) != 0xFF) return std::nullopt;
    const int marker = byte(bytes, at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (!has_length(marker)) return std::nullopt;
    const auto length = static_cast<std::size_t>(byte(bytes, at + 2) * 256 + byte(bytes, at + 3));
    if (length < 2 || length > bytes.size() - at - 2) return std::nullopt;
    if (is_wanted(marker)) return at;
    if (marker == 0xDA) return std::nullopt;  // the compressed data follow
    at += 2 + length;
  }
  return std::nullopt;
}

std::uint64_t big_endian32(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<std::uint64_t>(byte(bytes, at + i));
  }
  return value;
}

/// The codestream in a JP2 file: the content of its first box of that kind; empty if there is none.
std::string_view unboxed(std::string_view bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= 8) {
    const std::uint64_t length = big_endian32(bytes, at);  // 1: in the 8 bytes after the kind
    if (bytes.substr(at + 4, 4) == "jp2c") {
      return bytes.substr(std::min(bytes.size(), at + (length == 1 ? 16 : 8)));
    }
    if (length < 8 || length > bytes.size() - at) return {};
    at += length;
  }
  return {};
}

}  // namespace

std::optional<Codestream> read_codestream(std::string_view bytes) {
  const auto found = find_segment(bytes, is_frame_header);
  if (!found) return std::nullopt;
  const std::size_t at = *found;
  const auto word = [&](std::size_t i) {
    return byte(bytes, at + i) * 256 + byte(bytes, at + i + 1);
  };
  if (word(2) < 8) return std::nullopt;
  // Markers cannot appear inside the compressed data (bytes or bits are stuffed), so the last one after the header
  // tells a whole stream from a cut one.
  const std::size_t end = bytes.rfind("\xFF\xD9");
  return Codestream{.precision = byte(bytes, at + 4),
                    .rows = word(5),
                    .cols = word(7),
                    .components = byte(bytes, at + 9),
                    .is_jpeg_ls = byte(bytes, at + 1) == 0xF7,
                    .is_complete = end != std::string_view::npos && end > at};
}

std::string with_preset_parameters(std::string stream) {
  constexpr int kFrame = 0xF7, kPreset = 0xF8, kScan = 0xDA;
  const auto frame = find_segment(stream, [](int marker) { return marker == kFrame; });
  const auto preset = find_segment(stream, [](int marker) { return marker == kPreset; });
  if (!frame || preset) return stream;
  const int precision = byte(stream, *frame + 4);
  const auto scan = find_segment(stream, [](int marker) { return marker == kScan; });
  if (precision < 2 || precision > 7 || !scan) return stream;
  // SOS: marker, length (2 each), number of components n (1), 2n bytes, NEAR.
  const std::size_t near_at = *scan + 5 + 2 * static_cast<std::size_t>(byte(stream, *scan + 4));
  if (near_at >= stream.size()) return stream;
  const int near = byte(stream, near_at);
  const int largest = (1 << precision) - 1;
  const int factor = 256 / (largest + 1);
  const auto threshold = [&](int basic, int step, int least, int lower) {
    const int value = std::max(least, basic / factor + step * near);
    return value > largest || value < lower ? lower : value;
  };
  const int t1 = threshold(3, 3, 2, near + 1);
  const int t2 = threshold(7, 5, 3, t1);
  const int t3 = threshold(21, 7, 4, t2);
  std::string segment("\xFF\xF8\x00\x0D\x01", 5);
  for (const int value : {largest, t1, t2, t3, 64}) {
    segment += static_cast<char>(value >> 8);
    segment += static_cast<char>(value & 0xFF);
  }
  return stream.insert(*scan, segment);
}

std::optional<Jpeg2000Size> read_jpeg2000_size(std::string_view bytes) {
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "jP  ") bytes = unboxed(bytes);
  // SOC, SIZ, then length, capabilities (2 each), four extents, four of the tiles (4 each), components (2).
  if (bytes.size() < 42 || !bytes.starts_with("\xFF\x4F\xFF\x51")) return std::nullopt;
  const auto extent = [&](std::size_t i) { return big_endian32(bytes, 8 + 4 * i); };
  const std::uint64_t right = extent(0), bottom = extent(1), left = extent(2), top = extent(3);
  const std::uint64_t tile_cols = extent(4), tile_rows = extent(5), tile_left = extent(6), tile_top = extent(7);
  if (right <= left || bottom <= top || tile_cols == 0 || tile_rows == 0 || tile_left > left ||
      tile_top > top) {
    return std::nullopt;
  }
  const auto tiles = [](std::uint64_t size, std::uint64_t tile) { return (size + tile - 1) / tile; };
  return Jpeg2000Size{.rows = bottom - top,
                      .cols = right - left,
                      .n_tiles = tiles(right - tile_left, tile_cols) * tiles(bottom - tile_top, tile_rows),
                      .components = byte(bytes, 40) * 256 + byte(bytes, 41)};
}

}  // namespace rationale
