#include "study/export/codebook.h"

#include <algorithm>
#include <array>
#include <utility>

#include "data/base/text.h"
#include "data/cases/csv.h"
#include "study/export/adam.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

/// Files of columns.h that every export has.
constexpr std::array kPeerFiles{"long.csv",     "mrmcaov.csv", "readings.imrmc", "rjafroc.xlsx",
                                "id_map.csv",   "results.csv", "adam_define.csv"};

CodebookRow row(const std::string& file, const Column& c) {
  return {file, c.name, c.type, c.unit, c.values, c.meaning};
}

const Column* known(const std::string& name) {
  const auto found = std::ranges::find_if(reading_columns(), [&](const Column& one) { return name == one.name; });
  return found == reading_columns().end() ? nullptr : &*found;
}

}  // namespace

std::string codebook_csv(const std::vector<CodebookRow>& rows) {
  std::string csv = csv_line({"file", "column", "type", "unit", "values", "meaning"});
  for (const CodebookRow& one : rows) {
    csv += csv_line({csv_cell(one.file), csv_text_cell(one.column), one.type, one.unit, csv_cell(one.values),
                     csv_text_cell(one.meaning)});
  }
  return csv;
}

std::vector<CodebookRow> readings_rows(const std::string& file, const std::vector<std::string>& header) {
  std::vector<CodebookRow> rows;
  for (const std::string& name : header) {
    if (const Column* column = known(name)) {
      rows.push_back(row(file, *column));
    } else if (name.starts_with("answer_")) {
      rows.push_back({file, name, "text", "", "", "the last answer to the protocol's question " + name.substr(7)});
    } else {
      rows.push_back({file, name, "text", "", "", "as given; not analysed"});
    }
  }
  return rows;
}

std::vector<CodebookRow> table_rows(const std::string& file) {
  std::vector<CodebookRow> rows;
  for (const Column& one : columns_of(file)) rows.push_back(row(file, one));
  return rows;
}

std::vector<CodebookRow> peer_file_rows() {
  std::vector<CodebookRow> rows;
  for (const char* file : kPeerFiles) {
    for (CodebookRow& one : table_rows(file)) rows.push_back(std::move(one));
  }
  for (const AdamVariable& one : adam_variables()) {
    rows.push_back({lower_case(one.dataset) + ".csv", one.name, one.type == std::string_view("Num") ? "number" : "text",
                    "", one.codelist, one.label});
  }
  return rows;
}

}  // namespace rationale::study
