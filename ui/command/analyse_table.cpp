#include "ui/command/analyse_table.h"

#include <fmt/format.h>

#include <cmath>

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

std::string p_text(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

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
  return fmt::format("{} ({} to {}), {}, p {}{}", number("estimate"), number("lower"),
                     number("upper"), df_text(o.at("df")), o.at("p") < 0.001 ? "" : "= ",
                     p_text(o.at("p")));
}

namespace {

std::string arm_means(const Json& metric, bool is_percent) {
  const Json* block = nullptr;
  if (metric.contains("OR_unbiased")) block = &metric.at("OR_unbiased");
  if (metric.contains("OR")) block = &metric.at("OR").at("unbiased");
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
  text += fmt::format("  readers like these, cases like these (RRRC)  {}\n",
                      outcome_text(metric.at("RRRC"), scale, digits));
  text += fmt::format("  these {} readers, cases like these (FRRC)     {}\n",
                      results.at("n_readers").get<int>(), outcome_text(metric.at("FRRC"), scale, digits));
  return text;
}

}  // namespace

std::string analyse_table(const Json& results) {
  std::string text = fmt::format(
      "{} readers, {} normal and {} diseased cases{}. Differences are second arm minus first; rates in "
      "percentage points.\n\n",
      results.at("n_readers").get<int>(), results.at("n_normal").get<int>(),
      results.at("n_diseased").get<int>(),
      results.at("fully_crossed").get<bool>() ? ", each read in every arm" : "; some readings are missing");
  text += metric_text(results, "fpr", "False-positive rate", true);
  const Json& exact = results.at("randomisation_fpr");
  text += exact.value("status", "ok") == "ok"
              ? fmt::format("  these pairs only (exact randomisation test)   p = {}\n",
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
