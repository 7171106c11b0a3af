// TOML files as plain values with line numbers. The only place that knows the TOML library.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rationale {

struct TomlEntry;

/// One value of a TOML document and the line it stands on (from 1).
struct TomlValue {
  enum class Kind { kTable, kArray, kString, kInteger, kFloat, kBoolean, kDateOrTime };
  Kind kind = Kind::kTable;
  int line = 1;
  std::string text;                                        ///< kString, UTF-8
  std::int64_t integer = 0;                                ///< kInteger
  double number = 0;                                       ///< kFloat (finite) and kInteger
  bool boolean = false;                                    ///< kBoolean
  std::vector<TomlValue> items;                            ///< kArray
  std::vector<TomlEntry> entries;                          ///< kTable, sorted by key

  /// The entry of a table, or nullptr.
  const TomlValue* find(std::string_view key) const;
};

/// A key of a table and its value. (A std::pair of an unfinished type is one that clang does not compile.)
struct TomlEntry {
  std::string key;
  TomlValue value;
};

/// "a table", "an integer", …: for messages.
const char* toml_kind_name(TomlValue::Kind kind);

/// @param name  stands before the line number in messages ("FILE:LINE")
/// @throws Error (kInput) on malformed TOML, text that is not UTF-8, more than 1 MiB, nan or inf
TomlValue parse_toml(std::string_view text, const std::string& name);
TomlValue read_toml(const std::filesystem::path& path);

}  // namespace rationale
