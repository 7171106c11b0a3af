#include "study/statistics/mixed_data.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

std::optional<double> value_of(const ReadingRecord& one, OutcomeValue outcome) {
  switch (outcome) {
    case OutcomeValue::kConfidence: return one.confidence;
    case OutcomeValue::kLogTime:
      if (!one.time_s || *one.time_s <= 0) return std::nullopt;
      return std::log(*one.time_s);
    case OutcomeValue::kPositive:
      if (!one.is_positive) return std::nullopt;
      return *one.is_positive ? 1 : 0;
  }
  return std::nullopt;
}

const char* outcome_name(OutcomeValue outcome) {
  return outcome == OutcomeValue::kConfidence ? "confidence"
         : outcome == OutcomeValue::kLogTime  ? "log(time_s)"
                                              : "positive";
}

NotEstimable nothing_to_model(const StudyReadings& s, OutcomeValue outcome, CaseSet cases) {
  if (cases == CaseSet::kNormal && s.normal.empty()) return {"no_normal_cases", "no normal case", {}, {}};
  if (cases == CaseSet::kDiseased && s.diseased.empty()) {
    return {"no_diseased_cases", "no diseased case", {}, {}};
  }
  if (outcome == OutcomeValue::kPositive) {
    return {"no_threshold", "what counts as positive is not said: use a column positive, or --positive-at",
            {}, {}};
  }
  return {"no_column", std::string("the file has no ") + outcome_name(outcome), {}, {}};
}

constexpr std::size_t kMostPeriods = 10;  // a column with more is a date or a number of the item

bool has_full_rank(const MatrixXd& x) {
  return Eigen::ColPivHouseholderQR<MatrixXd>(x).rank() == x.cols();
}

/// Rows as they are found, before the columns of X are chosen.
struct Rows {
  std::vector<const ReadingRecord*> records;
  std::vector<double> y;
};

Rows rows_of(const StudyReadings& s, OutcomeValue outcome, CaseSet cases, const FixedTerms& terms) {
  Rows rows;
  for (const ReadingRecord& one : s.records) {
    if (cases != CaseSet::kAll && one.is_diseased != (cases == CaseSet::kDiseased)) continue;
    const auto value = value_of(one, outcome);
    if (!value || (terms.previous_arm && !one.previous_arm) || (terms.days_since_last && !one.days_since_last)) continue;
    rows.records.push_back(&one);
    rows.y.push_back(*value);
  }
  return rows;
}

class Columns {
 public:
  Columns(MixedData& data, Index n) : data_(data), n_(n) { data_.x.resize(n, 0); }

  void add(const std::string& name, const Eigen::VectorXd& column) {
    data_.x.conservativeResize(n_, data_.x.cols() + 1);
    data_.x.rightCols(1) = column;
    data_.names.push_back(name);
  }
  void drop_last(Index n) {
    data_.x.conservativeResize(n_, data_.x.cols() - n);
    data_.names.resize(data_.names.size() - static_cast<std::size_t>(n));
  }

 private:
  MixedData& data_;
  Index n_;
};

}  // namespace

