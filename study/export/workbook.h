// Sheets of cells as an .xlsx file.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace rationale::study {

/// Nothing, a number or text.
using Cell = std::variant<std::monostate, double, std::string>;

struct Sheet {
  std::string name;
  std::vector<std::vector<Cell>> rows;
};

/// The bytes of the workbook; the same sheets give the same bytes. Numbers keep 16 significant digits.
/// @throws Error (kEnvironment) if the temporary file cannot be written; (kInput, "too_large") for more rows than a
///   sheet has (1,048,576)
std::string workbook(const std::vector<Sheet>& sheets);

}  // namespace rationale::study
