// An .xlsx file read without the library that wrote it: ZIP directory, inflate, cells.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rationale::test {

struct ReadSheet {
  std::string name;
  /// Rows as wide as their last cell; nothing: an empty cell.
  std::vector<std::vector<std::variant<std::monostate, double, std::string>>> rows;
};

/// Sheets in the workbook's order. @throws std::runtime_error naming what is wrong with the file
std::vector<ReadSheet> read_xlsx(const std::string& bytes);

}  // namespace rationale::test
