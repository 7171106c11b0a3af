#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "study/statistics/agreement.h"
#include "study/statistics/calibration.h"
#include "study/statistics/concordance.h"
#include "study/statistics/models_json.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;
using Eigen::Index;

/// What is compared of a reading; empty: the reading does not count.
using Value = std::optional<double> (*)(const ReadingRecord&);

std::optional<double> decision(const ReadingRecord& one) {
  return one.is_positive ? std::optional(*one.is_positive ? 1.0 : 0.0) : std::nullopt;
}
std::optional<double> confidence(const ReadingRecord& one) { return one.confidence; }
std::optional<double> rating(const ReadingRecord& one) { return one.rating; }

/// Rating cut at -60, -20, 20, 60, right closed.
std::optional<double> five_categories(const ReadingRecord& one) {
  if (!one.rating) return std::nullopt;
  double category = 0;
  for (const double cut : {-60, -20, 20, 60}) category += *one.rating > cut;
  return category;
}

using Columns = std::vector<std::pair<int, int>>;  ///< reader, arm

/// Values of those columns, a row a case, normal ones first: [cases, columns]; NaN where there is none.
Eigen::MatrixXd values_of(const StudyReadings& s, Value value, const Columns& columns) {
  const auto n_normal = static_cast<Index>(s.normal.size());
  Eigen::MatrixXd values = Eigen::MatrixXd::Constant(n_normal + static_cast<Index>(s.diseased.size()), static_cast<Index>(columns.size()),
                                                     std::numeric_limits<double>::quiet_NaN());
  std::map<std::pair<int, int>, Index> place;
  for (std::size_t c = 0; c < columns.size(); ++c) place.emplace(columns[c], static_cast<Index>(c));
  for (const ReadingRecord& one : s.records) {
    const auto found = place.find({one.reader, one.arm});
    const auto is = found == place.end() ? std::nullopt : value(one);
    if (is) values(one.case_index + (one.is_diseased ? n_normal : 0), found->second) = *is;
  }
  return values;
}

/// Of the rows of values_of, where a patient has several cases; else empty.
std::vector<int> patients_of_rows(const StudyReadings& s) {
  if (!s.patients().is_clustered()) return {};
  std::vector<int> patient = s.normal_patient;
  patient.insert(patient.end(), s.diseased_patient.begin(), s.diseased_patient.end());
  return patient;
}

struct Complete {
  Eigen::MatrixXd values;    ///< [cases, columns]
  std::vector<int> patient;  ///< of each case, or empty
};

/// Those of `columns`, for the cases that have all of them.
Complete complete(const Eigen::MatrixXd& values, const std::vector<Index>& columns, const std::vector<int>& patient) {
  std::vector<Index> rows;
  Complete result;
  for (Index k = 0; k < values.rows(); ++k) {
    if (std::ranges::any_of(columns, [&](Index c) { return std::isnan(values(k, c)); })) continue;
    rows.push_back(k);
    if (!patient.empty()) result.patient.push_back(patient[static_cast<std::size_t>(k)]);
  }
  result.values = values(rows, columns);
  return result;
}

Complete wide(const StudyReadings& s, Value value, const Columns& columns) {
  std::vector<Index> all(columns.size());
  std::iota(all.begin(), all.end(), Index{0});
  return complete(values_of(s, value, columns), all, patients_of_rows(s));
}

