#include "ui/command/analyse_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// "= 0.204" or "< 0.001".
std::string p_text(double p) { return p < 0.001 ? "< 0.001" : fmt::format("= {:.3f}", p); }

std::string df_text(const Json& df) {
  if (df.is_null()) return "normal";
  const double value = df;
  return value >= 100 ? fmt::format("df {:.0f}", value) : fmt::format("df {:.2f}", value);
}

}  // namespace

std::string outcome_text(const Json& o, double scale, int digits) {
  if (o.value("status", "ok") != "ok") return "not estimable: " + o.value("reason", "");
  const auto number = [&](const char* key) {
    return fmt::format("{:+.{}f}", o.at(key).get<double>() * scale, digits);
  };
  return fmt::format("{} ({} to {}){}, p {}", number("estimate"), number("lower"), number("upper"),
                     o.contains("df") ? ", " + df_text(o.at("df")) : "", p_text(o.at("p")));
}

namespace {

/// The block at the end of a path, or nullptr.
const Json* at(const Json& json, std::initializer_list<const char*> path) {
  const Json* here = &json;
  for (const char* key : path) {
    if (!here->is_object() || !here->contains(key)) return nullptr;
    here = &here->at(key);
  }
  return here;
}

/// What other answers to the same question there are: a line each.
std::string other_answers(const Json& metric, double scale, int digits) {
  const auto number = [&](const Json& value) { return fmt::format("{:+.{}f}", value.get<double>() * scale, digits); };
  const auto interval = [&](const Json& o) { return fmt::format("{} to {}", number(o.at("lower")), number(o.at("upper"))); };
  std::string text;
  if (const Json* careful = at(metric, {"small_sample", "rrrc_rrfc_max"}); careful && careful->contains("p")) {
    text += fmt::format("  the more careful of RRRC and RRFC              {}\n", outcome_text(*careful, scale, digits));
  }
  if (const Json* flips = at(metric, {"small_sample", "permutation"}); flips && flips->contains("p")) {
    text += fmt::format("  permuted signs of readers                      {} ({}), p {}\n", number(flips->at("estimate")),
                        interval(*flips), p_text(flips->at("p")));
  }
  if (const Json* both = at(metric, {"bootstrap", "readers_and_cases"})) {
    const Json& bca = both->at("bca");
    text += fmt::format("  resampled readers and cases                    {} ({}), {}\n", number(both->at("estimate")),
                        interval(bca.contains("lower") ? bca : both->at("percentile")),
                        bca.contains("lower") ? "BCa" : "percentile");
  }
  if (const Json* rest = at(metric, {"leave_one_reader_out"})) {
    std::optional<double> least, most;
    for (const Json& one : *rest) {
      if (!one.contains("estimate")) continue;
      const double value = one.at("estimate");
      least = std::min(least.value_or(value), value);
      most = std::max(most.value_or(value), value);
    }
    if (least) text += fmt::format("  one reader left out, each in turn              {} to {}\n", number(*least), number(*most));
  }
  return text;
}

std::string arm_means(const Json& metric, bool is_percent) {
  const Json* block = nullptr;
  if (metric.contains("OR_unbiased")) block = &metric.at("OR_unbiased");
  if (metric.contains("OR")) block = &metric.at("OR").at("unbiased");
  if (metric.contains("OR_nested")) block = &metric.at("OR_nested");
  if (block == nullptr) return {};
  std::string text;
  for (const auto& [arm, mean] : block->at("arm_mean").items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", arm,
                        is_percent ? fmt::format("{:.1f} %", 100 * mean.get<double>())
                                   : fmt::format("{:.3f}", mean.get<double>()));
  }
  return text;
}

