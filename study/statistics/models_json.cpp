#include "study/statistics/models_json.h"

#include <functional>
#include <vector>

#include "study/statistics/gee.h"
#include "study/statistics/in_parallel.h"
#include "study/statistics/linear_mixed.h"
#include "study/statistics/logistic_mixed.h"
#include "study/statistics/reader_means.h"
#include "study/statistics/results_json.h"
#include "study/statistics/study_results.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

Json rows_json(const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    rows.push_back(std::vector<double>(matrix.cols()));
    for (Eigen::Index k = 0; k < matrix.cols(); ++k) rows.back()[static_cast<std::size_t>(k)] = matrix(i, k);
  }
  return rows;
}

Json coefficients_json(const std::vector<Coefficient>& coefficients) {
  Json json = Json::object();
  for (const Coefficient& one : coefficients) {
    const auto* e = std::get_if<Estimate>(&one.outcome);
    if (e == nullptr) {
      json[one.name] = to_json(std::get<NotEstimable>(one.outcome));
      continue;
    }
    Json& row = json[one.name] = {{"Estimate", e->estimate}, {"Std. Error", e->se}};
    if (e->df) row["df"] = *e->df;
    row[e->df ? "t value" : "z value"] = e->statistic;
    row[e->df ? "Pr(>|t|)" : "Pr(>|z|)"] = e->p;
    row["lower"] = e->lower;
    row["upper"] = e->upper;
  }
  return json;
}

Json variance_json(const std::vector<VarianceTerm>& terms) {
  Json json = Json::array();
  for (const VarianceTerm& one : terms) {
    Json row{{"group", one.group}};
    if (!one.first.empty()) row["var1"] = one.first;  // a residual is of no effect, a variance of one
    if (!one.second.empty()) row["var2"] = one.second;
    row["vcov"] = one.value;
    row["sdcor"] = one.size;
    json.push_back(std::move(row));
  }
  return json;
}

Json fit_json(const LinearMixed& fit) {
  Json json{{"status", "ok"},
            {"formula", fit.formula},
            {"REML", fit.likelihood == Likelihood::kReml},
            {"coefficients", coefficients_json(fit.satterthwaite)},
            {"vcov_fixed", rows_json(fit.covariance)},
            {"variance", variance_json(fit.variance)},
            {"logLik", fit.log_likelihood},
            {"AIC", fit.aic},
            {"BIC", fit.bic},
            {"singular", fit.is_singular},
            {"n", fit.n}};
  if (fit.is_singular) {
    json["note"] = fit.readers == ReaderEffects::kSlopes || fit.readers == ReaderEffects::kUncorrelatedSlopes
                       ? "reader slope variance estimated as 0, or correlation as 1: see the paired t over readers"
                       : "a variance is estimated as 0";
  }
  return json;
}

Json fit_json(const LogisticMixed& fit) {
  const auto n_parameters = static_cast<double>(fit.coefficients.size() + fit.variance.size());
  Json json{{"status", "ok"},
            {"formula", fit.formula},
            {"nAGQ", fit.n_nodes},
            {"coefficients", coefficients_json(fit.coefficients)},
            {"vcov_fixed", rows_json(fit.covariance)},
            {"variance", variance_json(fit.variance)},
            {"logLik", fit.log_likelihood},
            {"deviance_minus2logLik", -2 * fit.log_likelihood},
            {"AIC", 2 * n_parameters - 2 * fit.log_likelihood},
            {"singular", fit.is_singular},
            {"n", fit.n},
            {"warnings", Json::array()}};
  if (fit.is_singular) json["warnings"].push_back("a variance is estimated as 0");
  if (fit.is_doubtful) {
    json["warnings"].push_back("a standard deviation above 5: hardly a case, or reader, is called in two ways, "
                               "and this approximation of the likelihood is poor there");
  }
  return json;
}

/// The column names of geepack: Wald's statistic is z^2.
Json gee_json(const MixedData& data, const Gee& fit, WorkingCorrelation correlation) {
  Json json{{"status", "ok"},
            {"formula", data.fixed},
            {"cluster", data.has_patients ? "patient" : "case"},
            {"corstr", correlation == WorkingCorrelation::kExchangeable ? "exchangeable" : "independence"}};
  for (const Coefficient& one : fit.coefficients) {
    const auto* e = std::get_if<Estimate>(&one.outcome);
    json["coefficients"][one.name] =
        e == nullptr ? to_json(std::get<NotEstimable>(one.outcome))
                     : Json{{"Estimate", e->estimate},
                            {"Std.err", e->se},
                            {"Wald", e->statistic * e->statistic},
                            {"Pr(>|W|)", e->p},
                            {"lower", e->lower},
                            {"upper", e->upper}};
  }
  json["alpha"] = fit.alpha ? Json(*fit.alpha) : Json::array();
  json["scale"] = fit.scale;
  json["robust_vcov"] = rows_json(fit.robust);
  json["naive_vcov"] = rows_json(fit.naive);
  return json;
}

