#include "study/coordinator/opened_readings.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/cases/csv.h"
#include "study/coordinator/case_files.h"
#include "study/coordinator/rebuild.h"

namespace rationale::study {

std::map<std::string, CaseFacts> case_facts(LockedStudy& study, const Opened& opened) {
  const Protocol& p = study.protocol();
  const Truth truth = parse_truth(opened.truth.plain, "truth.csv", p);
  std::map<std::string, CaseFacts> facts;
  Statement query = study.store().database().prepare("SELECT id, patient, public FROM case_ ORDER BY id");
  while (query.step()) {
    CaseFacts& one = facts[query.text(0)];
    one.patient = query.text(1);
    const auto columns = nlohmann::json::parse(query.text(2)).get<std::map<std::string, std::string>>();
    for (const std::string& column : p.design.strata) {
      if (!one.stratum.empty()) one.stratum += '|';
      one.stratum += columns.at(column);
    }
    one.columns = columns;
    one.truth = flag_cell(truth.label.at(query.text(0)) == p.truth.positive);
  }
  if (opened.ai.plain.empty()) return facts;
  const CsvTable ai = parse_csv(opened.ai.plain, "ai.csv");
  const std::size_t id = ai.need("case"), positive = ai.need("positive");
  for (const CsvRow& row : ai.rows) facts[row.cells[id]].ai_positive = row.cells[positive];
  return facts;
}

std::map<std::tuple<std::string, int, int>, Reading> opened_readings(LockedStudy& study, const Opened& opened) {
  std::map<std::tuple<std::string, int, int>, Reading> readings;
  for (const PeriodState& period : study.periods()) {
    for (Reading& one : open_readings(study.protocol(), period, opened.data_key).readings) {
      readings[{period.reader, period.period, one.position}] = std::move(one);
    }
  }
  return readings;
}

std::string answer_text(const Reading& one, const std::string& question) {
  const auto found = one.answers.find(question);
  if (found == one.answers.end()) return {};
  struct Writer {
    std::string operator()(const Word& word) const { return word.text; }
    std::string operator()(const Words& words) const { return fmt::format("{}", fmt::join(words.texts, ";")); }
    std::string operator()(const Ppm& ppm) const { return csv_number(static_cast<double>(ppm.ppm) / 10'000); }
    std::string operator()(const Milli& milli) const { return csv_number(static_cast<double>(milli.milli) / 1000); }
    std::string operator()(const NoMarks&) const { return "none"; }
  };
  return std::visit(Writer{}, found->second);
}

std::string flag_cell(bool is_true) { return std::string(1, is_true ? '1' : '0'); }

}  // namespace rationale::study
