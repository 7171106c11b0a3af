#include "study/export/reading_tables.h"

#include <optional>
#include <vector>

#include "data/cases/csv.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

std::string flag(std::optional<bool> value) { return value ? std::string(1, *value ? '1' : '0') : std::string(); }

std::string number(std::optional<double> value) { return value ? csv_number(*value) : std::string(); }

const std::string& case_of(const ReadingRecord& one, const std::vector<std::string>& normal,
                           const std::vector<std::string>& diseased) {
  return (one.is_diseased ? diseased : normal)[static_cast<std::size_t>(one.case_index)];
}

}  // namespace

CaseLabels case_labels(const CsvTable& readings) {
  CaseLabels labels;
  const std::size_t case_id = readings.need("case");
  const auto patient = readings.find("patient"), stratum = readings.find("stratum");
  for (const CsvRow& row : readings.rows) {
    if (patient) labels.patient.emplace(row.cells[case_id], row.cells[*patient]);
    if (stratum) labels.stratum.emplace(row.cells[case_id], row.cells[*stratum]);
  }
  return labels;
}

std::string long_csv(const StudyReadings& study, const CaseLabels& labels) {
  std::string csv = header_line("long.csv");
  for (const ReadingRecord& one : study.records) {
    const std::string& id = case_of(one, study.normal, study.diseased);
    const auto patient = labels.patient.find(id);
    csv += csv_line({csv_text_cell(study.readers[static_cast<std::size_t>(one.reader)]), csv_text_cell(id),
                     csv_text_cell(patient == labels.patient.end() || patient->second.empty() ? id : patient->second),
                     csv_text_cell(study.arms[static_cast<std::size_t>(one.arm)]), flag(one.is_diseased),
                     number(one.rating), flag(one.is_positive), number(one.confidence), number(one.time_s),
                     one.period ? std::to_string(*one.period) : std::string(), flag(one.is_ai_positive)});
  }
  return csv;
}

std::string mrmcaov_csv(const StudyReadings& study, const StudyNames& names) {
  std::vector<std::string> header{"reader", "treatment", "case", "truth", "rating"};
  // A column with a hole is worse than none: MRMCaov stops at NA.
  bool has_decisions = study.has_decisions;
  for (const ReadingRecord& one : study.records) has_decisions = has_decisions && one.is_positive.has_value();
  if (has_decisions) header.emplace_back("positive");
  std::string csv = csv_line(header);
  for (const ReadingRecord& one : study.records) {
    std::vector<std::string> cells{
        names.readers[static_cast<std::size_t>(one.reader)], names.arms[static_cast<std::size_t>(one.arm)],
        case_of(one, names.normal, names.diseased), flag(one.is_diseased), csv_number(*one.rating)};
    if (has_decisions) cells.push_back(flag(one.is_positive));
    csv += csv_line(cells);
  }
  return csv;
}

}  // namespace rationale::study
