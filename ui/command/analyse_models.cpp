// Confidence, time and logistic models of the results table.
#include <fmt/format.h>

#include <optional>
#include <tuple>

#include "ui/command/analyse_rows.h"
#include "ui/command/analyse_sections.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// The arm's coefficient of a model ("armvisible"), in the words of an outcome; or nullptr.
std::optional<std::string> arm_text(const Json& model, int digits) {
  if (model.value("status", "") != "ok") return std::nullopt;
  for (const auto& [name, row] : model.at("coefficients").items()) {
    if (!name.starts_with("arm")) continue;  // the arm itself comes before its interactions
    if (!row.contains("Estimate")) return "not estimable: " + row.value("reason", "");
    const char* p = row.contains("Pr(>|t|)") ? "Pr(>|t|)" : row.contains("Pr(>|z|)") ? "Pr(>|z|)" : "Pr(>|W|)";
    std::string text = fmt::format("{:+.{}f}", row.at("Estimate").get<double>(), digits);
    if (row.contains("lower")) text += fmt::format(" ({:+.{}f} to {:+.{}f})", row.at("lower").get<double>(), digits, row.at("upper").get<double>(), digits);
    if (row.contains("df")) text += ", " + df_text(row.at("df"));
    return text + ", p " + p_text(row.at(p));
  }
  return std::nullopt;
}

}  // namespace

std::string means_text(const Json& results, const char* key, const std::string& model, const char* title, int digits) {
  std::string text = fmt::format("{}\n", title);
  const Json* unpaired = at(results, {key, "unpaired_t_over_readers"});
  text += unpaired != nullptr ? line_of("readers like these, these cases (unpaired t)", outcome_text(*unpaired, 1, digits))
                              : line_of("readers like these, these cases (paired t)", outcome_text(results.at(key).at("paired_t_over_readers"), 1, digits));
  const auto fit = [&](const std::string& name, const char* words, const char* scope) {
    if (!results.contains(name)) return;
    const auto found = arm_text(results.at(name), digits);
    if (!found) return;
    text += line_of(words, fmt::format("{} [{}]{}", *found, scope, results.at(name).value("singular", false) ? "; a variance is estimated as 0" : ""));
  };
  const bool has_random_readers = results.contains(model) && results.at(model).value("formula", "").find("| reader)") != std::string::npos;
  const char *like_these = "readers and cases like these", *fixed = "these readers, cases like these";
  if (unpaired != nullptr || !has_random_readers) {
    fit(model, has_random_readers ? "mixed model, readers at their own level" : "mixed model, readers fixed", has_random_readers ? like_these : fixed);
  } else {
    fit(model + "_slopes", "mixed model, readers react differently", like_these);
    fit(model, "mixed model, all readers react alike (shown only)", fixed);
  }
  return text;
}

std::string models_text(const Json& results) {
  std::string text;
  const bool is_nested = results.contains("fpr") && results.at("fpr").contains("design");
  const char* mixed = is_nested ? "readers and cases like these" : "cases like these; readers only if alike";
  const char* fixed = "these readers, cases like these";
  for (const auto& [name, words, scope] : {std::tuple{"glmm_fp", "false positives, mixed model (Laplace)", mixed},
                                           {"glmm_fp_case_only_AGQ", "false positives, readers fixed (quadrature)", fixed},
                                           {"gee_fp_case_exchangeable_armonly", "false positives, estimating equations", fixed},
                                           {"glmm_tp", "findings, mixed model (Laplace)", mixed},
                                           {"glmm_tp_case_only_AGQ", "findings, readers fixed (quadrature)", fixed},
                                           {"gee_tp_case_exchangeable_armonly", "findings, estimating equations", fixed}}) {
    if (!results.contains(name)) continue;
    const Json& model = results.at(name);
    if (const auto found = arm_text(model, 3)) {
      text += line_of(words, fmt::format("{} [{}]{}", *found, scope, model.value("singular", false) ? "; a variance is estimated as 0" : ""));
    } else if (model.value("code", "") != "no_threshold") {
      text += line_of(words, "not estimable: " + model.value("reason", ""));
    }
  }
  return text.empty() ? text : "Log odds ratio of a positive call [for whom it holds]\n" + text;
}

}  // namespace rationale::ui