std::string metric_text(const Json& results, const char* key, const char* title, bool is_percent) {
  if (!results.contains(key)) return {};
  const Json& metric = results.at(key);
  const double scale = is_percent ? 100 : 1;
  const int digits = is_percent ? 1 : 3;
  std::string text = fmt::format("{}: {}\n", title, arm_means(metric, is_percent));
  text += fmt::format("  readers like these, cases like these (RRRC)    {}\n",
                      outcome_text(metric.at("RRRC"), scale, digits));
  text += fmt::format("  {:<46} {}\n",
                      fmt::format("these {} readers, cases like these (FRRC)", results.at("n_readers").get<int>()),
                      outcome_text(metric.at("FRRC"), scale, digits));
  text += other_answers(metric, scale, digits);
  if (metric.contains("pairs")) {
    for (const auto& [pair, block] : metric.at("pairs").items()) {
      text += fmt::format("  {}: RRRC {}\n", pair, outcome_text(block.at("RRRC"), scale, digits));
    }
  }
  return text;
}

/// The arm's coefficient of a model ("armvisible"), in the words of an outcome; or nullptr.
std::optional<std::string> arm_text(const Json& model, int digits) {
  if (model.value("status", "") != "ok") return std::nullopt;
  for (const auto& [name, row] : model.at("coefficients").items()) {
    if (!name.starts_with("arm") || name.find(':') != std::string::npos) continue;
    if (!row.contains("Estimate")) return "not estimable: " + row.value("reason", "");
    const char* p = row.contains("Pr(>|t|)") ? "Pr(>|t|)" : row.contains("Pr(>|z|)") ? "Pr(>|z|)" : "Pr(>|W|)";
    std::string text = fmt::format("{:+.{}f}", row.at("Estimate").get<double>(), digits);
    if (row.contains("lower")) text += fmt::format(" ({:+.{}f} to {:+.{}f})", row.at("lower").get<double>(), digits, row.at("upper").get<double>(), digits);
    if (row.contains("df")) text += ", " + df_text(row.at("df"));
    return text + ", p " + p_text(row.at(p));
  }
  return std::nullopt;
}

std::string line_of(const std::string& name, const std::string& what) { return fmt::format("  {:<46} {}\n", name, what); }

/// Confidence or time: the paired t over readers, the mixed model with the readers' own reaction, and that without.
std::string means_text(const Json& results, const char* key, const std::string& model, const char* title, int digits) {
  std::string text = fmt::format("{}\n", title);
  text += line_of("readers like these, these cases (paired t)", outcome_text(results.at(key).at("paired_t_over_readers"), 1, digits));
  const auto fit = [&](const std::string& name, const char* words) {
    if (!results.contains(name)) return;
    const auto found = arm_text(results.at(name), digits);
    if (!found) return;
    text += line_of(words, *found + (results.at(name).value("singular", false) ? "; a variance is estimated as 0" : ""));
  };
  fit(model + "_slopes", "mixed model, readers react differently");
  fit(model, "mixed model, all readers react alike (shown only)");
  return text;
}

/// Logistic models of calls: log odds ratios.
std::string models_text(const Json& results) {
  std::string text;
  for (const auto& [name, words] : {std::pair{"glmm_fp", "false positives, mixed model (Laplace)"},
                                    {"glmm_fp_case_only_AGQ", "false positives, readers fixed (quadrature)"},
                                    {"gee_fp_case_exchangeable_armonly", "false positives, estimating equations"},
                                    {"glmm_tp", "findings, mixed model (Laplace)"},
                                    {"glmm_tp_case_only_AGQ", "findings, readers fixed (quadrature)"},
                                    {"gee_tp_case_exchangeable_armonly", "findings, estimating equations"}}) {
    if (!results.contains(name)) continue;
    const Json& model = results.at(name);
    if (const auto found = arm_text(model, 3)) {
      text += line_of(words, *found);
    } else if (model.value("code", "") != "no_threshold") {
      text += line_of(words, "not estimable: " + model.value("reason", ""));
    }
  }
  return text.empty() ? text : "Log odds ratio of a positive call\n" + text;
}

