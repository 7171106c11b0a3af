#include "study/report/model_effect.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

namespace {

/// R's names of a coefficient's numbers: of a t, of a z, of Wald's statistic.
PrintedEstimate coefficient(const Json& row) {
  const auto value = number_at(&row, "Estimate"), lower = number_at(&row, "lower"), upper = number_at(&row, "upper");
  std::optional<double> p;
  for (const char* name : {"Pr(>|t|)", "Pr(>|z|)", "Pr(>|W|)"}) {
    if (!p) p = number_at(&row, name);
  }
  if (!value || !lower || !upper || !p || *lower > *upper) {
    PrintedEstimate estimate = not_estimable(row.value("code", "not_reported"), row.value("reason", "no interval in results.json"));
    estimate.value = value;
    return estimate;
  }
  PrintedEstimate estimate;
  estimate.is_estimable = true;
  estimate.value = value;
  estimate.lower = *lower;
  estimate.upper = *upper;
  estimate.p = *p;
  estimate.df = number_at(&row, "df");
  return estimate;
}

std::string boundary_of(const Json& model) {
  if (model.value("singular", false)) return model.value("note", "a variance is estimated as 0");
  if (const Json* warnings = find_block(model, {"warnings"}); warnings != nullptr && warnings->is_array() && !warnings->empty()) {
    return warnings->front().is_string() ? warnings->front().get<std::string>() : "";
  }
  return "";
}

}  // namespace

ModelEffect model_effect(const Json* model) {
  if (model == nullptr || !model->is_object()) return {not_estimable("not_reported", "not in results.json"), "", ""};
  if (model->value("status", "ok") != "ok") return {estimate_of(model), "", ""};
  const Json* coefficients = find_block(*model, {"coefficients"});
  for (const auto& [name, row] : (coefficients == nullptr ? *model : *coefficients).items()) {
    // The arm itself comes before its interactions.
    if (name.starts_with("arm") && row.is_object()) return {coefficient(row), boundary_of(*model), model->value("formula", "")};
  }
  return {not_estimable("no_arm", "the model has no coefficient of the arm"), "", ""};
}

}  // namespace rationale::study
