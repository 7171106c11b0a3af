#include "study/export/rjafroc.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::study {
namespace {

double number_of(const std::string& id) { return *parse_number(id); }

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ",")); }

/// Truth: CaseID, LesionID, Weight, ReaderID, ModalityID, Paradigm; the paradigm's two words in the first two rows.
class TruthSheet {
 public:
  TruthSheet(const StudyNames& names, const char* paradigm)
      : readers_(joined(names.readers)), arms_(joined(names.arms)), words_{paradigm, "FCTRL"} {}

  void add(const std::string& case_id, double lesion, double weight) {
    auto& row = sheet_.rows.emplace_back(std::vector<Cell>{number_of(case_id), lesion, weight, readers_, arms_});
    const std::size_t n = sheet_.rows.size() - 2;
    if (n < words_.size()) row.emplace_back(words_[n]);
  }
  Sheet sheet() { return std::move(sheet_); }

 private:
  std::string readers_, arms_;
  std::vector<std::string> words_;
  Sheet sheet_{"Truth", {{"CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm"}}};
};

/// Whether a workbook keeps them apart.
std::optional<NotEstimable> collision(const std::set<double>& ratings) {
  std::set<double> kept;
  for (const double rating : ratings) kept.insert(parse_number(fmt::format("{:.16g}", rating)).value_or(rating));
  if (kept.size() == ratings.size()) return std::nullopt;
  return NotEstimable{
      "precision", "ratings differ beyond the 16 digits that a workbook keeps: ties would be made", {}, {}};
}

/// Lesion numbers of each case, in order: their places are RJafroc's numbers.
std::map<std::string, std::set<long long>> lesions_of(const CsvTable& truth) {
  const std::size_t case_id = truth.need("case"), lesion = truth.need("lesion");
  std::map<std::string, std::set<long long>> lesions;
  for (const CsvRow& row : truth.rows) {
    lesions[row.cells[case_id]].insert(std::llround(*parse_number(row.cells[lesion])));
  }
  return lesions;
}

Sheet false_positives() { return {"FP", {{"ReaderID", "ModalityID", "CaseID", "FP_Rating"}}}; }
Sheet true_positives() { return {"TP", {{"ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"}}}; }

}  // namespace

std::optional<NotEstimable> why_no_workbook(const StudyReadings& study) {
  if (!study.is_fully_crossed) {
    return NotEstimable{"design",
                        "RJafroc reads complete factorial designs only: here readings are missing, or not every "
                        "reader read every case in every arm",
                        {},
                        {}};
  }
  std::set<double> ratings;
  for (const ReadingRecord& one : study.records) ratings.insert(*one.rating);
  return collision(ratings);
}

std::vector<Sheet> rjafroc_sheets(const StudyReadings& study, const StudyNames& names) {
  TruthSheet truth(names, "ROC");
  for (const std::string& id : names.normal) truth.add(id, 0, 0);
  for (const std::string& id : names.diseased) truth.add(id, 1, 1);
  Sheet fp = false_positives(), tp = true_positives();
  for (const ReadingRecord& one : study.records) {
    const std::string& reader = names.readers[static_cast<std::size_t>(one.reader)];
    const std::string& arm = names.arms[static_cast<std::size_t>(one.arm)];
    const auto k = static_cast<std::size_t>(one.case_index);
    if (one.is_diseased) {
      tp.rows.push_back({reader, arm, number_of(names.diseased[k]), 1.0, *one.rating});
    } else {
      fp.rows.push_back({reader, arm, number_of(names.normal[k]), *one.rating});
    }
  }
  return {std::move(tp), std::move(fp), truth.sheet()};
}

std::variant<FrocExport, NotEstimable> rjafroc_froc(const FrocStudy& study, const CsvTable& marks,
                                                    const CsvTable& truth_table) {
  const StudyNames original = names_of(study), names = peer_names(original);
  std::map<std::string, std::string> reader_of, arm_of, case_of;
  const auto link = [](auto& map, const auto& from, const auto& to) {
    for (std::size_t i = 0; i < from.size(); ++i) map.emplace(from[i], to[i]);
  };
  link(reader_of, original.readers, names.readers);
  link(arm_of, original.arms, names.arms);
  link(case_of, original.normal, names.normal);
  link(case_of, original.diseased, names.diseased);

  TruthSheet truth(names, "FROC");
  for (const std::string& id : names.normal) truth.add(id, 0, 0);
  for (std::size_t k = 0; k < names.diseased.size(); ++k) {
    double lesion = 0;
    for (const double weight : study.weights[k]) truth.add(names.diseased[k], ++lesion, weight);
  }
  Sheet fp = false_positives(), tp = true_positives();
  const std::size_t reader = marks.need("reader"), arm = marks.need("arm"), case_id = marks.need("case"),
                    lesion = marks.need("lesion"), rating = marks.need("rating");
  const auto lesions = lesions_of(truth_table);
  std::set<double> ratings;
  for (const CsvRow& row : marks.rows) {
    const auto arm_name = arm_of.find(row.cells[arm]);
    if (arm_name == arm_of.end()) continue;  // an arm that is not compared
    std::vector<Cell> cells{reader_of.at(row.cells[reader]), arm_name->second,
                            number_of(case_of.at(row.cells[case_id]))};
    const long long number = std::llround(*parse_number(row.cells[lesion]));
    if (number > 0) {
      const std::set<long long>& of_case = lesions.at(row.cells[case_id]);
      cells.emplace_back(static_cast<double>(1 + std::distance(of_case.begin(), of_case.find(number))));
    }
    const double value = *parse_number(row.cells[rating]);
    ratings.insert(value);
    cells.emplace_back(value);
    (number > 0 ? tp : fp).rows.push_back(std::move(cells));
  }
  if (const auto why = collision(ratings)) return *why;
  return FrocExport{{std::move(tp), std::move(fp), truth.sheet()}, id_map_csv(original, names)};
}

}  // namespace rationale::study
