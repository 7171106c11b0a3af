#include "study/statistics/metric_block.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "study/statistics/bdg.h"
#include "study/statistics/block_parts.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/dbm.h"
#include "study/statistics/difference_json.h"
#include "study/statistics/mcnemar.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;

NotEstimable verdict(const char* code, const std::string& reason) { return {code, reason, {}, {}}; }

/// p/q in lowest terms.
std::string fraction(double total, double pairs) {
  const auto p = static_cast<long long>(2 * total), q = static_cast<long long>(2 * pairs);
  const long long divisor = std::gcd(p, q);
  return q / divisor == 1 ? fmt::format("{}", p / divisor) : fmt::format("{}/{}", p / divisor, q / divisor);
}

/// Which arms the U-statistics compare: the first two.
std::vector<Index> compared_arms(const Merits& m) { return m.n_arms < 2 ? std::vector<Index>{0} : std::vector<Index>{0, 1}; }

/// Whether those arms have readings of each kind.
bool have_readings(const CaseReadings& readings, const Merits& m) {
  for (const Index arm : compared_arms(m)) {
    if (readings.read.middleRows(arm * m.n_readers, m.n_readers).sum() == 0) return false;
  }
  return true;
}

/// Whether a reader of each of those arms has readings of both truths: else there is no pair to compare.
bool have_pairs(const PairSums& sums, const Merits& m) {
  for (const Index arm : compared_arms(m)) {
    double pairs = 0;
    for (Index j = 0; j < m.n_readers; ++j) {
      const Index cell = arm * m.n_readers + j;
      pairs += sums.normal_read.row(cell).sum() * sums.diseased_read.row(cell).sum();
    }
    if (pairs == 0) return false;
  }
  return true;
}

Merits auc_merits(const StudyReadings& s, const PairSums& sums, const PairProducts& products,
                  const CaseReadings& normal, const CaseReadings& diseased) {
  Merits m{.theta = auc(sums), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(s.readers.size()), .cases = "normal or diseased", .arms = s.arms, .readers = s.readers};
  const bool can = m.nested() ? s.normal.size() > 1 && s.diseased.size() > 1
                              : has_two_patients_everywhere(normal) && has_two_patients_everywhere(diseased);
  if (can) m.covariance = covariance_unbiased(products);
  return m;
}

Json mcnemar_json(const StudyReadings& s, const CaseReadings& decisions) {
  Json json = Json::object();
  const auto n = static_cast<Index>(s.readers.size());
  const bool has_patients = s.patients().is_clustered();
  for (Index j = 0; j < n; ++j) {
    const DiscordantPairs pairs = discordant_pairs(decisions, j, n + j);
    Json& one = json[s.readers[static_cast<std::size_t>(j)]];
    one = {{"first_only", pairs.first_only}, {"second_only", pairs.second_only}};
    if (has_patients) {
      const auto by_patient = mcnemar_by_patient(decisions, j, n + j);
      one["unit"] = "patient";
      if (const auto* why = std::get_if<NotEstimable>(&by_patient)) {
        one.update(to_json(*why));
      } else {
        const auto& test = std::get<McNemarByPatient>(by_patient);
        one.update({{"chi2", test.chi2}, {"p_chi2", test.p_chi2}, {"p_exact", test.p_exact}});
      }
      continue;
    }
    const auto outcome = mcnemar(pairs);
    if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
      one.update(to_json(*why));
      continue;
    }
    const McNemar& test = std::get<McNemar>(outcome);
    one.update({{"chi2", test.chi2}, {"p_chi2", test.p_chi2}, {"chi2_corrected", test.chi2_corrected},
                {"p_corrected", test.p_corrected}, {"p_exact", test.p_exact}, {"p_mid", test.p_mid}});
  }
  return json;
}

Json naive_json(const CaseReadings& decisions, Index n_readers) {
  const auto outcome = naive_pooled(decisions, n_readers);
  Json json{{"warning", "pooled over readers: rejects a true null far too often or too rarely; never a result"}};
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
    json.update(to_json(*why));
    return json;
  }
  const NaivePooled& test = std::get<NaivePooled>(outcome);
  json.update({{"two_proportion_z", test.z}, {"p", test.p}, {"pooled_mcnemar_chi2", test.chi2},
               {"p_mcnemar", test.p_mcnemar}});
  return json;
}

/// The ratio as degenerate.json words it: an estimate even where the logarithm has no interval.
Json plain_ratio(const Eigen::Vector2d& mean) {
  if (mean(0) == 0) {
    return to_json(verdict("zero_rate", "the rate is 0 in the first arm: the ratio is undefined; see the difference"));
  }
  Json json{{"status", "ok"}, {"ratio", mean(1) / mean(0)}};
  if (mean(1) == 0) json["note"] = "no interval on the log scale: the rate is 0 in the second arm";
  return json;
}

