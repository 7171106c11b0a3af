#include "study/statistics/results_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kUnderflow = 1e-300;

Json estimate_json(const Estimate& e) {
  Json json{{"status", "ok"}, {"estimate", e.estimate}, {"se", e.se}};
  json["df"] = e.df ? Json(*e.df) : Json(nullptr);
  json[e.df ? "t" : "z"] = e.statistic;
  json["p"] = e.p;
  json["lower"] = e.lower;
  json["upper"] = e.upper;
  if (e.p < kUnderflow) {
    json["log10_p"] = e.log10_p;
    json["note"] = "p underflows a double: report it as < 1e-300, or use log10_p";
  }
  return json;
}

Json differences_json(const std::vector<Difference>& differences, const StudyReadings& study) {
  Json json = Json::object();
  for (const Difference& one : differences) {
    json[difference_name(study, one.first, one.second)] = to_json(one.outcome);
  }
  return json;
}

enum class VarianceName { kMsr, kVar, kNone };

Json arms_json(const std::vector<ArmResult>& arms, const StudyReadings& study, VarianceName name) {
  Json json = Json::object();
  for (std::size_t i = 0; i < arms.size(); ++i) {
    Json arm = Json::object();
    if (name != VarianceName::kNone) {
      arm[name == VarianceName::kMsr ? "MSR" : "Var"] = arms[i].variance;
      arm["Cov2"] = arms[i].cov2;
    }
    arm.update(to_json(arms[i].mean));
    if (const auto* e = std::get_if<Estimate>(&arms[i].mean)) {
      arm["lower_clipped"] = std::clamp(e->lower, 0.0, 1.0);
      arm["upper_clipped"] = std::clamp(e->upper, 0.0, 1.0);
    }
    json[study.arms[i]] = arm;
  }
  return json;
}

/// F with its degrees of freedom, or why there is none.
void put_test(Json& json, const GlobalTest& test, bool is_chi2) {
  if (!test.f) {
    json["status"] = "not_estimable";
    json["code"] = "zero_variance";
    json["reason"] = "there is no error term";
    return;
  }
  if (is_chi2) {
    json["chi2"] = *test.f * test.df1;
    json["df"] = test.df1;
  } else {
    json["F"] = *test.f;
    json["df1"] = test.df1;
    json["df2"] = test.df2 ? Json(*test.df2) : Json(nullptr);
  }
  json["p"] = test.p;
}

Json analysis_json(const Analysis& analysis, const StudyReadings& study, VarianceName name) {
  Json json{{"denominator", analysis.test.denominator}};
  put_test(json, analysis.test, false);
  json["differences"] = differences_json(analysis.differences, study);
  json["arms"] = arms_json(analysis.arms, study, name);
  return json;
}

Json matrix_json(const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index k = 0; k < matrix.cols(); ++k) row.push_back(matrix(i, k));
    rows.push_back(row);
  }
  return rows;
}

const char* name_of(DrawnUnit unit) {
  switch (unit) {
    case DrawnUnit::kPatient: return "patient";
    case DrawnUnit::kReader: return "reader";
    case DrawnUnit::kCase: break;
  }
  return "case";
}

/// Within what the units were drawn.
Json strata_of(const RandomisationTest& test) {
  if (test.unit == DrawnUnit::kReader) return Json::array();
  Json strata = Json::array({"reader", "truth"});
  if (test.is_stratified) strata.push_back("stratum");
  return strata;
}

/// What is known of the draw, and what is taken for granted.
std::string draw_note(const RandomisationTest& test) {
  std::string note = test.is_declared ? "orders are drawn anew as the protocol's [design] says"
                                      : "the file does not say how the orders were drawn: taken from the periods";
  if (test.n_left_out > 0) {
    note += fmt::format("; {} pairs of reader and case without both readings are left out: taken to be missing in either order", test.n_left_out);
  }
  if (test.unit == DrawnUnit::kReader) return note + "; one order a reader, so few readers give no small p";
  return note + "; draws of different readers are taken as independent, which those of Latin squares are not";
}

}  // namespace

