#include "study/statistics/difference_json.h"

#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLeastReplicates = 40;  // a 2.5 % place among them

Json moments_json(const Moments& m) {
  return {{"M", m.unbiased}, {"coeff", m.coefficient}, {"var", m.variance}, {"var_biased", m.variance_biased}};
}

Json negative_variance() {
  return to_json(NotEstimable{"negative_variance", "the variance estimate is negative", {}, {}});
}

Json ideal_bootstrap_json(const Bdg& bdg) {
  Json json{{"is_fallback", bdg.variance < 0}};
  if (bdg.variance < 0) json["because"] = "the unbiased variance is negative";
  json.update(to_json(bdg.ideal_bootstrap));
  return json;
}

Json limits_json(const Limits& limits) { return {{"lower", limits.lower}, {"upper", limits.upper}}; }

Json bootstrap_json(const BootstrapDifference& b) {
  Json json{{"estimate", b.estimate}, {"variance", b.variance}, {"percentile", limits_json(b.percentile)}};
  const auto* why = std::get_if<NotEstimable>(&b.bca);
  json["bca"] = why != nullptr ? to_json(*why) : limits_json(std::get<Limits>(b.bca));
  return json;
}

Json bootstrap_block(const Merits& m, const StudyReadings& s, const AnalysisPlan& plan, const Replicates& replicates) {
  const BootstrapPlan bootstrap{plan.seed, plan.replicates, plan.threads};
  Json json{{"unit", s.patients().is_clustered() ? "patient" : "case"},
            {"seed", plan.seed},
            {"replicates", plan.replicates},
            {"dropped", replicates.n_dropped}};
  if (replicates.theta.cols() < kLeastReplicates) {
    json.update(to_json(NotEstimable{"too_few_replicates", "too few replicates with cases in every cell", {}, {}}));
    return json;
  }
  const auto nested = m.nested();
  for (const auto& [name, is_two_way] : {std::pair{"cases", false}, {"readers_and_cases", true}}) {
    json[name] = bootstrap_json(nested ? bootstrap_difference(nested->theta, nested->arm, replicates, is_two_way, bootstrap)
                                       : bootstrap_difference(m.table(), replicates, is_two_way, bootstrap));
  }
  return json;
}

Json sign_flip_json(const Merits& m, const AnalysisPlan& plan) {
  const Eigen::MatrixXd theta = m.table();
  std::vector<double> differences;
  for (Eigen::Index j = 0; j < theta.cols(); ++j) differences.push_back(theta(1, j) - theta(0, j));
  const auto outcome = sign_flip(differences, plan.seed);
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) {
    Json json = to_json(*why);
    if (why->code == "too_few_readers") json["smallest_p"] = smallest_sign_flip_p(m.n_readers);
    return json;
  }
  const SignFlip& test = std::get<SignFlip>(outcome);
  return {{"status", "ok"},       {"estimate", test.estimate}, {"p", test.p},
          {"lower", test.lower},  {"upper", test.upper},       {"smallest_p", test.smallest_p},
          {"exact", test.is_exact}};
}

Json small_sample_json(const Merits& m, const Outcome& rrrc, const Outcome& rrfc, const AnalysisPlan& plan) {
  const Careful careful = rrrc_rrfc_max(rrrc, rrfc);
  Json json{{"rrrc_rrfc_max", {{"p_from", careful.is_rrfc ? "RRFC" : "RRRC"}, {"interval_from", careful.is_interval_rrfc ? "RRFC" : "RRRC"}}}};
  json["rrrc_rrfc_max"].update(to_json(careful.outcome));
  json["corrected_df"] = to_json(corrected_df(rrrc, m.nested() ? m.n_readers - m.n_arms : m.n_readers - 1));
  json["permutation"] =
      m.has_holes() ? to_json(NotEstimable{"not_crossed", "the test needs each reader in both arms", {}, {}})
                    : sign_flip_json(m, plan);
  return json;
}

}  // namespace

