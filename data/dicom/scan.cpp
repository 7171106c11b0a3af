#include "data/dicom/scan.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctag.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "data/base/error.h"

namespace rationale {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxElements = std::size_t{1} << 22;
constexpr std::uint32_t kUndefined = 0xFFFFFFFF;

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, 64)) result += c >= 0x20 && c < 0x7F ? c : '?';
  return result;
}

/// Reads numbers of one byte order from bytes; every read is checked.
class Bytes {
 public:
  Bytes(std::string_view data, const std::string& name) : data_(data), name_(name) {}

  std::size_t size() const { return data_.size(); }
  std::string_view part(std::size_t at, std::size_t n) const { return data_.substr(at, n); }

  [[noreturn]] void refuse(const std::string& what, const std::string& where,
                           const std::string& remedy = "export or copy the file again") const {
    throw Error(Error::Kind::kInput, what, where.empty() ? name_ : name_ + ", " + where, remedy)
        .with_code("bad_dicom");
  }

  std::uint16_t u16(std::size_t at, bool is_big_endian) const {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(data_[i]); };
    const unsigned value =
        is_big_endian ? byte(at) * 256U + byte(at + 1) : byte(at + 1) * 256U + byte(at);
    return static_cast<std::uint16_t>(value);
  }
  std::uint32_t u32(std::size_t at, bool is_big_endian) const {
    const std::uint32_t first = u16(at, is_big_endian);
    const std::uint32_t second = u16(at + 2, is_big_endian);
    return is_big_endian ? first << 16 | second : second << 16 | first;
  }

 private:
  std::string_view data_;
  const std::string& name_;
};

struct Encoding {
  bool is_implicit = false;
  bool is_big_endian = false;
};

struct Header {
  std::uint16_t group = 0, element = 0;
  std::string_view vr;  // empty: none in this encoding
  std::uint32_t length = 0;
  std::size_t value = 0;  // where it begins
};

std::string tag_text(const Header& header) {
  const DcmTagKey key(header.group, header.element);
  const DcmTag tag(key);
  const std::string name = const_cast<DcmTag&>(tag).getTagName();
  return fmt::format("({:04X},{:04X}) {}", header.group, header.element, name);
}