std::string difference_name(const StudyReadings& study, int first, int second) {
  return study.arms[static_cast<std::size_t>(second)] + " - " +
         study.arms[static_cast<std::size_t>(first)];
}

Json cluster_json(const PatientFacts& facts, const std::string& of_clusters) {
  return {{"unit", facts.is_clustered() ? "patient" : "case"},
          {"has_patient_column", facts.has_column},
          {"n_patients", facts.n},
          {"most_cases_of_a_patient", facts.most_cases},
          {"patients_with_both_truths", facts.is_any_mixed},
          {"note", !facts.has_column      ? "no column patient: every case counts as a patient of its own"
                   : facts.is_clustered() ? of_clusters
                                          : "every patient has one case: the same as by case"}};
}

Json to_json(const NotEstimable& verdict) {
  Json json{{"status", "not_estimable"}, {"code", verdict.code}, {"reason", verdict.reason}};
  if (verdict.estimate) json["estimate"] = *verdict.estimate;
  if (verdict.variance) json["variance"] = *verdict.variance;
  return json;
}

Json to_json(const Outcome& outcome) {
  if (const auto* verdict = std::get_if<NotEstimable>(&outcome)) return to_json(*verdict);
  return estimate_json(std::get<Estimate>(outcome));
}

Json to_json(const ObuchowskiRockette& result, const Eigen::MatrixXd& covariance,
             const StudyReadings& study) {
  Json json{{"n_readers", study.readers.size()}, {"arms", study.arms}, {"readers", study.readers}};
  for (std::size_t i = 0; i < study.arms.size(); ++i) {
    json["arm_mean"][study.arms[i]] = result.arm_mean(static_cast<Eigen::Index>(i));
  }
  json["cov_components"] = {{"Var", result.covariance.var},
                            {"Cov1", result.covariance.cov1},
                            {"Cov2", result.covariance.cov2},
                            {"Cov3", result.covariance.cov3}};
  json["mean_squares"] = {{"T", result.mean_squares.arm},
                          {"R", result.mean_squares.reader},
                          {"TR", result.mean_squares.arm_reader}};
  json["variance_components_unclamped"] = {{"VarR", result.var_reader},
                                           {"VarTR", result.var_arm_reader}};
  json["variance_components_clamped_as_RJafroc"] = {{"VarTR", result.var_arm_reader_clamped},
                                                    {"VarR", result.var_reader_clamped}};
  json["RRRC"] = analysis_json(result.rrrc, study, VarianceName::kMsr);
  json["RRFC"] = analysis_json(result.rrfc, study, VarianceName::kNone);
  Json fixed{{"denominator_unclamped", result.frrc.test.denominator},
             {"denominator_clamped", result.frrc_denominator_clamped}};
  put_test(fixed, result.frrc.test, true);
  fixed["differences"] = differences_json(result.frrc.differences, study);
  for (std::size_t j = 0; j < study.readers.size(); ++j) {
    fixed["readers"][study.readers[j]] = differences_json(result.frrc_readers[j], study);
  }
  fixed["arms"] = arms_json(result.frrc.arms, study, VarianceName::kVar);
  json["FRRC"] = fixed;
  json["covariance_matrix_arm_major"] = matrix_json(covariance);
  return json;
}

Json nested_json(const NestedResult& r, const StudyReadings& study) {
  Json json{{"arms", study.arms}, {"readers", study.readers}};
  for (std::size_t i = 0; i < study.arms.size(); ++i) {
    json["arm_mean"][study.arms[i]] = r.arm_mean(static_cast<Eigen::Index>(i));
  }
  json["cov_components"] = {{"Var", r.var}, {"Cov2", r.cov2}, {"Cov3", r.cov3}};
  json["mean_squares"] = {{"T", r.ms_arm}, {"R(T)", r.ms_reader}};
  json["readers_per_arm"] = r.readers_per_arm;
  const auto put = [&](const char* key, const Analysis& analysis, bool is_chi2) {
    Json block{{"denominator", analysis.test.denominator}};
    put_test(block, analysis.test, is_chi2);
    block["differences"] = differences_json(analysis.differences, study);
    json[key] = block;
  };
  put("RRRC", r.rrrc, false);
  put("FRRC", r.frrc, true);
  put("RRFC", r.rrfc, false);
  return json;
}