std::variant<MixedData, NotEstimable> mixed_data(const StudyReadings& s, OutcomeValue outcome, CaseSet cases,
                                                 const FixedTerms& terms) {
  if (s.arms.size() != 2) {
    return NotEstimable{s.arms.size() < 2 ? "one_arm" : "three_arms", "a model compares two arms", {}, {}};
  }
  const Rows rows = rows_of(s, outcome, cases, terms);
  if (rows.records.empty()) {
    if (terms.previous_arm) return NotEstimable{"no_column", "the file does not say in which order was read (column position)", {}, {}};
    if (terms.days_since_last) {
      return NotEstimable{"no_column", "the file does not say when a case was seen before (column days_since_last)", {}, {}};
    }
    return nothing_to_model(s, outcome, cases);
  }
  const auto n = static_cast<Index>(rows.records.size());
  MixedData data;
  data.y = Eigen::Map<const Eigen::VectorXd>(rows.y.data(), n);
  data.arm.resize(n);
  Eigen::VectorXd truth(n);
  std::set<int> periods;
  bool has_period = true;
  std::map<int, int> reader_places;
  std::map<std::pair<bool, int>, int> case_places;
  for (const ReadingRecord* one : rows.records) {
    reader_places.emplace(one->reader, 0);
    case_places.emplace(std::pair(one->is_diseased, one->case_index), 0);
  }
  for (auto& [reader, place] : reader_places) place = data.n_readers++;
  for (auto& [key, place] : case_places) place = data.n_cases++;
  data.has_patients = s.patients().is_clustered();
  std::map<int, int> patient_places;
  const auto patient_of = [&](const ReadingRecord& one) {
    return (one.is_diseased ? s.diseased_patient : s.normal_patient)[static_cast<std::size_t>(one.case_index)];
  };
  for (const ReadingRecord* one : rows.records) patient_places.emplace(patient_of(*one), 0);
  int n_patients = 0;
  for (auto& [patient, place] : patient_places) place = n_patients++;
  data.n_clusters = data.has_patients ? n_patients : data.n_cases;
  for (Index i = 0; i < n; ++i) {
    const ReadingRecord& one = *rows.records[static_cast<std::size_t>(i)];
    data.arm(i) = one.arm;
    truth(i) = one.is_diseased ? 1 : 0;
    has_period = has_period && one.period;
    if (one.period) periods.insert(*one.period);
    data.reader_of.push_back(reader_places.at(one.reader));
    data.case_of.push_back(case_places.at({one.is_diseased, one.case_index}));
    data.cluster_of.push_back(data.has_patients ? patient_places.at(patient_of(one)) : data.case_of.back());
  }
  data.fixed = std::string(outcome_name(outcome)) + " ~ arm";
  Columns columns(data, n);
  columns.add("(Intercept)", Eigen::VectorXd::Ones(n));
  columns.add("arm" + s.arms[1], data.arm);
  if (terms.truth_interaction) {
    columns.add("truth", truth);
    data.fixed += " * truth";
  }
  if (terms.period && has_period && periods.size() > 1 && periods.size() <= kMostPeriods) {
    // A factor, as R's: the first period is the base.
    for (auto period = std::next(periods.begin()); period != periods.end(); ++period) {
      Eigen::VectorXd is_period(n);
      for (Index i = 0; i < n; ++i) is_period(i) = *rows.records[static_cast<std::size_t>(i)]->period == *period;
      columns.add("period" + std::to_string(*period), is_period);
    }
    if (has_full_rank(data.x)) {
      data.fixed += " + period";
    } else {
      columns.drop_last(static_cast<Index>(periods.size()) - 1);
    }
  }
  if (terms.truth_interaction) columns.add("arm" + s.arms[1] + ":truth", data.arm.cwiseProduct(truth));
  const auto add_term = [&](const std::string& name, const char* word, const auto& value_in) {
    Eigen::VectorXd column(n);
    for (Index i = 0; i < n; ++i) column(i) = value_in(*rows.records[static_cast<std::size_t>(i)]);
    columns.add(name, column);
    data.fixed += word;
  };
  if (terms.previous_arm) {
    add_term("previous" + s.arms[1], " + previous arm", [](const ReadingRecord& one) { return double(*one.previous_arm); });
  }
  if (terms.days_since_last) {
    add_term("days_since_last", " + days since last", [](const ReadingRecord& one) { return *one.days_since_last; });
  }
  if (terms.readers) {
    for (const auto& [reader, place] : reader_places) {
      if (place == 0) continue;
      Eigen::VectorXd is_reader(n);
      for (Index i = 0; i < n; ++i) is_reader(i) = data.reader_of[static_cast<std::size_t>(i)] == place;
      columns.add("reader" + s.readers[static_cast<std::size_t>(reader)], is_reader);
    }
    if (data.n_readers > 1) data.fixed += " + reader";
  }
  if (n <= data.x.cols() || !has_full_rank(data.x)) {
    return NotEstimable{"rank_deficient", "the readings do not tell arms, periods or readers apart", {}, {}};
  }
  return data;
}

std::optional<NotEstimable> no_patient_effect(const MixedData& data) {
  if (!data.has_patients) return std::nullopt;
  return NotEstimable{"several_cases_a_patient",
                      "a patient has several cases, and this model takes each for a patient of its own: see the estimating "
                      "equations, whose clusters are patients, and the paired t over readers",
                      {}, {}};
}

std::vector<Coefficient> coefficients(const MixedData& data, const Eigen::VectorXd& beta,
                                      const MatrixXd& covariance,
                                      const std::vector<std::optional<double>>& df) {
  std::vector<Coefficient> result;
  for (Index i = 0; i < beta.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    result.push_back({data.names[place],
                      tested(beta(i), covariance(i, i), df.empty() ? std::nullopt : df[place])});
  }
  return result;
}

}  // namespace rationale::study
