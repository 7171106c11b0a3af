// Findings while they are collected, and where the keys of a file stand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/base/toml.h"
#include "study/protocol/check.h"

namespace rationale::study {

/// "arm[1].label" → line, of every key and table that the file has.
class KeyLines {
 public:
  explicit KeyLines(const TomlValue& document);

  bool has(const std::string& path) const { return lines_.contains(path); }
  /// Of the key; if it is not there of its table; if that is not there either, 1.
  int of(const std::string& path) const;

 private:
  std::map<std::string, int> lines_;
};

class Findings {
 public:
  explicit Findings(const KeyLines& lines) : lines_(lines) {}

  void error(const std::string& code, const std::string& path, const std::string& message);
  /// Of a key that is not there: at its table's header.
  void missing(const std::string& table, const std::string& path, const std::string& message);
  void warning(const std::string& code, const std::string& path, const std::string& message);

  bool has_errors() const { return !check_.errors.empty(); }
  const KeyLines& lines() const { return lines_; }
  /// Sorted by line, code, path.
  ProtocolCheck sorted() &&;

 private:
  const KeyLines& lines_;
  ProtocolCheck check_;
};

/// Phase 2: types, ranges, forms, unknown and missing keys. (structure.cpp)
void check_structure(const TomlValue& document, Findings& findings);

/// Phase 3: what must fit together. @param protocol  of a document that passed phase 2
/// (cross_checks.cpp)
void check_together(const Protocol& protocol, Findings& findings);

/// The values of a document that passed phase 2. (values.cpp)
Protocol protocol_values(const TomlValue& document);

}  // namespace rationale::study
