#include "study/statistics/case_readings.h"

#include <algorithm>
#include <map>
#include <set>

namespace rationale::study {
namespace {

/// Patient numbers of any kind as 0 … n - 1, in the order of the numbers.
std::map<int, int> places_of(const std::vector<int>& some, const std::vector<int>& others) {
  std::map<int, int> places;
  for (const int patient : some) places.emplace(patient, 0);
  for (const int patient : others) places.emplace(patient, 0);
  int next = 0;
  for (auto& [patient, place] : places) place = next++;
  return places;
}

std::vector<int> at(const std::map<int, int>& places, const std::vector<int>& patients) {
  std::vector<int> result;
  result.reserve(patients.size());
  for (const int patient : patients) result.push_back(places.at(patient));
  return result;
}

std::vector<int> counting_from(int first, Eigen::Index n) {
  std::vector<int> numbers(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = first + static_cast<int>(i);
  return numbers;
}

}  // namespace

CaseReadings with_cells(const CaseReadings& readings, const std::vector<int>& cells) {
  return {readings.value(cells, Eigen::all), readings.read(cells, Eigen::all), readings.patient};
}

Patients patients_of(const CaseReadings& normal, const CaseReadings& diseased) {
  Patients result;
  if (normal.patient.empty() && diseased.patient.empty()) {
    result.normal = counting_from(0, normal.value.cols());
    result.diseased = counting_from(static_cast<int>(normal.value.cols()), diseased.value.cols());
    result.n = static_cast<int>(normal.value.cols() + diseased.value.cols());
    return result;
  }
  const std::map<int, int> places = places_of(normal.patient, diseased.patient);
  result.normal = at(places, normal.patient);
  result.diseased = at(places, diseased.patient);
  result.n = static_cast<int>(places.size());
  const std::set<int> with_normal(result.normal.begin(), result.normal.end());
  for (const int patient : result.diseased) {
    result.is_any_mixed = result.is_any_mixed || with_normal.contains(patient);
  }
  return result;
}

PatientFacts patient_facts(const std::vector<int>& normal, const std::vector<int>& diseased, bool has_column) {
  PatientFacts facts{.has_column = has_column};
  std::map<int, std::pair<int, int>> cases;
  for (const int patient : normal) ++cases[patient].first;
  for (const int patient : diseased) ++cases[patient].second;
  facts.n = static_cast<int>(cases.size());
  for (const auto& [patient, n] : cases) {
    facts.most_cases = std::max(facts.most_cases, n.first + n.second);
    facts.is_any_mixed = facts.is_any_mixed || (n.first > 0 && n.second > 0);
  }
  return facts;
}

Eigen::MatrixXd summed_columns(const Eigen::MatrixXd& values, const std::vector<int>& group, int n_groups) {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(values.rows(), n_groups);
  for (std::size_t k = 0; k < group.size(); ++k) sums.col(group[k]) += values.col(static_cast<Eigen::Index>(k));
  return sums;
}

PatientReadings by_patient(const CaseReadings& readings) {
  if (readings.patient.empty()) return {readings.value, readings.read};
  const std::map<int, int> places = places_of(readings.patient, {});
  const std::vector<int> group = at(places, readings.patient);
  const int n = static_cast<int>(places.size());
  return {summed_columns(readings.value, group, n), summed_columns(readings.read, group, n)};
}

bool has_two_patients_everywhere(const CaseReadings& readings) {
  const PatientReadings patients = by_patient(readings);
  for (Eigen::Index cell = 0; cell < patients.read.rows(); ++cell) {
    if ((patients.read.row(cell).array() > 0).count() < 2) return false;
  }
  return patients.read.rows() > 0;
}

}  // namespace rationale::study
