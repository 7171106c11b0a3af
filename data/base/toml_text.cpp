#include "data/base/toml_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"

namespace rationale {
namespace {

using Kind = TomlValue::Kind;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string key_text(const std::string& key) {
  const bool is_bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_bare ? key : quoted(key);
}

/// The shortest digits that read back as the same number, and never an integer.
std::string float_text(double number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? fmt::format("{}.0", text) : text;
}

std::string inline_text(const TomlValue& value) {
  std::string out;
  switch (value.kind) {
    case Kind::kString:
      return quoted(value.text);
    case Kind::kInteger:
      return std::to_string(value.integer);
    case Kind::kFloat:
      return float_text(value.number);
    case Kind::kBoolean:
      return value.boolean ? "true" : "false";
    case Kind::kArray:
      for (const TomlValue& item : value.items) {
        if (!out.empty()) out += ", ";
        out += inline_text(item);
      }
      return fmt::format("[{}]", out);
    case Kind::kTable:
      for (const auto& [key, entry] : value.entries) {
        if (!out.empty()) out += ", ";
        out += fmt::format("{} = {}", key_text(key), inline_text(entry));
      }
      return fmt::format("{{{}}}", out);
    case Kind::kDateOrTime:
      break;
  }
  throw Error(Error::Kind::kInput, "a date or time cannot be written again", fmt::format("line {}", value.line),
              "write it as a text in quotes");
}

bool is_table_list(const TomlValue& value) {
  return value.kind == Kind::kArray && !value.items.empty() &&
         std::ranges::all_of(value.items, [](const TomlValue& item) { return item.kind == Kind::kTable; });
}

void write_table(const TomlValue& table, const std::string& path, std::string& out) {
  for (const auto& [key, value] : table.entries) {
    if (value.kind == Kind::kTable || is_table_list(value)) continue;  // after all plain values
    out += fmt::format("{} = {}\n", key_text(key), inline_text(value));
  }
  for (const auto& [key, value] : table.entries) {
    const std::string inner = path.empty() ? key_text(key) : fmt::format("{}.{}", path, key_text(key));
    if (value.kind == Kind::kTable) {
      out += fmt::format("\n[{}]\n", inner);
      write_table(value, inner, out);
    } else if (is_table_list(value)) {
      for (const TomlValue& item : value.items) {
        out += fmt::format("\n[[{}]]\n", inner);
        write_table(item, inner, out);
      }
    }
  }
}

}  // namespace

std::string toml_text(const TomlValue& table) {
  std::string out;
  write_table(table, "", out);
  return out;
}

}  // namespace rationale
