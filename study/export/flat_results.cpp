#include "study/export/flat_results.h"

#include "data/cases/csv.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

/// A key inside a pointer: '~' and '/' are written ~0 and ~1.
std::string escaped(const std::string& key) {
  std::string text;
  for (const char c : key) {
    if (c == '~')
      text += "~0";
    else if (c == '/')
      text += "~1";
    else
      text += c;
  }
  return text;
}

void add_rows(std::string& csv, const std::string& pointer, const Json& value) {
  if (value.is_object()) {
    for (const auto& [key, one] : value.items()) add_rows(csv, pointer + '/' + escaped(key), one);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) add_rows(csv, pointer + '/' + std::to_string(i), value[i]);
  } else if (value.is_number_integer()) {
    csv += csv_line({csv_text_cell(pointer), value.dump(), ""});
  } else if (value.is_number()) {
    csv += csv_line({csv_text_cell(pointer), csv_number(value.get<double>()), ""});
  } else {
    const std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
    csv += csv_line({csv_text_cell(pointer), "", csv_text_cell(text)});
  }
}

}  // namespace

std::string flat_results_csv(const Json& results) {
  std::string csv = header_line("results.csv");
  add_rows(csv, "", results);
  return csv;
}

}  // namespace rationale::study
