// codebook.csv: every column of every file of an export, with type, unit and values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rationale::study {

struct CodebookRow {
  std::string file, column;
  std::string type;    ///< text, integer, number, flag (0 or 1), time (UTC), json, digest
  std::string unit;    ///< empty: none
  std::string values;  ///< range or list; empty: any
  std::string meaning;
};

std::string codebook_csv(const std::vector<CodebookRow>& rows);

/// The columns of one table of columns.h.
std::vector<CodebookRow> table_rows(const std::string& file);

/// long.csv, mrmcaov.csv, id_map.csv, results.csv, readings.imrmc, rjafroc.xlsx and the ADaM-like tables.
std::vector<CodebookRow> peer_file_rows();

/// The columns of the readings as they were given, in their order; other columns than those that are known are "as
/// given". @param file  its name in the export
std::vector<CodebookRow> readings_rows(const std::string& file, const std::vector<std::string>& header);

}  // namespace rationale::study
