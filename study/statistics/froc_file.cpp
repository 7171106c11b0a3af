#include "study/statistics/froc_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/base/error.h"
#include "data/base/text.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {
namespace {

[[noreturn]] void refuse(const CsvTable& table, const CsvRow& row, const std::string& what, const char* remedy) {
  throw Error(Error::Kind::kInput, what, table.where(row), remedy);
}

double number(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const auto value = parse_number(row.cells[column]);
  if (!value || !std::isfinite(*value)) {
    refuse(table, row, fmt::format("{} '{}' is no finite number", table.header[column], row.cells[column]),
           "correct the cell");
  }
  return *value;
}

int lesion_number(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const double value = number(table, row, column);
  if (value != std::floor(value) || value < 0 || value > 1e6) {
    refuse(table, row, fmt::format("lesion '{}' is no number 0, 1, 2, …", row.cells[column]), "correct the cell");
  }
  return static_cast<int>(value);
}

std::vector<std::string> natural(const std::set<std::string>& names) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::ranges::sort(sorted, comes_naturally_before);
  return sorted;
}

/// The patient of each case, as a number in natural order of their names; cases without one follow, each by itself, in the
/// order of `cases`.
std::map<std::string, int> patients_of(const CsvTable& truth, const std::vector<std::string>& cases) {
  std::map<std::string, std::string> name_of;
  const auto column = truth.find("patient");
  std::set<std::string> names;
  for (const CsvRow& row : truth.rows) {
    const std::string& id = row.cells[truth.need("case")];
    const std::string patient = column ? row.cells[*column] : std::string();
    if (name_of.try_emplace(id, patient).first->second != patient) {
      refuse(truth, row, fmt::format("case {} belongs to two patients", id), "keep one");
    }
    if (!patient.empty()) names.insert(patient);
  }
  std::map<std::string, int> number_of, result;
  int next = 0;
  for (const std::string& name : natural(names)) number_of.emplace(name, next++);
  for (const std::string& id : cases) {
    const std::string& name = name_of.at(id);
    result.emplace(id, name.empty() ? next++ : number_of.at(name));
  }
  return result;
}

bool are_of_one_patient(const std::vector<int>& patients) {
  return std::ranges::all_of(patients, [&](int one) { return one == patients.front(); });
}

/// Lesion weights of each case; a normal case has none.
std::map<std::string, std::map<int, double>> lesions_of(const CsvTable& truth) {
  const std::size_t case_id = truth.need("case"), value = truth.need("truth"), lesion = truth.need("lesion"),
                    weight = truth.need("weight");
  std::map<std::string, std::map<int, double>> cases;
  std::map<std::string, std::string> seen;
  for (const CsvRow& row : truth.rows) {
    const std::string &id = row.cells[case_id], &t = row.cells[value];
    if (t != "0" && t != "1") refuse(truth, row, fmt::format("truth must be 0 or 1, found '{}'", t), "correct the cell");
    if (seen.try_emplace(id, t).first->second != t) {
      refuse(truth, row, fmt::format("case {} has two truth values", id), "keep one");
    }
    auto& lesions = cases[id];
    const int l = lesion_number(truth, row, lesion);
    if ((t == "0") != (l == 0)) {
      refuse(truth, row, fmt::format("case {} with truth {} has lesion {}", id, t, l),
             "normal cases have lesion 0, diseased ones 1, 2, …");
    }
    if (l == 0) continue;
    const double w = number(truth, row, weight);
    if (w < 0) refuse(truth, row, "a weight is below 0", "correct the cell");
    if (!lesions.try_emplace(l, w).second) {
      refuse(truth, row, fmt::format("lesion {} of case {} is there twice", l, id), "keep one row");
    }
  }
  return cases;
}

/// Weights that add up to 1.
std::vector<double> scaled_weights(const std::string& id, const std::map<int, double>& lesions, const CsvTable& truth) {
  std::vector<double> weights;
  double sum = 0;
  for (const auto& [lesion, weight] : lesions) {
    weights.push_back(weight);
    sum += weight;
  }
  if (sum == 0) {
    std::ranges::fill(weights, 1 / static_cast<double>(weights.size()));
    return weights;
  }
  if (sum < 0.99 || sum > 1.01) {
    throw Error(Error::Kind::kInput, fmt::format("the lesion weights of case {} add up to {:.4f}", id, sum),
                truth.name, "make them add up to 1, or give 0 to all for equal weights");
  }
  for (double& one : weights) one /= sum;
  return weights;
}