Json ratio_json(const std::variant<Ratio, NotEstimable>& outcome) {
  if (const auto* verdict = std::get_if<NotEstimable>(&outcome)) {
    Json json{{"status", "not_estimable"}, {"code", verdict->code}, {"reason", verdict->reason}};
    if (verdict->estimate) {
      json["ratio"] = *verdict->estimate;
      json["relative_change"] = *verdict->estimate - 1;
    }
    if (verdict->variance) json["var_log"] = *verdict->variance;
    return json;
  }
  const Ratio& r = std::get<Ratio>(outcome);
  Json json{{"status", "ok"},          {"ratio", r.ratio},   {"relative_change", r.ratio - 1},
            {"var_arm1", r.var_arm1}, {"var_arm2", r.var_arm2}, {"cov", r.cov},
            {"se_log", r.se_log}};
  json["df"] = r.df ? Json(*r.df) : Json(nullptr);
  json["lower"] = r.lower;
  json["upper"] = r.upper;
  return json;
}

Json randomisation_json(const std::variant<RandomisationTest, NotEstimable>& outcome) {
  if (const auto* verdict = std::get_if<NotEstimable>(&outcome)) return to_json(*verdict);
  const RandomisationTest& test = std::get<RandomisationTest>(outcome);
  Json json{{"status", "ok"},
            {"unit", name_of(test.unit)},
            {"strata", strata_of(test)},
            {"is_declared", test.is_declared},
            {"note", draw_note(test)},
            {"n_left_out", test.n_left_out},
            {"statistic_sum", test.statistic}};
  for (const ReaderPeriods& r : test.readers) {
    json["per_reader"][r.reader] = {{"n", r.n},
                                    {"HV", r.first_arm_first},
                                    {"first_only", r.first_only},
                                    {"second_only", r.second_only}};
  }
  json["p_two_sided"] = test.p_two_sided;
  json["p_one_sided_decrease"] = test.p_decrease;
  json["sum_of_probabilities"] = test.sum_of_probabilities;
  json["variance_exact"] = test.variance;
  json["smallest_p"] = test.smallest_p;
  if (test.unit != DrawnUnit::kReader) json["p_independent_coin_flip"] = test.p_coin_flip;
  json["discordant"] = test.discordant;
  return json;
}

Json reader_permutation_json(const std::variant<ReaderPermutation, NotEstimable>& outcome, const StudyReadings& study) {
  if (const auto* verdict = std::get_if<NotEstimable>(&outcome)) return to_json(*verdict);
  const ReaderPermutation& test = std::get<ReaderPermutation>(outcome);
  Json json{{"status", "ok"},
            {"design", "readers_nested_in_arms"},
            {"unit", "reader"},
            {"strata", Json::array()},
            {"is_declared", true},
            {"note", "readers are drawn into arms anew, among those who read the same cases; few readers give no small p"},
            {"estimate", test.estimate}};
  for (const ReaderCalls& one : test.readers) {
    json["readers"][one.reader] = {{"arm", study.arms[static_cast<std::size_t>(one.arm)]}, {"positive", one.positive}, {"n", one.n}};
  }
  json["p_two_sided"] = test.p_two_sided;
  json["p_one_sided_decrease"] = test.p_decrease;
  json["smallest_p"] = test.smallest_p;
  json["n_draws"] = test.n_draws;
  json["exact"] = test.is_exact;
  return json;
}

}  // namespace rationale::study