Json put(const CohenKappa& c) {
  Json table = Json::array();
  for (Index r = 0; r < c.table.rows(); ++r) {
    table.push_back(Json::array());
    for (Index q = 0; q < c.table.cols(); ++q) table.back().push_back(c.table(r, q));
  }
  return {{"kappa", c.kappa}, {"po", c.observed}, {"pe", c.expected}, {"se", c.se},
          {"se_null", c.se_null}, {"n", c.n}, {"table", table}};
}
Json put(const FleissKappa& f) {
  return {{"kappa", f.kappa}, {"P_observed", f.observed}, {"P_expected", f.expected},
          {"z", f.z}, {"se_null", f.se_null}, {"p", f.p}};
}
Json put(const Ac1& a) { return {{"AC1", a.ac1}, {"Pa", a.observed}, {"Pe", a.expected}, {"se", a.se}}; }
Json put(const Iccs& iccs) {
  Json json = Json::object();
  for (std::size_t i = 0; i < iccs.by_type.size(); ++i) {
    const Icc& one = iccs.by_type[i];
    json[Iccs::kNames[i]] = {{"value", one.value}, {"F", one.f}, {"df1", one.df1}, {"df2", one.df2},
                             {"p", one.p}, {"lower", one.lower}, {"upper", one.upper}};
  }
  return json;
}
Json put(const KendallW& k) {
  return {{"W", k.w}, {"W_uncorrected", k.w_uncorrected}, {"chi2", k.chi2}, {"df", k.df}, {"p", k.p},
          {"friedman_check", k.chi2}};
}
Json put(const Calibration& c) {
  Json bins{{"index", Json::array()}, {"n", Json::array()}, {"mean_p", Json::array()}, {"rate", Json::array()}};
  for (const CalibrationBin& one : c.bins) {
    bins["index"].push_back(one.index);
    bins["n"].push_back(one.n);
    bins["mean_p"].push_back(one.mean_p);
    bins["rate"].push_back(one.rate);
  }
  return {{"brier", c.brier}, {"ece", c.ece}, {"mce", c.mce}, {"bins", bins},
          {"reliability", c.reliability}, {"resolution", c.resolution}, {"uncertainty", c.uncertainty},
          {"within_bin_variance", c.within_bin_variance}, {"within_bin_covariance", c.within_bin_covariance},
          {"log_loss_clipped_1e_15", c.log_loss}};
}
Json put(const CalibrationLine& line) {
  return {{"intercept", line.intercept}, {"slope", line.slope}, {"calibration_in_the_large", line.in_the_large}};
}

template <typename Value>
Json put(const std::variant<Value, NotEstimable>& outcome) {
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) return to_json(*why);
  return put(std::get<Value>(outcome));
}

NotEstimable not_signed() {
  return {"not_signed_confidence", "the ratings are not + or - a confidence of 0 to 100", {}, {}};
}

/// Without the tests and intervals that take cases for independent, where a patient has several.
Json described(Json json, const std::vector<int>& patient, const std::vector<const char*>& inference) {
  if (patient.empty()) return json;
  std::size_t n = 0;
  for (const char* key : inference) n += json.erase(key);
  if (n > 0) json["inference"] = to_json(NotEstimable{"several_cases_a_patient", "it takes cases for independent, and a patient has several", {}, {}});
  return json;
}

/// Of two readers: columns of `values`.
Json kappa_json(const Eigen::MatrixXd& values, Index first, Index second, const std::vector<int>& patient,
                KappaWeights weights = KappaWeights::kNone) {
  const Complete both = complete(values, {first, second}, patient);
  const Categories calls = both.values.cast<int>();
  return described(put(cohen_kappa(calls.col(0), calls.col(1), weights, both.patient)), both.patient, {"se_null"});
}

Json fleiss_json(const Complete& readings) {
  return described(put(fleiss_kappa(readings.values.cast<int>())), readings.patient, {"z", "se_null", "p"});
}

Json icc_json(const Complete& readings) {
  Json json = put(intraclass(readings.values));
  for (Json& one : json) {
    if (one.is_object()) one = described(std::move(one), readings.patient, {"F", "df1", "df2", "p", "lower", "upper"});
  }
  return json;
}

