#include "data/decode/picture_bytes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "data/base/error.h"
#include "data/image/window.h"

namespace rationale {
namespace {

/// Becomes an Error where the film's name is known.
[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

/// The plain numbers of a picture: copied as they are.
template <typename T>
constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}

  template <typename T>
  void value(const T& one) {
    static_assert(is_plain<T>);
    bytes_.append(reinterpret_cast<const char*>(&one), sizeof one);
  }
  void text(const std::string& one) { list(one); }
  /// Text or a vector of plain numbers.
  template <typename List>
  void list(const List& all) {
    value(static_cast<std::uint64_t>(all.size()));
    bytes_.append(reinterpret_cast<const char*>(all.data()), all.size() * sizeof(all[0]));
  }
  template <typename T, typename One>
  void each(const std::vector<T>& all, const One& one) {
    value(static_cast<std::uint64_t>(all.size()));
    for (const T& item : all) one(item);
  }
  void pixels(const std::vector<std::int32_t>& all) {
    const auto [low, high] = std::minmax_element(all.begin(), all.end());
    const std::int32_t first = all.empty() ? 0 : *low;
    const bool is_short = all.empty() || std::int64_t{*high} - *low <= std::numeric_limits<std::uint16_t>::max();
    value(is_short);
    if (!is_short) return list(all);
    value(first);
    std::vector<std::uint16_t> above(all.size());
    std::transform(all.begin(), all.end(), above.begin(),
                   [first](std::int32_t v) { return static_cast<std::uint16_t>(v - first); });
    list(above);
  }

