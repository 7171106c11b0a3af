#include "data/base/toml.h"

#include <fmt/format.h>

// toml++ 3.3 aborts on some malformed documents through its assertions, and Debian's shared library
// may have them compiled in: so the parser is compiled here, without them.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#ifndef NDEBUG
#define NDEBUG
#endif
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr int kMaxDots = 32;

[[noreturn]] void refuse(const std::string& what, const std::string& name, long long line,
                         const std::string& remedy = "") {
  throw Error(Error::Kind::kInput, what, fmt::format("{}:{}", name, line), remedy)
      .with_code("bad_toml");
}

/// Where in a well-formed document the next character stands, outside quoted texts and comments.
class Place {
 public:
  void pass(char c) {
    if (std::string_view(" \t\n\v\f\r]},").find(c) != std::string_view::npos) {
      in_bare_value_ = false;
    } else if (!is_key_ && c != '[' && c != '{') {
      in_bare_value_ = true;
    }
    if (c == '=' || c == ']' || c == '}') {
      is_key_ = is_key_ && c == ']';  // a table's header stays a key
      if (c != '=' && !open_.empty()) open_.pop_back();
    } else if (c == '[') {
      if (!is_key_) open_ += c;
    } else if (c == '{') {
      open_ += c;
      is_key_ = true;
    } else if (c == ',') {
      is_key_ = open_.ends_with('{');
    } else if (c == '\n' && open_.empty()) {
      is_key_ = true;
    }
  }
  bool is_key() const { return is_key_; }                ///< or part of one
  bool in_bare_value() const { return in_bare_value_; }  ///< the library lets only space, commas and ] } # end it

 private:
  std::string open_;  // brackets of values
  bool is_key_ = true, in_bare_value_ = false;
};

bool is_beyond_ascii_behind_space(std::string_view text) {
  const std::size_t next = text.find_first_not_of(" \t\n\v\f\r");
  return next != std::string_view::npos && static_cast<unsigned char>(text[next]) >= 0x80;
}

/// What breaks the library is refused before it sees it: letters beyond ASCII outside quotes and
/// comments or behind a backslash and space (a continued line), quotes and brackets in the middle of a word (the library
/// reads on there, as if they were letters), and keys of very many parts (their tables nest, and destroying them
/// recurses).
void check_lexically(std::string_view text, const std::string& name) {
  long long line = 1;
  int dots = 0;
  Place place;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (place.in_bare_value() && std::string_view("\"'[{=").find(c) != std::string_view::npos) {
      refuse(std::string(1, c) + " stands in the middle of a word", name, line, "put the whole word in quotes");
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '"' || c == '\'') {
      const char before = i == 0 ? '\n' : text[i - 1];
      if (std::string_view(" \t\n=,[{").find(before) == std::string_view::npos && !(before == '.' && place.is_key())) {
        refuse(std::string(1, c) + " stands in the middle of a word", name, line, "put the whole word in quotes");
      }
      const long long first_line = line;
      const std::string_view rest = text.substr(i);
      const bool is_long = rest.starts_with("\"\"\"") || rest.starts_with("'''");
      const std::string_view end = rest.substr(0, is_long ? 3 : 1);
      for (i += end.size(); !text.substr(i).starts_with(end); ++i) {
        if (i >= text.size() || (!is_long && text[i] == '\n')) {
          refuse("a quoted text is not closed", name, first_line);
        }
        if (c == '"' && text[i] == '\\' && i + 1 < text.size()) {
          if (is_beyond_ascii_behind_space(text.substr(i + 1))) {
            refuse("a backslash stands before a letter beyond ASCII", name, line, "leave it out, or join the lines");
          }
          ++i;
        }
        if (text[i] == '\n') ++line;
      }
      i += end.size() - 1;
      // A long text may end with one or two quotes of its own.
      for (int k = 0; is_long && k < 2 && i + 1 < text.size() && text[i + 1] == c; ++k) ++i;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      refuse("a letter beyond ASCII stands outside quotes", name, line,
             "put it in \"quotes\" (keys, too)");
    } else {
      if (c == '.' && ++dots > kMaxDots) refuse("a key has too many parts", name, line);
      if (std::string_view("\n,=[]{}").find(c) != std::string_view::npos) dots = 0;
      line += c == '\n' ? 1 : 0;
      place.pass(c);
    }
  }
}

TomlValue convert(const toml::node& node, const std::string& name) {
  using Kind = TomlValue::Kind;
  TomlValue value;
  value.line = static_cast<int>(node.source().begin.line);
  if (const toml::table* table = node.as_table()) {
    value.kind = Kind::kTable;
    for (const auto& [key, entry] : *table) {
      value.entries.push_back({std::string(key.str()), convert(entry, name)});
      if (key.source().begin.line > 0) {
        value.entries.back().value.line = static_cast<int>(key.source().begin.line);
      }
    }
  } else if (const toml::array* array = node.as_array()) {
    value.kind = Kind::kArray;
    for (const toml::node& item : *array) value.items.push_back(convert(item, name));
  } else if (const auto* text = node.as_string()) {
    value.kind = Kind::kString;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Kind::kInteger;
    value.integer = integer->get();
    value.number = static_cast<double>(value.integer);
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = Kind::kFloat;
    value.number = number->get();
    if (!std::isfinite(value.number)) refuse("a number is not finite", name, value.line);
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Kind::kBoolean;
    value.boolean = boolean->get();
  } else {
    value.kind = Kind::kDateOrTime;
  }
  return value;
}

}  // namespace

const TomlValue* TomlValue::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

const char* toml_kind_name(TomlValue::Kind kind) {
  switch (kind) {
    case TomlValue::Kind::kTable:
      return "a table";
    case TomlValue::Kind::kArray:
      return "an array";
    case TomlValue::Kind::kString:
      return "a text";
    case TomlValue::Kind::kInteger:
      return "an integer";
    case TomlValue::Kind::kFloat:
      return "a number";
    case TomlValue::Kind::kBoolean:
      return "true or false";
    case TomlValue::Kind::kDateOrTime:
      return "a date or time";
  }
  return "a value";
}

TomlValue parse_toml(std::string_view text, const std::string& name) {
  if (text.size() > kMaxBytes) {
    throw Error(Error::Kind::kInput, "more than 1 MiB is not read as TOML", name)
        .with_code("bad_toml");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const auto at = first_invalid_utf8(text)) {
    refuse("not UTF-8", name, 1 + std::ranges::count(text.substr(0, *at), '\n'),
           "save the file as UTF-8");
  }
  check_lexically(text, name);
  try {
    return convert(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    refuse(std::string(error.description()), name, error.source().begin.line);
  }
}

TomlValue read_toml(const std::filesystem::path& path) {
  return parse_toml(read_file(path, kMaxBytes), path.string());
}

}  // namespace rationale
