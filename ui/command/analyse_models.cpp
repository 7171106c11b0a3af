// Confidence, time and logistic models of the results table.
#include <fmt/format.h>

#include <optional>
#include <utility>

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
  const Json& block = results.at(key);
  text += line_of(fmt::format("readers like these, these cases ({} t)", block.contains("design") ? "unpaired" : "paired"),
                  outcome_text(block.at("paired_t_over_readers"), 1, digits));
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

}  // namespace rationale::ui
