// The columns of every table of an export, once: headers and the codebook are made from here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rationale::study {

struct Column {
  const char* name;
  const char *type = nullptr, *unit = "", *values = "", *meaning = "";  ///< as in CodebookRow
};

/// In the order of the file; empty for a file that has none here.
std::vector<Column> columns_of(std::string_view file);

/// Their names, as a line of CSV.
std::string header_line(std::string_view file);

/// The columns that readings.csv may have, in its order.
const std::vector<Column>& reading_columns();

}  // namespace rationale::study