std::string claim_text(const Json& claim, const std::string& role) {
  const std::string name = fmt::format("{}: {} {}", role, claim.at("metric").get<std::string>(), claim.at("aim").get<std::string>());
  if (claim.value("status", "") != "ok") return line_of(name, "not estimable: " + claim.value("reason", ""));
  const bool is_holm = claim.contains("p_adjusted");
  return line_of(name, fmt::format("p {}{}, {}{}", p_text(claim.at(is_holm ? "p_adjusted" : "p")), is_holm ? " (Holm)" : "",
                                   claim.at("met").get<bool>() ? "met" : claim.value("is_reached", true) ? "not met" : "not reached",
                                   claim.value("is_fixed_reader_wider", false) ? "; the fixed-reader interval is wider and counts" : ""));
}

std::string declared_text(const Json& results) {
  if (!results.contains("declared")) return {};
  const Json& declared = results.at("declared");
  std::string text = fmt::format("Claims as declared, alpha {}\n", declared.at("alpha").get<double>());
  text += claim_text(declared.at("primary"), "primary");
  for (const Json& one : declared.at("secondary")) {
    text += claim_text(one, one.contains("order") ? fmt::format("sequence {}", one.at("order").get<int>()) : "Holm family");
  }
  return text;
}

std::string estimand_text(const Json& results) {
  if (!results.contains("estimand")) return {};
  std::string text = "Estimand\n";
  for (const auto& [name, words] : results.at("estimand").items()) text += fmt::format("  {}: {}\n", name, words.get<std::string>());
  return text;
}

/// Subgroups, order, missing readings, following a wrong AI: what there is.
std::string robustness_text(const Json& results) {
  std::string text;
  if (results.contains("subgroups")) {
    for (const auto& [id, block] : results.at("subgroups").items()) {
      text += fmt::format("Subgroup {}{}, {}\n", id, block.at("is_declared").get<bool>() ? "" : " (not pre-specified)", block.at("metric").get<std::string>());
      if (!block.contains("levels")) {
        text += line_of("", "not estimable: " + block.value("reason", ""));
        continue;
      }
      for (const auto& [level, one] : block.at("levels").items()) {
        text += line_of(fmt::format("{} ({} cases)", level, one.at("n_cases").get<int>()),
                        one.contains("RRRC") ? outcome_text(one.at("RRRC"), 100, 1) : "not estimable: " + one.value("reason", ""));
        if (const Json* against = at(one, {"interaction"}); against && against->contains("p")) {
          text += line_of("  against all other cases", outcome_text(*against, 100, 1));
        }
      }
    }
  }
  if (results.contains("order_effects")) {
    const Json& order = results.at("order_effects");
    std::string lines;
    for (const char* metric : {"fpr", "sensitivity"}) {
      for (const auto& [key, words] : {std::pair{"period", "period 2 minus 1"}, {"carry_over", "after a reading with the second arm"},
                                       {"days_since_last", "per day since last seen"}}) {
        const Json* one = at(order, {metric, key});
        if (one != nullptr && one->contains("RRRC")) one = &one->at("RRRC");
        if (one != nullptr && one->contains("p")) lines += line_of(fmt::format("{}, {}", metric, words), outcome_text(*one, 100, 2));
      }
    }
    if (const Json* days = at(order, {"days_since_last"}); days && days->contains("median")) {
      lines += line_of("days since a case was last seen", fmt::format("{:.1f} to {:.1f}, median {:.1f}", days->at("min").get<double>(),
                                                                     days->at("max").get<double>(), days->at("median").get<double>()));
    }
    if (!lines.empty()) text += "Order of reading (describes)\n" + lines;
  }
  if (const Json* missing = at(results, {"missing"}); missing && missing->at("n").get<int>() > 0) {
    text += fmt::format("Readings without a rating: {}\n", missing->at("n").get<int>());
    for (const char* metric : {"fpr", "sensitivity"}) {
      for (const char* which : {"best", "worst"}) {
        if (const Json* one = at(*missing, {metric, "bounds", which})) text += line_of(fmt::format("{}, {} case", metric, which), outcome_text(*one, 100, 1));
      }
      if (const Json* tip = at(*missing, {metric, "tipping_point"})) {
        text += line_of(fmt::format("{}, tipping point", metric),
                        tip->at("tips").get<bool>() ? fmt::format("{:.0f} % of the second arm's missing calls positive", 100 * tip->at("second_arm_rate").get<double>())
                                                    : "none");
      }
    }
  }
  if (results.contains("sham")) {
    for (const auto& [sham, pairs] : results.at("sham").items()) {
      for (const auto& [pair, block] : pairs.items()) {
        text += line_of(fmt::format("sham: {}, fpr", pair), outcome_text(block.at("fpr").at("RRRC"), 100, 1));
        text += line_of(fmt::format("sham: {}, sensitivity", pair), outcome_text(block.at("sensitivity").at("RRRC"), 100, 1));
      }
    }
  }
  if (const Json* bias = at(results, {"automation_bias"})) {
    std::string lines;
    for (const char* kind : {"commission", "omission"}) {
      const Json& rate = bias->at(kind);
      if (rate.value("status", "") != "ok") continue;
      lines += line_of(fmt::format("{} (AI wrong, followed)", kind),
                       fmt::format("{} of {}, {:.1f} % ({:.1f} to {:.1f} %)", rate.at("n").get<int>(), rate.at("of").get<int>(), 100 * rate.at("rate").get<double>(),
                                   100 * rate.at("lower").get<double>(), 100 * rate.at("upper").get<double>()));
    }
    for (const Json& one : bias->at("reasons")) lines += fmt::format("  warning: {}\n", one.at("text").get<std::string>());
    if (!lines.empty()) text += "Following a wrong AI\n" + lines;
  }
  return text;
}

}  // namespace

