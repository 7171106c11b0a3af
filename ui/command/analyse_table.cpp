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
  const Json& confidence = results.at("confidence").at("paired_t_over_readers");
  text += fmt::format("Confidence, points of 100\n  readers like these, these cases (paired t)    {}\n",
                      outcome_text(confidence, 1, 1));
  const Json& time = results.at("time").at("paired_t_over_readers");
  text += fmt::format("Log reading time\n  readers like these, these cases (paired t)    {}\n",
                      outcome_text(time, 1, 3));
  return text;
}

}  // namespace rationale::ui
