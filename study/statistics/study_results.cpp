#include "study/statistics/study_results.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "study/statistics/ai_switch.h"
#include "study/statistics/bdg.h"
#include "study/statistics/models_json.h"
#include "study/statistics/primary.h"
#include "study/statistics/reader_means.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

NotEstimable verdict(const char* code, const std::string& reason) { return {code, reason, {}, {}}; }

/// RRRC and FRRC for the same reason not there.
Json no_block(const NotEstimable& why) {
  return {{"RRRC", to_json(why)}, {"FRRC", to_json(why)}};
}

std::optional<NotEstimable> missing_class(const StudyReadings& s, bool needs_normal,
                                          bool needs_diseased, const std::string& name) {
  if (needs_normal && s.normal.empty()) {
    return verdict("no_normal_cases", name + " needs normal cases");
  }
  if (needs_diseased && s.diseased.empty()) {
    return verdict("no_diseased_cases", name + " needs diseased cases");
  }
  return std::nullopt;
}

Json values_json(const StudyReadings& s, const Merits& m) {
  Json json = Json::object();
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto& theta = m.theta[i * s.readers.size() + j];
      json[s.readers[j]][s.arms[i]] =
          theta ? Json(*theta)
                : to_json(verdict("empty_cell", "this reader read no such case in this arm"));
    }
  }
  return json;
}

bool can_run_or(const Merits& m) {
  return m.n_arms >= 2 && m.n_readers >= 2 && !m.has_holes() && m.covariance;
}

/// p/q in lowest terms.
std::string fraction(double total, double pairs) {
  const auto p = static_cast<long long>(2 * total), q = static_cast<long long>(2 * pairs);
  const long long divisor = std::gcd(p, q);
  return q / divisor == 1 ? fmt::format("{}", p / divisor)
                          : fmt::format("{}/{}", p / divisor, q / divisor);
}

Json auc_block(const StudyReadings& s) {
  if (const auto why = missing_class(s, true, true, "AUC")) return no_block(*why);
  const PairSums sums = pair_sums(s.ratings(false), s.ratings(true));
  Merits m{.theta = auc(sums), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(s.readers.size()), .cases = "normal or diseased"};
  const bool has_covariance = s.normal.size() > 1 && s.diseased.size() > 1;
  if (has_covariance && !m.has_holes()) m.covariance = covariance_unbiased(sums);
  Json json{{"metric", "auc_empirical_ties_half"}};
  if (s.arms.size() == 2) json["difference"] = difference_name(s, 0, 1);
  json["arms"] = s.arms;
  json["readers"] = s.readers;
  json["n_normal"] = s.normal.size();
  json["n_diseased"] = s.diseased.size();
  json["fully_crossed"] = s.is_fully_crossed;
  json["values"] = json["auc"] = values_json(s, m);
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto cell = static_cast<Eigen::Index>(i * s.readers.size() + j);
      const double pairs = sums.normal_read.row(cell).sum() * sums.diseased_read.row(cell).sum();
      if (pairs > 0) {
        json["auc_exact_fraction"][s.readers[j]][s.arms[i]] = fraction(sums.total(cell), pairs);
      }
    }
  }
  json["covariance"] = "unbiased";
  json["RRRC"] = to_json(difference_rrrc(m));
  json["FRRC"] = to_json(difference_frrc(m));
  if (!can_run_or(m)) return json;
  const Eigen::MatrixXd theta = m.table();
  json["OR"]["unbiased"] = to_json(obuchowski_rockette(theta, *m.covariance), *m.covariance, s);
  if (s.is_fully_crossed) {
    const Eigen::MatrixXd delong = covariance_delong(sums), jackknife = covariance_jackknife(sums);
    json["OR"]["delong"] = to_json(obuchowski_rockette(theta, delong), delong, s);
    json["OR"]["jackknife"] = to_json(obuchowski_rockette(theta, jackknife), jackknife, s);
  }
  return json;
}

Merits rate_merits(const StudyReadings& s, const CaseReadings& decisions, const std::string& cases) {
  Merits m{.theta = proportion(decisions), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(s.readers.size()), .cases = cases};
  if (decisions.value.cols() > 1 && !m.has_holes()) m.covariance = covariance_proportion(decisions);
  return m;
}