void put_differences(Json& json, const Merits& m, const StudyReadings& s, const AnalysisPlan& plan,
                     const Replicates* replicates) {
  const Outcome rrrc = difference_rrrc(m), rrfc = difference_rrfc(m);
  json["RRRC"] = to_json(rrrc);
  json["FRRC"] = to_json(difference_frrc(m));
  json["RRFC"] = to_json(rrfc);
  const auto nested = m.nested();
  if (nested) {
    json["design"] = "readers_nested_in_arms";
    if (m.covariance && m.n_readers > m.n_arms) json["OR_nested"] = nested_json(nested_readers(*nested), s);
  }
  if (m.n_arms != 2 || m.n_readers < 2) return;
  json["small_sample"] = small_sample_json(m, rrrc, rrfc, plan);
  for (int j = 0; j < m.n_readers; ++j) {
    json["leave_one_reader_out"][s.readers[static_cast<std::size_t>(j)]] =
        to_json(difference_rrrc(m.without_reader(j)));
  }
  if (replicates != nullptr) json["bootstrap"] = bootstrap_block(m, s, plan, *replicates);
}

Json dbm_json(const Dbm& r) {
  Json json{{"mean_squares",
             {{"T", r.arm}, {"R", r.reader}, {"C", r.cases}, {"TR", r.arm_reader}, {"TC", r.arm_case},
              {"RC", r.reader_case}, {"TRC", r.rest}}},
            {"variance_components",
             {{"VarR", r.var_reader}, {"VarC", r.var_case}, {"VarTR", r.var_arm_reader}, {"VarTC", r.var_arm_case},
              {"VarRC", r.var_reader_case}, {"VarErr", r.var_error}}}};
  if (!r.f) {
    json["RRRC"] = to_json(NotEstimable{"zero_variance", "there is no error term", {}, {}});
    return json;
  }
  json["RRRC"] = {{"F", *r.f}, {"df1", r.df1}, {"df2", r.df2 ? Json(*r.df2) : Json(nullptr)}, {"p", r.p}, {"se", r.se}};
  return json;
}

Json auc_bdg_json(const Bdg& bdg) {
  Json json{{"auc_pooled", bdg.mean}};
  for (std::size_t i = 0; i < bdg.arms.size(); ++i) {
    json["moments"][i == 0 ? "arm1" : "arm2"] = moments_json(bdg.arms[i]);
  }
  if (bdg.cross) json["moments"]["cross"] = moments_json(*bdg.cross);
  for (std::size_t i = 0; i < bdg.arms.size(); ++i) {
    json["arms"].push_back({{"auc", bdg.mean[i]},
                            {"var", bdg.arms[i].variance},
                            {"df_bdg", bdg.df[i] ? Json(*bdg.df[i]) : negative_variance()}});
  }
  if (!bdg.cross) return json;
  json["diff"] = to_json(bdg.difference);
  json["diff"]["var"] = bdg.variance;
  json["diff"]["var_biased"] = bdg.variance_biased;
  json["ideal_bootstrap"] = ideal_bootstrap_json(bdg);
  return json;
}

Json proportion_bdg_json(const Bdg& bdg) {
  Json json{{"order", "c1r1,c1r0,c0r1,c0r0"}, {"mean", bdg.mean}, {"diff", bdg.mean[1] - bdg.mean[0]}};
  json["arm1"] = moments_json(bdg.arms[0]);
  json["arm2"] = moments_json(bdg.arms[1]);
  json["cross"] = moments_json(*bdg.cross);
  json["var_diff"] = bdg.variance;
  json["var_diff_ideal_bootstrap"] = bdg.variance_biased;
  json["difference"] = to_json(bdg.difference);
  json["ideal_bootstrap"] = ideal_bootstrap_json(bdg);
  return json;
}

Json paired_json(const Merits& m, int n_dropped) {
  return {{"readings_without_partner", n_dropped},
          {"RRRC", to_json(difference_rrrc(m))},
          {"FRRC", to_json(difference_frrc(m))}};
}

}  // namespace rationale::study