 private:
  std::string& bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void value(T& one) {
    static_assert(is_plain<T>);
    if (rest_.size() < sizeof one) refuse("it is cut off");
    if constexpr (std::is_same_v<T, bool>) {  // a byte that is neither 0 nor 1 is no bool
      one = rest_.front() != 0;
    } else {
      std::memcpy(&one, rest_.data(), sizeof one);
    }
    rest_.remove_prefix(sizeof one);
  }
  void text(std::string& one) {
    list(one);
    if (one.size() > 65536) refuse("a text of " + std::to_string(one.size()) + " bytes");
  }
  template <typename List>
  void list(List& all) {
    const std::size_t item = sizeof(typename List::value_type);
    const std::uint64_t n = count(item);
    all.resize(n);
    if (n > 0) std::memcpy(all.data(), rest_.data(), n * item);
    rest_.remove_prefix(n * item);
  }
  template <typename T, typename One>
  void each(std::vector<T>& all, const One& one) {
    const std::uint64_t n = count(1);
    if (n > 4096) refuse("a list of " + std::to_string(n));
    all.resize(n);
    for (T& item : all) one(item);
  }
  void pixels(std::vector<std::int32_t>& all) {
    bool is_short = false;
    value(is_short);
    if (!is_short) return list(all);
    std::int32_t first = 0;
    value(first);
    if (first > std::numeric_limits<std::int32_t>::max() - std::numeric_limits<std::uint16_t>::max()) {
      refuse("pixel values out of range");
    }
    const std::uint64_t n = count(sizeof(std::uint16_t));
    all.resize(n);
    const char* from = rest_.data();
    for (std::int32_t& pixel : all) {
      std::uint16_t above = 0;
      std::memcpy(&above, from, sizeof above);
      from += sizeof above;
      pixel = first + above;
    }
    rest_.remove_prefix(n * sizeof(std::uint16_t));
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::uint64_t count(std::size_t item_size) {
    std::uint64_t n = 0;
    value(n);
    if (n > rest_.size() / item_size) refuse("a list longer than all that was sent");
    return n;
  }

  std::string_view rest_;
};

// One list of fields for both directions. The structured bindings name every member, in order: a member that is
// added to a struct does not compile until it is named, and sent, here.
template <typename Archive, typename T>
void window_fields(Archive& archive, T& window) {
  auto& [centre, width, function, explanation] = window;
  archive.value(centre);
  archive.value(width);
  archive.value(function);
  archive.text(explanation);
}

template <typename Archive, typename T>
void table_fields(Archive& archive, T& table) {
  auto& [first, bits, data] = table;
  archive.value(first);
  archive.value(bits);
  archive.list(data);
}

template <typename Archive, typename T>
void spacing_fields(Archive& archive, T& spacing) {
  auto& [vertical_mm, horizontal_mm, aspect, is_detector] = spacing;
  archive.value(vertical_mm);
  archive.value(horizontal_mm);
  archive.value(aspect);
  archive.value(is_detector);
}

template <typename Archive, typename T>
void picture_fields(Archive& archive, T& picture) {
  auto& [rows, cols, stored, padding, slope, intercept, modality_lut, float_values, is_stored_signed,
         is_modality_signed, windows, voi_luts, is_inverted, is_monochrome1, spacing, bits_stored, frames, frame,
         format, photometric, transfer_syntax, view_position, is_lossy, warnings] = picture;
  archive.value(rows);
  archive.value(cols);
  archive.pixels(stored);
  archive.list(padding);
  archive.value(slope);
  archive.value(intercept);
  table_fields(archive, modality_lut);
  archive.list(float_values);
  archive.value(is_stored_signed);
  archive.value(is_modality_signed);
  archive.each(windows, [&](auto& one) { window_fields(archive, one); });
  archive.each(voi_luts, [&](auto& one) { table_fields(archive, one); });
  archive.value(is_inverted);
  archive.value(is_monochrome1);
  spacing_fields(archive, spacing);
  archive.value(bits_stored);
  archive.value(frames);
  archive.value(frame);
  archive.text(format);
  archive.text(photometric);
  archive.text(transfer_syntax);
  archive.text(view_position);
  archive.value(is_lossy);
  archive.each(warnings, [&](auto& one) { archive.text(one); });
}

bool are_finite(std::initializer_list<double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

void check_table(const LookupTable& table) {
  const bool is_sound = table.bits >= 1 && table.bits <= 16 && std::abs(table.first) <= std::int64_t{1} << 32;
  if (!table.data.empty() && !is_sound) refuse("a lookup table out of range");
}

void check(const Picture& p) {
  if (p.rows < 1 || p.cols < 1) refuse("it has no pixels");
  const std::uint64_t n = static_cast<std::uint64_t>(p.rows) * static_cast<std::uint64_t>(p.cols);
  const std::size_t values = p.float_values.empty() ? p.stored.size() : p.float_values.size();
  if (values != n || (!p.float_values.empty() && !p.stored.empty()) || (!p.padding.empty() && p.padding.size() != n)) {
    refuse("its size and its pixels differ");
  }
  if (!are_finite({p.slope, p.intercept, p.spacing.vertical_mm, p.spacing.horizontal_mm, p.spacing.aspect}) ||
      p.slope == 0 || p.spacing.vertical_mm < 0 || p.spacing.horizontal_mm < 0 || p.spacing.aspect <= 0) {
    refuse("numbers out of range");
  }
  if (p.frame < 1 || p.frames < p.frame || p.bits_stored < 1 || p.bits_stored > 64) refuse("facts out of range");
  for (const Window& window : p.windows) {
    const bool is_known = window.function >= WindowFunction::kLinear && window.function <= WindowFunction::kSigmoid;
    if (!is_known || !is_valid_window(window)) refuse("a window out of range");
  }
  if (!std::all_of(p.float_values.begin(), p.float_values.end(), [](double v) { return std::isfinite(v); })) {
    refuse("pixel values that are not finite");
  }
  check_table(p.modality_lut);
  for (const LookupTable& table : p.voi_luts) check_table(table);
}

}  // namespace

std::string picture_bytes(const Picture& picture) {
  std::string bytes;
  bytes.reserve(picture.stored.size() * 2 + picture.padding.size() + picture.float_values.size() * 8 + 4096);
  Writer writer(bytes);
  picture_fields(writer, picture);
  return bytes;
}

Picture picture_from_bytes(std::string_view bytes, const std::string& film) {
  try {
    Picture picture;
    Reader reader(bytes);
    picture_fields(reader, picture);
    if (!reader.is_at_end()) refuse("more than a picture was sent");
    check(picture);
    return picture;
  } catch (const std::invalid_argument& wrong) {
    throw Error(Error::Kind::kInput, std::string("the decode process returned no picture: ") + wrong.what(), film,
                "do not use this film: it may be an attack on the decoder")
        .with_code("decoder_forged");
  }
}

}  // namespace rationale
