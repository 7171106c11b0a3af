// Plain values, texts and lists as bytes, and back: what crosses between a decode process and the program that asked.
// Private to this folder.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "data/base/error.h"
#include "data/image/image.h"

namespace rationale::archive {

/// Becomes forged_error where the film's name is known.
[[noreturn]] inline void refuse(const std::string& what) { throw std::invalid_argument(what); }

/// The plain numbers of a picture: copied as they are.
template <typename T>
constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// In this machine's byte order.
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

/// The bytes may be a hostile process's: sizes are held against what is there before memory is taken.
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
  void each(std::vector<T>& all, const One& one, std::uint64_t most = 4096) {
    const std::uint64_t n = count(1);
    if (n > most) refuse("a list of " + std::to_string(n));
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
// added to a struct does not compile until it is named, and sent.
template <typename Archive, typename T>
void spacing_fields(Archive& archive, T& spacing) {
  auto& [vertical_mm, horizontal_mm, aspect, is_detector] = spacing;
  archive.value(vertical_mm);
  archive.value(horizontal_mm);
  archive.value(aspect);
  archive.value(is_detector);
}

inline void check_spacing(const Spacing& s) {
  const bool is_finite = std::isfinite(s.vertical_mm) && std::isfinite(s.horizontal_mm) && std::isfinite(s.aspect);
  if (!is_finite || s.vertical_mm < 0 || s.horizontal_mm < 0 || s.aspect <= 0) refuse("a spacing out of range");
}

/// What a film is refused with whose decoder sent no `what`.
inline Error forged_error(const std::string& what, const std::invalid_argument& wrong, const std::string& film) {
  return Error(Error::Kind::kInput, "the decode process returned no " + what + ": " + wrong.what(), film,
               "do not use this film: it may be an attack on the decoder")
      .with_code("decoder_forged");
}

}  // namespace rationale::archive