using MaybeData = std::variant<MixedData, NotEstimable>;

/// Two readers are too few to be a sample: they get a coefficient each.
bool has_few_readers(const StudyReadings& s) { return s.readers.size() < 3; }

/// One outcome: models [A] and [B], the interaction with truth, and the paired t beside them.
class LinearModels {
 public:
  LinearModels(const StudyReadings& s, OutcomeValue outcome, std::string prefix)
      : study_(s), outcome_(outcome), prefix_(std::move(prefix)) {}

  void add(Json& json) const {
    const MaybeData data = get({.readers = has_few_readers(study_)});
    const ReaderEffects plain = has_few_readers(study_) ? ReaderEffects::kNone : ReaderEffects::kIntercept;
    add_fit(json, "", data, plain, Likelihood::kReml, "_KenwardRoger");
    add_fit(json, "_ML", data, plain, Likelihood::kMl);
    add_fit(json, "_slopes", data, ReaderEffects::kSlopes, Likelihood::kReml, "_slopes_KenwardRoger");
    add_fit(json, "_uncorrelated_slopes", data, ReaderEffects::kUncorrelatedSlopes, Likelihood::kReml);
    add_fit(json, "_interaction", get({.truth_interaction = true, .readers = has_few_readers(study_)}), plain,
            Likelihood::kReml);
    // A reader of one arm shows no reaction: the readers' own level is then all that differs between readers.
    const bool is_nested = mean_merits(study_, outcome_ == OutcomeValue::kConfidence ? Measure::kConfidence : Measure::kLogTime).nested().has_value();
    json[prefix_ + "_primary"] = has_few_readers(study_) || is_nested ? prefix_ : prefix_ + "_slopes";
  }

 private:
  MaybeData get(const FixedTerms& terms) const { return mixed_data(study_, outcome_, CaseSet::kAll, terms); }

  void add_fit(Json& json, const std::string& suffix, const MaybeData& data, ReaderEffects readers,
               Likelihood likelihood, const std::string& kenward_roger_suffix = {}) const {
    const auto put_reason = [&](const NotEstimable& why) {
      json[prefix_ + suffix] = to_json(why);
      if (!kenward_roger_suffix.empty()) json[prefix_ + kenward_roger_suffix] = to_json(why);
    };
    if (const auto* why = std::get_if<NotEstimable>(&data)) return put_reason(*why);
    if (has_few_readers(study_) && readers != ReaderEffects::kNone) {
      return put_reason({"too_few_readers", "a random reader effect needs at least 3 readers; readers are fixed",
                         {}, {}});
    }
    const auto& rows = std::get<MixedData>(data);
    const auto outcome = linear_mixed(rows, readers, likelihood);
    if (const auto* why = std::get_if<NotEstimable>(&outcome)) return put_reason(*why);
    const auto& fit = std::get<LinearMixed>(outcome);
    json[prefix_ + suffix] = fit_json(fit);
    if (kenward_roger_suffix.empty()) return;
    const auto adjusted = kenward_roger(rows, fit);
    const auto* why = std::get_if<NotEstimable>(&adjusted);
    json[prefix_ + kenward_roger_suffix] =
        why != nullptr ? to_json(*why) : coefficients_json(std::get<std::vector<Coefficient>>(adjusted));
  }

  const StudyReadings& study_;
  OutcomeValue outcome_;
  std::string prefix_;
};

template <typename Fit>
Json outcome_json(const std::variant<Fit, NotEstimable>& outcome) {
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) return to_json(*why);
  return fit_json(std::get<Fit>(outcome));
}

Json laplace_json(const StudyReadings& s, CaseSet cases) {
  const MaybeData data = mixed_data(s, OutcomeValue::kPositive, cases);
  if (const auto* why = std::get_if<NotEstimable>(&data)) return to_json(*why);
  return outcome_json(logistic_laplace(std::get<MixedData>(data)));
}

Json quadrature_json(const StudyReadings& s, CaseSet cases) {
  const MaybeData data = mixed_data(s, OutcomeValue::kPositive, cases, {.readers = true});
  if (const auto* why = std::get_if<NotEstimable>(&data)) return to_json(*why);
  return outcome_json(logistic_quadrature(std::get<MixedData>(data)));
}

Json equations_json(const StudyReadings& s, OutcomeValue outcome, CaseSet cases, const FixedTerms& terms,
                    Family family, WorkingCorrelation correlation) {
  const MaybeData data = mixed_data(s, outcome, cases, terms);
  if (const auto* why = std::get_if<NotEstimable>(&data)) return to_json(*why);
  const auto fit = gee(std::get<MixedData>(data), family, correlation);
  if (const auto* why = std::get_if<NotEstimable>(&fit)) return to_json(*why);
  return gee_json(std::get<MixedData>(data), std::get<Gee>(fit), correlation);
}