Json unbiased_variance(double variance) {
  constexpr double kTiny = 1e-24;
  if (variance > kTiny) return {{"status", "ok"}, {"value", variance}};
  const NotEstimable why = verdict(variance < -kTiny ? "negative_variance" : "zero_variance",
                                   "the unbiased variance is not positive; it is reported, never tested with");
  Json json = to_json(why);
  json["value"] = std::abs(variance) > kTiny ? variance : 0.0;
  return json;
}

const char* name_of(Rate rate) {
  return rate == Rate::kFpr ? "fpr" : rate == Rate::kSensitivity ? "sensitivity" : "specificity";
}

}  // namespace

Merits auc_merits(const StudyReadings& s) {
  const CaseReadings normal = s.ratings(false), diseased = s.ratings(true);
  const PairSums sums = pair_sums(normal, diseased);
  return auc_merits(s, sums, pair_products(sums), normal, diseased);
}

Json no_block(const NotEstimable& why) { return {{"RRRC", to_json(why)}, {"FRRC", to_json(why)}}; }

Merits rate_merits(const StudyReadings& s, const CaseReadings& decisions, const std::string& cases) {
  Merits m{.theta = proportion(decisions), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(s.readers.size()), .cases = cases, .arms = s.arms, .readers = s.readers};
  if (m.nested() ? decisions.value.cols() > 1 : has_two_patients_everywhere(decisions)) {
    m.covariance = covariance_proportion(decisions);
  }
  return m;
}

Json counts_json(const StudyReadings& s, const CaseReadings& decisions) {
  Json json = Json::object();
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto cell = static_cast<Index>(i * s.readers.size() + j);
      json[s.readers[j]][s.arms[i]] = {std::llround(decisions.value.row(cell).sum()),
                                       std::llround(decisions.read.row(cell).sum())};
    }
  }
  return json;
}

Json auc_block(const StudyReadings& s, const AnalysisPlan& plan) {
  if (const auto why = missing_class(s, true, true, "AUC")) return no_block(*why);
  if (!s.calls_without_rating.empty()) {
    return no_block(verdict("no_ratings", "no reading called " + s.calls_without_rating + " has a rating: those that have one "
                                          "are no sample of the readings"));
  }
  const CaseReadings normal = s.ratings(false), diseased = s.ratings(true);
  const PairSums sums = pair_sums(normal, diseased);
  const PairProducts products = pair_products(sums);
  Merits m = auc_merits(s, sums, products, normal, diseased);
  Json json{{"metric", "auc_empirical_ties_half"}};
  if (s.arms.size() >= 2) json["difference"] = difference_name(s, 0, 1);
  json["arms"] = s.arms;
  json["readers"] = s.readers;
  json["n_normal"] = s.normal.size();
  json["n_diseased"] = s.diseased.size();
  json["fully_crossed"] = s.is_fully_crossed;
  json["values"] = json["auc"] = values_json(s, m);
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto cell = static_cast<Index>(i * s.readers.size() + j);
      const double pairs = sums.normal_read.row(cell).sum() * sums.diseased_read.row(cell).sum();
      if (pairs > 0) json["auc_exact_fraction"][s.readers[j]][s.arms[i]] = fraction(sums.total(cell), pairs);
    }
  }
  std::optional<Replicates> replicates;
  CovarianceMethod used = CovarianceMethod::kUnbiased;
  if (can_run_or(m)) {
    const Eigen::MatrixXd unbiased = *m.covariance;
    put_or(json["OR"], "unbiased", m, unbiased, s);
    const auto put = [&](CovarianceMethod method, const Eigen::MatrixXd& covariance) {
      put_or(json["OR"], name_of(method), m, covariance, s);
      if (plan.covariance != method) return;
      m.covariance = covariance;
      used = method;
    };
    if (s.is_fully_crossed) {
      put(CovarianceMethod::kDelong, covariance_delong(sums));
      put(CovarianceMethod::kJackknife, covariance_jackknife(sums));
      json["DBM"] = dbm_json(dbm(m.table(), jackknife_auc(sums)));
    }
    if (plan.replicates > 0) {
      const BootstrapPlan bootstrap{plan.seed, plan.replicates, plan.threads};
      replicates = resample_auc(normal, diseased, sums, bootstrap);
      if (replicates->theta.cols() > 1) put(CovarianceMethod::kBootstrap, covariance_bootstrap(*replicates));
    }
  }
  if (const auto cells = nested_cells(m); !cells.empty() && plan.replicates > 0) {
    const CaseReadings own_normal = with_cells(normal, cells), own_diseased = with_cells(diseased, cells);
    replicates = resample_auc(own_normal, own_diseased, pair_sums(own_normal, own_diseased), {plan.seed, plan.replicates, plan.threads});
  }
  json["covariance"] = name_of(used);
  if (used != plan.covariance) json["covariance_planned"] = name_of(plan.covariance);
  put_differences(json, m, s, plan, replicates ? &*replicates : nullptr);
  if (have_pairs(sums, m)) {
    json["BDG"] = sums.patients.is_any_mixed
                      ? to_json(verdict("mixed_patients", "a patient has normal and diseased cases: the moments are "
                                                          "not defined; see the analyses above"))
                      : auc_bdg_json(auc_bdg(sums, products, m.n_readers, compared_arms(m)));
  }
  if (m.n_arms == 2 && !s.is_fully_crossed && can_run_or(m)) {
    CaseReadings own_normal = normal, own_diseased = diseased;
    const int n_dropped = keep_paired(own_normal, m.n_readers) + keep_paired(own_diseased, m.n_readers);
    const PairSums own = pair_sums(own_normal, own_diseased);
    json["paired_cases_only"] =
        paired_json(auc_merits(s, own, pair_products(own), own_normal, own_diseased), n_dropped);
  }
  put_pairs(json, s, [&](const StudyReadings& pair) { return auc_block(pair, plan); });
  return json;
}