Json counts_json(const StudyReadings& s, const CaseReadings& decisions) {
  Json json = Json::object();
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto cell = static_cast<Eigen::Index>(i * s.readers.size() + j);
      json[s.readers[j]][s.arms[i]] = {std::llround(decisions.value.row(cell).sum()),
                                       std::llround(decisions.read.row(cell).sum())};
    }
  }
  return json;
}

/// The ratio as degenerate.json words it: an estimate even where the logarithm has no interval.
Json plain_ratio(const Merits& m) {
  const Eigen::VectorXd mean = m.table().rowwise().mean();
  if (mean(0) == 0) {
    return to_json(verdict("zero_rate",
                           "the rate is 0 in the first arm: the ratio is undefined; see the difference"));
  }
  Json json{{"status", "ok"}, {"ratio", mean(1) / mean(0)}};
  if (mean(1) == 0) json["note"] = "no interval on the log scale: the rate is 0 in the second arm";
  return json;
}

Json moments_json(const BinaryMoments& moments) {
  return {{"M", moments.m}, {"coeff", moments.coefficient}, {"var", moments.covariance}};
}

Json bdg_json(const BinaryBdg& bdg) {
  return {{"order", "c1r1,c1r0,c0r1,c0r0"},
          {"mean", bdg.rate},
          {"diff", bdg.rate[1] - bdg.rate[0]},
          {"arm1", moments_json(bdg.arm1)},
          {"arm2", moments_json(bdg.arm2)},
          {"cross", moments_json(bdg.cross)},
          {"var_diff", bdg.var_difference}};
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

Json rate_block(const StudyReadings& s, const std::string& name, bool diseased_cases,
                bool is_complement) {
  if (const auto why = missing_class(s, !diseased_cases, diseased_cases, name)) {
    return no_block(*why);
  }
  if (!s.has_decisions) {
    return no_block(verdict("no_threshold", "what counts as positive is not said: use a column "
                                            "positive, or --positive-at"));
  }
  CaseReadings decisions = s.decisions(diseased_cases);
  Json json{{"metric", name}, {"positive", s.positive}};
  if (s.arms.size() == 2) json["difference"] = difference_name(s, 0, 1);
  json["n_cases"] = decisions.value.cols();
  json["fully_crossed"] = s.is_fully_crossed;
  if (is_complement) decisions.value = decisions.read - decisions.value;
  json["counts"] = counts_json(s, decisions);
  const Merits m = rate_merits(s, decisions, diseased_cases ? "diseased" : "normal");
  json["values"] = values_json(s, m);
  json["covariance"] = "unbiased";
  json["RRRC"] = to_json(difference_rrrc(m));
  json["FRRC"] = to_json(difference_frrc(m));
  if (m.n_arms == 2 && !m.has_holes()) json["ratio"] = plain_ratio(m);
  if (!can_run_or(m)) return json;
  const ObuchowskiRockette result = obuchowski_rockette(m.table(), *m.covariance);
  json["OR_unbiased"] = to_json(result, *m.covariance, s);
  json["OR_unbiased"]["theta"] = json["values"];
  if (m.n_arms != 2) return json;
  json["ratio_delta_method_RRRC"] =
      ratio_json(rate_ratio(m.table(), *m.covariance, result.rrrc.test.df2));
  const BinaryBdg bdg = binary_bdg(decisions);
  json["BDG"] = bdg_json(bdg);
  json["BDG_unbiased_variance_of_difference"] = unbiased_variance(bdg.var_difference);
  return json;
}

Json means_block(const StudyReadings& s, Measure measure) {
  const auto outcome = reader_means(s, measure);
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
    return {{"paired_t_over_readers", to_json(*why)}};
  }
  const ReaderMeans& means = std::get<ReaderMeans>(outcome);
  Json json{{"readers", s.readers}, {s.arms[0], means.first}, {s.arms[1], means.second}};
  json["paired_t_over_readers"] = to_json(means.difference);
  return json;
}

Json ai_split_block(const StudyReadings& s) {
  Json json = Json::object();
  for (const bool ai_right : {true, false}) {
    const char* stratum = ai_right ? "ai_right" : "ai_wrong";
    for (const bool diseased : {false, true}) {
      const char* metric = diseased ? "sensitivity" : "fpr";
      const CaseReadings decisions = s.decisions(diseased, ai_right);
      Json& block = json[stratum][metric];
      block["n_cases"] = decisions.value.cols();
      if (decisions.value.cols() == 0) {
        block.update(no_block(verdict("no_cases", "the AI was never so on such a case")));
        continue;
      }
      block["counts"] = counts_json(s, decisions);
      const Merits m = rate_merits(s, decisions, diseased ? "diseased" : "normal");
      block["RRRC"] = to_json(difference_rrrc(m));
      block["FRRC"] = to_json(difference_frrc(m));
    }
  }
  return json;
}