/// Whether a logistic model of false positives makes sense here at all.
Json false_positive_verdict(const StudyReadings& s) {
  const MaybeData data = mixed_data(s, OutcomeValue::kPositive, CaseSet::kNormal, {.period = false});
  if (const auto* why = std::get_if<NotEstimable>(&data)) return to_json(*why);
  if (const auto why = no_patient_effect(std::get<MixedData>(data))) return to_json(*why);
  if (const auto why = separation(std::get<MixedData>(data))) return to_json(*why);
  if (has_few_readers(s)) {
    return to_json(NotEstimable{"too_few_readers",
                                "a random reader effect needs at least 3 readers; use fixed readers", {}, {}});
  }
  return {{"status", "ok"}};
}

void add_reader_means(Json& json, const StudyReadings& s) {
  const auto outcome = reader_means(s, Measure::kConfidence);
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
    json["confidence_reader_means"] = json["paired_t_over_readers"] = to_json(*why);
    return;
  }
  const auto& means = std::get<ReaderMeans>(outcome);
  json["confidence_reader_means"] = {
      {"readers", s.readers}, {s.arms[0], means.first}, {s.arms[1], means.second}};
  const auto* t = std::get_if<Estimate>(&means.difference);
  json["paired_t_over_readers"] = t == nullptr ? to_json(means.difference)
                                               : Json{{"status", "ok"},
                                                      {"statistic", t->statistic},
                                                      {"parameter", *t->df},
                                                      {"p", t->p},
                                                      {"estimate", t->estimate},
                                                      {"ci", {t->lower, t->upper}}};
}

}  // namespace

void add_linear_models(Json& json, const StudyReadings& s) {
  LinearModels(s, OutcomeValue::kConfidence, "lmm_confidence").add(json);
  LinearModels(s, OutcomeValue::kLogTime, "lmm_log_time").add(json);
}

void add_models(Json& json, const StudyReadings& s, int threads) {
  using enum WorkingCorrelation;
  // One part a task, the longest first; put together in the order of the page.
  std::vector<std::function<void(Json&)>> parts;
  parts.push_back([&](Json& part) { part["glmm_fp"] = laplace_json(s, CaseSet::kNormal); });
  parts.push_back([&](Json& part) { part["glmm_tp"] = laplace_json(s, CaseSet::kDiseased); });
  parts.push_back([&](Json& part) { part["glmm_fp_case_only_AGQ"] = quadrature_json(s, CaseSet::kNormal); });
  parts.push_back([&](Json& part) { part["glmm_tp_case_only_AGQ"] = quadrature_json(s, CaseSet::kDiseased); });
  parts.push_back([&](Json& part) { LinearModels(s, OutcomeValue::kConfidence, "lmm_confidence").add(part); });
  parts.push_back([&](Json& part) { LinearModels(s, OutcomeValue::kLogTime, "lmm_log_time").add(part); });
  const FixedTerms readers{.readers = true}, arm_only{.period = false};
  for (const auto& [cases, name] : {std::pair{CaseSet::kNormal, "gee_fp"}, {CaseSet::kDiseased, "gee_tp"}}) {
    parts.push_back([&s, &readers, &arm_only, cases = cases, name = name](Json& part) {
      const auto put = [&](const char* suffix, const FixedTerms& terms, Family family, WorkingCorrelation correlation) {
        part[std::string(name) + suffix] = equations_json(s, OutcomeValue::kPositive, cases, terms, family, correlation);
      };
      put("_case_independence", readers, Family::kBinomialLogit, kIndependence);
      put("_case_exchangeable", readers, Family::kBinomialLogit, kExchangeable);
      put("_case_exchangeable_armonly", arm_only, Family::kBinomialLogit, kExchangeable);
      put("_case_identity_link", arm_only, Family::kBinomialIdentity, kIndependence);
    });
  }
  parts.push_back([&](Json& part) {
    part["gee_conf_case_exchangeable"] = equations_json(s, OutcomeValue::kConfidence, CaseSet::kAll, {},
                                                        Family::kGaussian, kExchangeable);
  });
  parts.push_back([&](Json& part) {
    part["agreement"] = agreement_json(s);
    part["calibration"] = calibration_json(s);
    part["calibration_logistic"] = calibration_line_json(s);
  });
  std::vector<Json> done(parts.size(), Json::object());
  in_parallel(parts.size(), threads, [&](std::size_t k) { parts[k](done[k]); });
  add_reader_means(json, s);
  json["glmm_false_positive"] = false_positive_verdict(s);
  for (Json& part : done) json.update(part);
}

}  // namespace rationale::study
