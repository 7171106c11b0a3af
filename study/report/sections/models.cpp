// Mixed models and estimating equations: confidence, time and calls, each line with whom it generalises to.
#include <fmt/format.h>

#include <cmath>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/model_effect.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

using Json = nlohmann::ordered_json;

/// How an effect is printed: points, per cent of the time, ratio of odds.
enum class EffectUnit { kPoints, kTime, kOdds };

std::string effect_text(EffectUnit unit, double value) {
  if (unit == EffectUnit::kPoints) return signed_text(value, 1);
  return unit == EffectUnit::kTime ? signed_text(100 * std::expm1(value), 1) : fixed_text(std::exp(value), 2);
}

/// Whether a limit can be printed: beyond double precision an odds ratio says nothing.
bool is_printable(EffectUnit unit, const PrintedEstimate& e) {
  constexpr double kMost = 13;  // odds of 400,000
  return unit == EffectUnit::kPoints || (std::abs(*e.value) < kMost && std::abs(e.lower) < kMost && std::abs(e.upper) < kMost);
}

class ModelRows {
 public:
  explicit ModelRows(const ReportInput& input) : input_(input) {}

  /// A model that these data cannot have is named with its reason; one whose column is missing is left out.
  void add(const char* end_point, const std::string& model, const std::string& name, const std::string& holds_for, EffectUnit unit, bool is_lead = false) {
    const ModelEffect effect = model_effect(find_block(input_.results, {model}));
    const PrintedEstimate& e = effect.arm;
    if (e.code == "not_reported" || e.code == "no_column" || e.code == "no_threshold") return;
    std::vector<Cell> cells{{end_point, ""}, {name + (effect.boundary.empty() ? "" : "<br>" + missing_text(effect.boundary)), ""}, {holds_for, ""}};
    if (!e.is_estimable || !is_printable(unit, e)) {
      cells.push_back({e.is_estimable ? "not estimable: the model runs away, hardly a case is called in two ways" : "not estimable: " + escape_markup(e.reason), "ne", 4});
    } else {
      cells.push_back({effect_text(unit, *e.value), "n"});
      cells.push_back({fmt::format("{} to {}", effect_text(unit, e.lower), effect_text(unit, e.upper)), "n"});
      cells.push_back({df_text(e.df), "n"});
      cells.push_back({escape_markup(p_text(e.p)), "n"});
    }
    rows_.push_back(table_row(cells, is_lead ? "lead" : ""));
  }

  const std::vector<std::string>& rows() const { return rows_; }

 private:
  const ReportInput& input_;
  std::vector<std::string> rows_;
};

struct Scopes {
  std::string like_these, fixed, if_alike;
};

/// Confidence or time: the model with the readers' own reaction leads; that without is shown.
void add_linear(ModelRows& rows, const ReportInput& input, const char* end_point, const std::string& prefix, EffectUnit unit, const Scopes& scopes) {
  const bool has_random_readers = model_effect(find_block(input.results, {prefix})).formula.find("| reader)") != std::string::npos;
  if (input.is_nested) {
    rows.add(end_point, prefix, "readers at their own level", has_random_readers ? scopes.like_these : scopes.fixed, unit, true);
    if (has_random_readers) rows.add(end_point, prefix + "_KenwardRoger", "the same, df of Kenward and Roger", scopes.like_these, unit);
    return;
  }
  if (!has_random_readers) {  // two readers are no sample of readers
    rows.add(end_point, prefix, "readers fixed", scopes.fixed, unit, true);
    return;
  }
  rows.add(end_point, prefix + "_slopes", "each reader reacts in an own way", scopes.like_these, unit, true);
  rows.add(end_point, prefix + "_slopes_KenwardRoger", "the same, df of Kenward and Roger", scopes.like_these, unit);
  rows.add(end_point, prefix, "all readers react alike (shown only)", scopes.fixed, unit);
}

void add_logistic(ModelRows& rows, const char* end_point, const std::string& calls, const Scopes& scopes) {
  rows.add(end_point, "glmm_" + calls, "logistic mixed model (Laplace)", scopes.if_alike, EffectUnit::kOdds);
  rows.add(end_point, "glmm_" + calls + "_case_only_AGQ", "readers fixed (quadrature)", scopes.fixed, EffectUnit::kOdds);
  rows.add(end_point, "gee_" + calls + "_case_exchangeable_armonly", "estimating equations", scopes.fixed, EffectUnit::kOdds);
}

}  // namespace

std::string models_section(const ReportInput& input) {
  if (!input.has_two_arms) return "";
  const std::string cases = escape_markup(input.facts.case_many) + " like these";
  const std::size_t n = input.readers.size();
  const Scopes scopes{"readers like these, " + cases, (n == 1 ? "this reader, " : fmt::format("these {} readers, ", n)) + cases,
                      input.is_nested ? "readers like these, " + cases : cases + "; readers only if all react alike"};
  ModelRows rows(input);
  add_linear(rows, input, "Confidence, points", "lmm_confidence", EffectUnit::kPoints, scopes);
  add_linear(rows, input, "Reading time, %", "lmm_log_time", EffectUnit::kTime, scopes);
  add_logistic(rows, "False positives, odds ratio", "fp", scopes);
  add_logistic(rows, "Findings, odds ratio", "tp", scopes);
  if (rows.rows().empty()) return "";
  return "<section class=\"counts\">" +
         table("Models" + pair_words(input), {{"", ""}, {"Model", ""}, {"generalises to", ""}, {"effect", "n"}, {"95\u00a0% interval", "n"}, {"df", "n"}, {"p", "n"}},
               rows.rows()) +
         paragraph("note", fmt::format("Effect: {} against {}, with the period where it is recorded (estimating equations: the arm alone). Linear mixed models: REML, df of "
                                       "Satterthwaite unless said; bold: the one to read. An odds ratio above 1: more positive calls; that of a mixed model holds "
                                       "within a case and reader, that of estimating equations is averaged over them. By maximum likelihood, and all coefficients: results.json.",
                                       escape_markup(input.facts.treated.label), escape_markup(input.facts.control.label))) +
         "</section>\n";
}

}  // namespace rationale::study