std::string analyse_table(const Json& results) {
  const Json& clusters = results.at("cluster");
  std::string text = fmt::format(
      "{} readers, {} normal and {} diseased cases{}{}. Differences are second arm minus first; rates in "
      "percentage points.\n\n",
      results.at("n_readers").get<int>(), results.at("n_normal").get<int>(),
      results.at("n_diseased").get<int>(),
      results.at("fully_crossed").get<bool>()                     ? ", each read in every arm"
      : results.at("fpr").value("design", "") != ""               ? "; each reader read in one arm"
                                                                  : "; not every reader read every case in every arm",
      clusters.at("unit") == "patient"
          ? fmt::format("; sampled are {} patients, with up to {} cases", clusters.at("n_patients").get<int>(),
                        clusters.at("most_cases_of_a_patient").get<int>())
          : "");
  if (results.contains("endpoint")) {
    const Json& endpoint = results.at("endpoint");
    const bool is_area = endpoint.at("metric") == "auc";
    if (endpoint.contains("result")) {
      text += fmt::format("Primary end point {}, small-sample method {}: {}\n\n", endpoint.at("metric").get<std::string>(),
                          endpoint.at("small_sample").get<std::string>(),
                          outcome_text(endpoint.at("result"), is_area ? 1 : 100, is_area ? 3 : 1));
    }
  }
  text += metric_text(results, "fpr", "False-positive rate", true);
  const Json& exact = results.at("randomisation_fpr");
  text += exact.value("status", "ok") == "ok"
              ? fmt::format("  these pairs only (exact randomisation test)   p {}\n",
                            p_text(exact.at("p_two_sided")))
              : fmt::format("  these pairs only (exact randomisation test)   not estimable: {}\n",
                            exact.value("reason", ""));
  text += metric_text(results, "sensitivity", "Sensitivity", true);
  text += metric_text(results, "auc", "AUC", false);
  text += means_text(results, "confidence", "lmm_confidence", "Confidence, points of 100", 1);
  text += means_text(results, "time", "lmm_log_time", "Log reading time", 3);
  text += models_text(results);
  text += declared_text(results);
  text += estimand_text(results);
  text += robustness_text(results);
  return text;
}

}  // namespace rationale::ui