Json rate_block(const StudyReadings& s, Rate rate, const AnalysisPlan& plan) {
  const std::string name = name_of(rate);
  const bool needs_diseased = rate == Rate::kSensitivity;
  if (const auto why = missing_class(s, !needs_diseased, needs_diseased, name)) return no_block(*why);
  if (!s.has_decisions) {
    return no_block(verdict("no_threshold", "what counts as positive is not said: use a column positive, or "
                                            "--positive-at"));
  }
  CaseReadings decisions = s.decisions(needs_diseased);
  Json json{{"metric", name}, {"positive", s.positive}};
  if (s.arms.size() >= 2) json["difference"] = difference_name(s, 0, 1);
  json["n_cases"] = decisions.value.cols();
  const bool is_complete = decisions.read.size() > 0 && decisions.read.minCoeff() > 0;
  json["fully_crossed"] = is_complete;
  if (rate == Rate::kSpecificity) decisions.value = decisions.read - decisions.value;
  json["counts"] = counts_json(s, decisions);
  const std::string cases = needs_diseased ? "diseased" : "normal";
  Merits m = rate_merits(s, decisions, cases);
  json["values"] = values_json(s, m);
  std::optional<Replicates> replicates;
  CovarianceMethod used = CovarianceMethod::kUnbiased;
  const auto put = [&](const char* key, const Eigen::MatrixXd& covariance) {
    put_or(json, key, m, covariance, s);
    json[key]["theta"] = json["values"];
  };
  if (can_run_or(m)) {
    put("OR_unbiased", *m.covariance);
    // Of proportions of the same cases, one a patient, the unbiased covariance is DeLong's and the jackknife's.
    const bool is_one = is_complete && !s.patients().is_clustered();
    if (is_one && plan.covariance != CovarianceMethod::kBootstrap) used = plan.covariance;
    if (plan.replicates > 0) {
      replicates = resample_proportion(decisions, {plan.seed, plan.replicates, plan.threads});
      if (replicates->theta.cols() > 1) {
        const Eigen::MatrixXd covariance = covariance_bootstrap(*replicates);
        put("OR_bootstrap", covariance);
        if (plan.covariance == CovarianceMethod::kBootstrap) {
          m.covariance = covariance;
          used = plan.covariance;
        }
      }
    }
  }
  const std::vector<int> cells = nested_cells(m);
  if (!cells.empty() && plan.replicates > 0) {
    replicates = resample_proportion(with_cells(decisions, cells), {plan.seed, plan.replicates, plan.threads});
  }
  json["covariance"] = name_of(used);
  if (used != plan.covariance) json["covariance_planned"] = name_of(plan.covariance);
  put_differences(json, m, s, plan, replicates ? &*replicates : nullptr);
  if (m.n_arms == 2 && !m.has_holes()) {
    json["ratio"] = plain_ratio(m.table().rowwise().mean());
    json["mcnemar_per_reader"] = mcnemar_json(s, decisions);
    json["naive_for_comparison_only"] = naive_json(decisions, m.n_readers);
  }
  if (can_run_or(m) && m.n_arms == 2) {
    const ObuchowskiRockette result = obuchowski_rockette(m.table(), *m.covariance);
    json["ratio_delta_method_RRRC"] = ratio_json(rate_ratio(m.table(), *m.covariance, result.rrrc.test.df2));
  }
  if (!cells.empty()) {
    const NestedReaders readers = *m.nested();
    json["ratio"] = plain_ratio(nested_readers(readers).arm_mean);
    json["ratio_delta_method_RRRC"] = ratio_json(nested_rate_ratio(readers));
  }
  if (m.n_arms >= 2 && have_readings(decisions, m)) {
    const Bdg bdg = proportion_bdg(decisions, m.n_readers, compared_arms(m));
    json["BDG"] = proportion_bdg_json(bdg);
    if (can_run_or(m)) json["BDG_unbiased_variance_of_difference"] = unbiased_variance(bdg.variance);
  }
  if (m.n_arms == 2 && !is_complete && can_run_or(m)) {
    CaseReadings own = decisions;
    const int n_dropped = keep_paired(own, m.n_readers);
    json["paired_cases_only"] = paired_json(rate_merits(s, own, cases), n_dropped);
  }
  put_pairs(json, s, [&](const StudyReadings& pair) { return rate_block(pair, rate, plan); });
  return json;
}

}  // namespace rationale::study