Json switch_json(const StudyReadings& s, std::optional<bool> truth,
                 std::optional<int> reader = {}) {
  const Switches w = switches(s, truth, reader);
  const auto rate = [](int n, int of) -> Json {
    if (of == 0) return to_json(verdict("no_cases", "there was no such pair of readings"));
    return static_cast<double>(n) / of;
  };
  const int wrong_wrong_opportunities = w.ai_wrong.right_right + w.ai_wrong.right_wrong;
  const int right_opportunities = w.ai_right.wrong_right + w.ai_right.wrong_wrong;
  const AiReliance lean = ai_reliance(s, truth, reader).value_or(AiReliance{});
  return {{"n", w.all.n},
          {"correct_to_correct", w.all.right_right},
          {"correct_to_wrong", w.all.right_wrong},
          {"wrong_to_correct", w.all.wrong_right},
          {"wrong_to_wrong", w.all.wrong_wrong},
          {"ai_right",
           {{"n", w.ai_right.n},
            {"correct_to_wrong", w.ai_right.right_wrong},
            {"wrong_to_correct", w.ai_right.wrong_right},
            {"opportunities_wrong_unaided", right_opportunities}}},
          {"ai_wrong",
           {{"n", w.ai_wrong.n},
            {"correct_to_wrong", w.ai_wrong.right_wrong},
            {"wrong_to_correct", w.ai_wrong.wrong_right},
            {"opportunities_correct_unaided", wrong_wrong_opportunities}}},
          {"automation_bias_rate", rate(w.ai_wrong.right_wrong, wrong_wrong_opportunities)},
          {"beneficial_switch_rate", rate(w.ai_right.wrong_right, right_opportunities)},
          {"agreement_with_ai", {{s.arms[0], lean.agreement[0]}, {s.arms[1], lean.agreement[1]}}},
          {"over_reliance_fp", lean.false_positives_followed},
          {"appropriate_override", lean.overrides}};
}

Json load_json(const LoadedReadings& loaded) {
  if (loaded.error) {
    Json json{{"status", "error"}, {"code", loaded.error->code}, {"reason", loaded.error->reason}};
    if (loaded.error->line > 0) json["line"] = loaded.error->line;
    if (loaded.error->first_line > 0) json["first_line"] = loaded.error->first_line;
    return json;
  }
  Json json{{"status", "ok"}, {"n_rows", loaded.readings.n_rows}};
  if (loaded.readings.n_missing > 0) {
    json["missing_readings"] = loaded.readings.n_missing;
    json["note"] = "an empty or NA rating is a missing reading; it is never 0";
  }
  return json;
}

}  // namespace

Json study_results(const LoadedReadings& loaded) {
  Json json{{"load", load_json(loaded)}};
  if (loaded.error) return json;
  const StudyReadings& s = loaded.readings;
  json["n_readers"] = s.readers.size();
  json["n_arms"] = s.arms.size();
  json["n_normal"] = s.normal.size();
  json["n_diseased"] = s.diseased.size();
  json["fully_crossed"] = s.is_fully_crossed;
  json["auc"] = auc_block(s);
  json["fpr"] = rate_block(s, "fpr", false, false);
  json["sensitivity"] = rate_block(s, "sensitivity", true, false);
  json["specificity"] = rate_block(s, "specificity", false, true);
  json["randomisation_fpr"] = randomisation_json(randomisation_test(s, false));
  json["randomisation_sensitivity"] = randomisation_json(randomisation_test(s, true));
  json["confidence"] = means_block(s, Measure::kConfidence);
  json["time"] = means_block(s, Measure::kLogTime);
  add_models(json, s);
  if (s.arms.size() != 2 || !s.has_decisions) return json;
  if (switches(s).has_ai) {
    json["ai_split"] = ai_split_block(s);
    json["switch"] = {{"all", switch_json(s, std::nullopt)},
                      {"normals", switch_json(s, false)},
                      {"diseased", switch_json(s, true)}};
    for (std::size_t j = 0; j < s.readers.size(); ++j) {
      json["switch"][s.readers[j]] = switch_json(s, std::nullopt, static_cast<int>(j));
    }
  }
  return json;
}

}  // namespace rationale::study