bool has_long_length(const Bytes& bytes, std::string_view vr, std::size_t at) {
  for (const char* known :
       {"OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UN", "UC", "UR", "UT", "SV", "UV"}) {
    if (vr == known) return true;
  }
  for (const char* known : {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO",
                            "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}) {
    if (vr == known) return false;
  }
  bytes.refuse(
      fmt::format("no DICOM element at byte {} of the data set (value representation \"{}\")", at,
                  printable(vr)),
      "");
}

/// @pre 8 bytes are there
Header read_header(const Bytes& bytes, std::size_t at, Encoding encoding, std::size_t limit) {
  Header header;
  header.group = bytes.u16(at, encoding.is_big_endian);
  header.element = bytes.u16(at + 2, encoding.is_big_endian);
  header.value = at + 8;
  if (encoding.is_implicit || header.group == 0xFFFE) {
    header.length = bytes.u32(at + 4, encoding.is_big_endian);
    return header;
  }
  header.vr = bytes.part(at + 4, 2);
  if (!has_long_length(bytes, header.vr, at)) {
    header.length = bytes.u16(at + 6, encoding.is_big_endian);
    return header;
  }
  if (limit - at < 12)
    bytes.refuse("the file is cut off inside an element's header", tag_text(header));
  header.length = bytes.u32(at + 8, encoding.is_big_endian);
  header.value = at + 12;
  return header;
}

/// The fragments of an encapsulated value that begins at `at`; returns where it ends.
std::size_t read_fragments(const Bytes& bytes, std::size_t at, const Header& owner,
                           Encoding encoding, std::size_t limit,
                           std::vector<std::string_view>* fragments) {
  std::size_t count = 0;
  while (true) {
    if (limit - at < 8) bytes.refuse("compressed pixel data are cut off", tag_text(owner));
    const Header item = read_header(bytes, at, encoding, limit);
    if (item.group == 0xFFFE && item.element == 0xE0DD) return item.value;
    if (item.group != 0xFFFE || item.element != 0xE000 || item.length > limit - item.value) {
      bytes.refuse("the fragments of compressed pixel data do not fit together", tag_text(owner));
    }
    if (++count > kMaxElements) bytes.refuse("too many fragments", tag_text(owner));
    if (fragments != nullptr) fragments->push_back(bytes.part(item.value, item.length));
    at = item.value + item.length;
  }
}

/// Something that contains elements: the data set, a sequence, an item.
struct Level {
  bool is_sequence = false;
  bool is_open = false;  // ends with a delimiter instead of after a stated length
  std::size_t end = 0;   // stated, or that of what holds it
  Encoding encoding;
};

/// Whether DCMTK will read a value of stated length as a sequence.
bool is_sequence(const Bytes& bytes, const Header& header) {
  if (!header.vr.empty()) return header.vr == "SQ";
  const DcmTagKey key(header.group, header.element);
  if (DcmTag(key).getEVR() == EVR_SQ) return true;
  // A private element may be a sequence by its creator's dictionary: believe one that looks so.
  const bool begins_like_one = header.length >= 8 && bytes.u16(header.value, false) == 0xFFFE &&
                               bytes.u16(header.value + 2, false) == 0xE000;
  return header.group % 2 == 1 && begins_like_one;
}

class Scan {
 public:
  Scan(std::string_view data_set, const std::string& name, Encoding encoding)
      : bytes_(data_set, name) {
    levels_.push_back({false, false, data_set.size(), encoding});
  }

  /// Walks to the pixel data.
  PixelElement run() {
    while (true) {
      Level& level = levels_.back();
      const bool is_data_set = levels_.size() == 1;
      if (!level.is_open && at_ == level.end && !is_data_set) {
        levels_.pop_back();
        continue;
      }
      if (is_data_set && is_only_zeros()) break;
      if (level.end - at_ < 8) bytes_.refuse("the file is cut off", last_tag_);
      if (++count_ > kMaxElements) bytes_.refuse("more than 2^22 elements", last_tag_);
      const Header header = read_header(bytes_, at_, level.encoding, level.end);
      if (level.is_sequence) {
        enter_item(header);
      } else if (auto pixels = element(header)) {
        return *pixels;
      }
    }
    bytes_.refuse("the file has no pixel data", "(7FE0,0010) PixelData",
                  "give an image, not a report or a presentation state");
  }

 private:
  bool is_only_zeros() const {
    const std::string_view rest = bytes_.part(at_, std::string_view::npos);
    return (rest.size() < 8 || rest.front() == 0) &&
           std::ranges::all_of(rest, [](char c) { return c == 0; });
  }

  void push(bool is_sequence, std::uint32_t length, std::size_t value, Encoding encoding) {
    const std::size_t outer = levels_.back().end;
    if (levels_.size() > kMaxDepth) {
      bytes_.refuse(fmt::format("sequences nest deeper than {} levels", kMaxDepth), last_tag_,
                    "this is no picture file; ask its sender");
    }
    const bool is_open = length == kUndefined;
    if (!is_open && length > outer - value) refuse_length(length, outer - value);
    levels_.push_back({is_sequence, is_open, is_open ? outer : value + length, encoding});
    at_ = value;
  }

  [[noreturn]] void refuse_length(std::uint32_t stated, std::size_t left) const {
    bytes_.refuse(fmt::format("a value says it has {} bytes, but only {} are left: the file is cut "
                              "off or damaged",
                              stated, left),
                  last_tag_);
  }

  /// Inside a sequence: an item, or the end of the sequence.
  void enter_item(const Header& header) {
    Level& level = levels_.back();
    if (header.group == 0xFFFE && header.element == 0xE0DD && level.is_open) {
      at_ = header.value;
      levels_.pop_back();
    } else if (header.group == 0xFFFE && header.element == 0xE000) {
      push(false, header.length, header.value, level.encoding);
    } else {
      bytes_.refuse("a sequence holds something that is no item", last_tag_);
    }
  }

  std::optional<PixelElement> element(const Header& header) {
    const Level level = levels_.back();
    if (header.group == 0xFFFE) {
      if (header.element != 0xE00D || !level.is_open) {
        bytes_.refuse("a delimiter stands where an element should", last_tag_);
      }
      at_ = header.value;
      levels_.pop_back();
      return std::nullopt;
    }
    last_tag_ = tag_text(header);
    const bool is_open = header.length == kUndefined;
    const bool is_pixels = header.group == 0x7FE0 && header.element == 0x0010;
    const bool is_byte_vr = header.vr == "OB" || header.vr == "OW";
    const bool is_encapsulated = is_pixels && is_open && is_byte_vr;
    const bool is_top = levels_.size() == 1 && header.group == 0x7FE0 &&
                        (header.element >= 0x0008 && header.element <= 0x0010);
    if (is_top) return pixel_element(header, level, is_encapsulated);
    if (is_encapsulated) {
      at_ = read_fragments(bytes_, header.value, header, level.encoding, level.end, nullptr);
    } else if (is_open) {
      if (!header.vr.empty() && header.vr != "SQ" && header.vr != "UN") {
        bytes_.refuse("a value without a length that is no sequence", last_tag_);
      }
      // PS3.5 6.2.2: UN of undefined length holds implicit little endian, whatever is around it.
      const Encoding inner = header.vr == "UN" ? Encoding{true, false} : level.encoding;
      push(true, kUndefined, header.value, inner);
    } else if (header.length > level.end - header.value) {
      refuse_length(header.length, level.end - header.value);
    } else if (is_sequence(bytes_, header)) {
      push(true, header.length, header.value, level.encoding);
    } else {
      at_ = header.value + header.length;
    }
    return std::nullopt;
  }

  PixelElement pixel_element(const Header& header, const Level& level, bool is_encapsulated) {
    PixelElement pixels;
    pixels.element = header.element;
    pixels.vr = std::string(header.vr);
    pixels.begin = at_;
    pixels.is_encapsulated = is_encapsulated;
    if (is_encapsulated) {
      pixels.end = read_fragments(bytes_, header.value, header, level.encoding, level.end,
                                  &pixels.fragments);
      return pixels;
    }
    if (header.length == kUndefined || header.length > level.end - header.value) {
      if (header.length == kUndefined) {
        bytes_.refuse("pixel data without a length that are not compressed", last_tag_);
      }
      refuse_length(header.length, level.end - header.value);
    }
    pixels.end = header.value + header.length;
    pixels.value = bytes_.part(header.value, header.length);
    return pixels;
  }

  Bytes bytes_;
  std::vector<Level> levels_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  std::string last_tag_;
};

TransferSyntax find_syntax(const Bytes& bytes, const std::string& uid) {
  const std::string where = "(0002,0010) TransferSyntaxUID";
  if (const auto syntax = find_transfer_syntax(uid)) return *syntax;
  if (const char* name = name_of_unread_syntax(uid)) {
    bytes.refuse(fmt::format("the transfer syntax {} ({}) is not read", name, uid), where,
                 "convert it to Explicit VR Little Endian, for example with gdcmconv --raw");
  }
  bytes.refuse(fmt::format("the transfer syntax {} is not known", printable(uid)), where,
               "convert it to Explicit VR Little Endian");
}

/// The file meta group: returns where the data set begins, and the transfer syntax.
std::pair<std::size_t, TransferSyntax> read_meta(const Bytes& bytes, std::string_view whole) {
  std::size_t at = whole.size() >= 132 && whole.substr(128, 4) == "DICM" ? 132 : 0;
  std::optional<std::string> uid;
  // The group length is not used: files with a wrong one exist.
  while (whole.size() - at >= 8 && bytes.u16(at, false) == 0x0002) {
    const Header header = read_header(bytes, at, {}, whole.size());
    if (header.length > whole.size() - header.value) {
      bytes.refuse("the file is cut off", tag_text(header));
    }
    if (header.element == 0x0010) {
      std::string_view value = whole.substr(header.value, header.length);
      while (!value.empty() && (value.back() == '\0' || value.back() == ' '))
        value.remove_suffix(1);
      uid = std::string(value);
    }
    at = header.value + header.length;
  }
  if (!uid) {
    bytes.refuse("no DICOM file: it does not say how it is encoded",
                 "(0002,0010) TransferSyntaxUID",
                 "give a DICOM file with a file meta header (part 10)");
  }
  return {at, find_syntax(bytes, *uid)};
}

std::vector<char> inflate_all(std::string_view deflated, const Bytes& bytes) {
  const std::size_t limit =
      std::clamp<std::size_t>(200 * deflated.size(), std::size_t{1} << 24, std::size_t{1} << 30);
  struct Stream {
    z_stream z{};
    Stream() = default;
    ~Stream() { inflateEnd(&z); }
  } stream;
  if (inflateInit2(&stream.z, -MAX_WBITS) != Z_OK) {
    throw Error(Error::Kind::kEnvironment, "zlib could not be started");
  }
  stream.z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflated.data()));
  stream.z.avail_in = static_cast<uInt>(deflated.size());  // files are below 2 GiB
  std::vector<char> out;
  std::vector<char> buffer(std::size_t{1} << 18);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.z.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream.z, Z_NO_FLUSH);
    out.insert(out.end(), buffer.begin(),
               buffer.end() - static_cast<std::ptrdiff_t>(stream.z.avail_out));
    if (out.size() > limit) {
      bytes.refuse(fmt::format("the deflated data set grows beyond {} bytes", limit), "",
                   "this is no picture file; ask its sender");
    }
  }
  if (status != Z_STREAM_END) bytes.refuse("the deflated data set is cut off or damaged", "");
  return out;
}

}  // namespace

DicomLayout scan_dicom(std::string_view whole, const std::string& name) {
  const Bytes bytes(whole, name);
  DicomLayout layout;
  const auto [begin, syntax] = read_meta(bytes, whole);
  layout.syntax = syntax;
  layout.data_set = whole.substr(begin);
  if (syntax.is_deflated) {
    layout.inflated = inflate_all(layout.data_set, bytes);
    layout.data_set = {layout.inflated.data(), layout.inflated.size()};
  }
  layout.pixels = Scan(layout.data_set, name, {syntax.is_implicit, syntax.is_big_endian}).run();
  const bool should_be_encapsulated = syntax.codec != Codec::kNative;
  if (layout.pixels.is_encapsulated != should_be_encapsulated) {
    bytes.refuse(fmt::format("pixel data are {} although the transfer syntax is {}",
                             should_be_encapsulated ? "not compressed" : "compressed", syntax.name),
                 "(7FE0,0010) PixelData");
  }
  return layout;
}

}  // namespace rationale
