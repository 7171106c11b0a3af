#include "study/log/canonical.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(Error::Kind::kInput, "not canonical (CJ-1): " + what, where,
              "write events with the program only; never edit a log")
      .with_code("CH03");
}

bool is_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The letter of the two-character escape of `c` (\n and the like), or 0.
char short_escape(unsigned char c) {
  switch (c) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    default:
      return 0;
  }
}

void write_string(std::string_view text, std::string& out) {
  if (first_invalid_utf8(text)) refuse("a string is not UTF-8", "");
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const char letter = short_escape(byte)) {
      out += '\\';
      out += letter;
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void write_integer(const Json& value, std::string& out) {
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kLargestInteger)
                        : value.get<std::int64_t>() >= -kLargestInteger &&
                              value.get<std::int64_t>() <= kLargestInteger;
  if (!fits) refuse("an integer beyond 2^53 - 1", "");
  out += std::to_string(value.get<std::int64_t>());
}

void write_value(const Json& value, int depth, std::string& out) {
  if (value.is_structured() && depth > kDeepestNesting) refuse("nested too deeply", "");
  switch (value.type()) {
    case Json::value_t::null:
      out += "null";
      return;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      write_integer(value, out);
      return;
    case Json::value_t::string:
      write_string(value.get_ref<const std::string&>(), out);
      return;
    case Json::value_t::array: {
      char separator = '[';
      for (const Json& item : value) {
        out += separator;
        write_value(item, depth + 1, out);
        separator = ',';
      }
      out += value.empty() ? "[]" : "]";
      return;
    }
    case Json::value_t::object: {
      char separator = '{';
      for (const auto& [key, item] : value.items()) {  // std::map: in byte order
        if (!is_key(key)) refuse("a key that is not [a-z0-9_]+", "");
        out += separator;
        write_string(key, out);
        out += ':';
        write_value(item, depth + 1, out);
        separator = ',';
      }
      out += value.empty() ? "{}" : "}";
      return;
    }
    default:
      refuse("a real number; write an integer with its unit in the key", "");
  }
}

/// Recursive descent over one text; each function reads one thing and leaves `at_` behind it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Json whole() {
    Json value = any(1);
    if (at_ != text_.size()) fail("bytes after the end");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    refuse(what, fmt::format("byte {}", at_));
  }
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json any(int depth) {
    if (take_word("null")) return nullptr;
    if (take_word("true")) return true;
    if (take_word("false")) return false;
    if (here() == '"') return string();
    if (here() == '-' || (here() >= '0' && here() <= '9')) return integer();
    if (here() == '[' || here() == '{') {
      if (depth > kDeepestNesting) fail("nested too deeply");
      return here() == '[' ? array(depth) : object(depth);
    }
    fail("no value, or white space");
  }

  Json integer() {
    const bool is_negative = take('-');
    const std::size_t first = at_;
    std::int64_t value = 0;
    while (here() >= '0' && here() <= '9') {
      value = 10 * value + (here() - '0');
      if (value > kLargestInteger) fail("an integer beyond 2^53 - 1");
      ++at_;
    }
    if (at_ == first) fail("a sign without digits");
    if (text_[first] == '0' && at_ - first > 1) fail("a leading zero");
    if (is_negative && value == 0) fail("minus zero");
    if (here() == '.' || here() == 'e' || here() == 'E') fail("a fraction or an exponent");
    return is_negative ? -value : value;
  }

  std::string string() {
    take('"');
    std::string value;
    const std::size_t first = at_;
    while (!take('"')) {
      if (at_ >= text_.size()) fail("a string without an end");
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) fail("a control character that is not escaped");
      if (byte == '\\') {
        value += escape();
      } else {
        value += text_[at_++];
      }
    }
    if (first_invalid_utf8(text_.substr(first, at_ - first))) fail("a string that is not UTF-8");
    return value;
  }

  char escape() {
    const std::string_view rest = text_.substr(at_);
    for (unsigned char byte : {'"', '\\', '\b', '\t', '\n', '\f', '\r'}) {
      if (rest.size() >= 2 && rest[1] == short_escape(byte)) {
        at_ += 2;
        return static_cast<char>(byte);
      }
    }
    for (unsigned char byte = 0; byte < 0x20; ++byte) {
      if (short_escape(byte) == 0 && take_word(fmt::format("\\u{:04x}", byte))) {
        return static_cast<char>(byte);
      }
    }
    fail("a needless or unknown escape");
  }

  Json array(int depth) {
    take('[');
    Json::array_t items;
    if (take(']')) return items;
    do {
      items.push_back(any(depth + 1));
    } while (take(','));
    if (!take(']')) fail("an array without an end, or white space");
    return items;
  }

  Json object(int depth) {
    take('{');
    Json::object_t entries;
    if (take('}')) return entries;
    std::optional<std::string> last;
    do {
      if (here() != '"') fail("no key, or white space");
      std::string key = string();
      if (!is_key(key)) fail("a key that is not [a-z0-9_]+");
      if (last && key <= *last) fail(key == *last ? "a key twice" : "keys not in order");
      if (!take(':')) fail("no colon, or white space");
      entries.emplace(key, any(depth + 1));
      last = std::move(key);
    } while (take(','));
    if (!take('}')) fail("an object without an end, or white space");
    return entries;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string canonical_json(const Json& value) {
  std::string out;
  write_value(value, 1, out);
  return out;
}

Json parse_canonical(std::string_view text) { return Reader(text).whole(); }

}  // namespace rationale::study