std::vector<std::string> arms_of(const std::set<std::string>& found, const std::vector<std::string>& wanted,
                                 const CsvTable& marks) {
  const std::vector<std::string> arms = wanted.empty() ? std::vector<std::string>{"hidden", "visible"} : wanted;
  const bool is_named = std::ranges::all_of(arms, [&](const auto& arm) { return found.contains(arm); });
  if (is_named && (!wanted.empty() || found.size() == arms.size())) return arms;
  throw Error(Error::Kind::kUsage, fmt::format("the arms are {}; which difference is meant?", fmt::join(found, ", ")),
              marks.name, "name the arms in order, the second minus the first: --arms A,B")
      .with_code("which_arms");
}

void add_mark(FrocCase& one, int place, double rating, const CsvTable& marks, const CsvRow& row) {
  if (place < 0) {
    one.highest_nonlesion = one.has_nonlesion ? std::max(one.highest_nonlesion, rating) : rating;
    one.has_nonlesion = true;
    ++one.n_nonlesion;
    return;
  }
  const auto l = static_cast<std::size_t>(place);
  if (one.is_marked[l]) refuse(marks, row, "the lesion is marked twice by this reader in this arm", "keep one mark");
  one.is_marked[l] = true;
  one.lesion_rating[l] = rating;
}

}  // namespace

FrocStudy load_froc(const CsvTable& marks, const CsvTable& truth, const std::vector<std::string>& arms) {
  const auto lesions = lesions_of(truth);
  const std::size_t reader = marks.need("reader"), arm = marks.need("arm"), case_id = marks.need("case"),
                    lesion = marks.need("lesion"), rating = marks.need("rating");
  std::set<std::string> readers, found_arms, normal, diseased;
  for (const auto& [id, weights] : lesions) (weights.empty() ? normal : diseased).insert(id);
  for (const CsvRow& row : marks.rows) {
    readers.insert(row.cells[reader]);
    found_arms.insert(row.cells[arm]);
  }
  FrocStudy study;
  study.arms = arms_of(found_arms, arms, marks);
  study.readers = natural(readers);
  study.normal = natural(normal);
  study.diseased = natural(diseased);
  if (study.normal.size() < 2 || study.diseased.size() < 2) {
    throw Error(Error::Kind::kInput, "a free-response analysis needs two normal and two diseased cases", truth.name,
                "list every case, with lesion 0 where it is normal");
  }
  study.has_patient_column = truth.find("patient").has_value();
  if (!study.has_patient_column && marks.find("patient")) {
    throw Error(Error::Kind::kInput, "the marks say whom a case is of, the truth does not: a case without marks has no patient then",
                marks.name, "put the column patient into the truth file");
  }
  std::vector<std::string> cases = study.normal;
  cases.insert(cases.end(), study.diseased.begin(), study.diseased.end());
  const auto patients = patients_of(truth, cases);
  for (const std::string& id : study.normal) study.normal_patient.push_back(patients.at(id));
  for (const std::string& id : study.diseased) study.diseased_patient.push_back(patients.at(id));
  if (are_of_one_patient(study.normal_patient) || are_of_one_patient(study.diseased_patient)) {
    throw Error(Error::Kind::kInput, "all normal, or all diseased, cases are of one patient: there is nobody to leave out", truth.name,
                "a free-response analysis needs cases of two or more patients of each truth");
  }
  std::map<std::string, std::size_t> places;
  std::vector<FrocCase> unmarked;
  for (const std::string& id : study.normal) {
    places.emplace(id, places.size());
    unmarked.emplace_back();
  }
  for (const std::string& id : study.diseased) {
    places.emplace(id, places.size());
    study.weights.push_back(scaled_weights(id, lesions.at(id), truth));
    FrocCase& one = unmarked.emplace_back();
    one.lesion_rating.assign(study.weights.back().size(), 0);
    one.is_marked.assign(study.weights.back().size(), false);
  }
  study.cells.assign(study.arms.size() * study.readers.size(), unmarked);
  for (const CsvRow& row : marks.rows) {
    const auto i = static_cast<std::size_t>(std::ranges::find(study.arms, row.cells[arm]) - study.arms.begin());
    if (i == study.arms.size()) continue;
    const auto j =
        static_cast<std::size_t>(std::ranges::find(study.readers, row.cells[reader]) - study.readers.begin());
    const std::string& id = row.cells[case_id];
    const auto known = places.find(id);
    if (known == places.end()) {
      refuse(marks, row, fmt::format("the truth has no case {}", id), "add it to the truth file");
    }
    const int l = lesion_number(marks, row, lesion);
    int place = -1;
    if (l > 0) {
      const auto& of_case = lesions.at(id);
      const auto at = of_case.find(l);
      if (at == of_case.end()) {
        refuse(marks, row, fmt::format("case {} has no lesion {}", id, l), "lesion 0 is a mark that hits none");
      }
      place = static_cast<int>(std::distance(of_case.begin(), at));
    }
    add_mark(study.cells[i * study.readers.size() + j][known->second], place, number(marks, row, rating), marks, row);
  }
  return study;
}

}  // namespace rationale::study