Json arm_json(const StudyReadings& s, int arm) {
  const auto n = static_cast<int>(s.readers.size());
  Columns columns;
  for (int j = 0; j < n; ++j) columns.push_back({j, arm});
  Json json;
  const std::vector<int> patient = patients_of_rows(s);
  const Complete ratings = wide(s, rating, columns);
  json["n_cases_read_by_all"] = ratings.values.rows();
  if (s.has_decisions) {
    const Complete decisions = wide(s, decision, columns);
    json["fleiss_binary"] = fleiss_json(decisions);
    json["ac1_binary"] = put(gwet_ac1(decisions.values.cast<int>(), decisions.patient));
    const Eigen::MatrixXd values = values_of(s, decision, columns);
    for (int j = 0; j < n; ++j) {
      for (int k = j + 1; k < n; ++k) {
        const std::string pair = s.readers[static_cast<std::size_t>(j)] + " " + s.readers[static_cast<std::size_t>(k)];
        json["cohen_binary"][pair] = kappa_json(values, j, k, patient);
      }
    }
  } else {
    const NotEstimable why{"no_threshold", "what counts as positive is not said", {}, {}};
    json["fleiss_binary"] = json["ac1_binary"] = json["cohen_binary"] = to_json(why);
  }
  if (has_signed_confidence(s)) {
    const Complete five = wide(s, five_categories, columns);
    json["five_categories"] = "rating cut at -60,-20,20,60 (right closed)";
    json["fleiss_5cat"] = fleiss_json(five);
    json["ac1_5cat"] = put(gwet_ac1(five.values.cast<int>(), five.patient));
    if (n > 1) {
      const Eigen::MatrixXd values = values_of(s, five_categories, columns);
      json["cohen_5cat"] = kappa_json(values, 0, 1, patient);
      json["cohen_5cat_linear"] = kappa_json(values, 0, 1, patient, KappaWeights::kLinear);
      json["cohen_5cat_quadratic"] = kappa_json(values, 0, 1, patient, KappaWeights::kQuadratic);
    }
  } else {
    json["fleiss_5cat"] = json["ac1_5cat"] = to_json(not_signed());
  }
  json["icc_confidence"] = icc_json(wide(s, confidence, columns));
  json["kendall_W_rating"] = described(put(kendall_w(ratings.values)), ratings.patient, {"chi2", "df", "p", "friedman_check"});
  return json;
}

std::vector<RatedTruth> rated(const StudyReadings& s, int arm) {
  std::vector<RatedTruth> result;
  for (const ReadingRecord& one : s.records) {
    if (one.arm == arm && one.rating) result.push_back({*one.rating, one.is_diseased});
  }
  return result;
}

template <typename Function>
Json by_arm(const StudyReadings& s, Function function) {
  if (!has_signed_confidence(s)) return to_json(not_signed());
  Json json = Json::object();
  for (std::size_t i = 0; i < s.arms.size(); ++i) {
    json[s.arms[i]] = put(function(rated(s, static_cast<int>(i))));
  }
  return json;
}

}  // namespace

bool has_signed_confidence(const StudyReadings& s) {
  return !s.records.empty() && std::ranges::all_of(s.records, [](const ReadingRecord& one) {
    if (!one.confidence || !one.is_positive || *one.confidence < 0 || *one.confidence > 100) return false;
    return one.rating == (*one.is_positive ? *one.confidence : -*one.confidence);
  });
}

Json agreement_json(const StudyReadings& s) {
  Json json = Json::object();
  for (std::size_t i = 0; i < s.arms.size(); ++i) json[s.arms[i]] = arm_json(s, static_cast<int>(i));
  if (s.arms.size() != 2 || !s.has_decisions) return json;
  Json& same = json["intra_reader_" + s.arms[0] + "_vs_" + s.arms[1]];
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    const auto reader = static_cast<int>(j);
    same[s.readers[j]] = kappa_json(values_of(s, decision, {{reader, 0}, {reader, 1}}), 0, 1, patients_of_rows(s));
  }
  return json;
}

Json calibration_json(const StudyReadings& s) { return by_arm(s, calibration); }

Json calibration_line_json(const StudyReadings& s) {
  Json json = by_arm(s, calibration_line);
  if (json.value("status", "ok") == "ok") json["note"] = "p clipped to [1e-6, 1-1e-6] before the logit";
  return json;
}

}  // namespace rationale::study
