// The evidence gate: which concepts may be named for one model, layer and class. Thresholds and their
// evidence: docs/concepts.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "concepts/evidence/auc.h"
#include "concepts/evidence/verdict.h"

namespace rationale::concepts {

enum class Grade { kPass, kWeak, kFail, kNotEstimable };

/// "pass", "weak", "fail" or "not_estimable".
const char* grade_name(Grade grade);
/// @throws Error (kInput) for any other word
Grade grade_from_name(std::string_view name);

/// One check of the gate and its outcome.
struct GateRow {
  std::string check;      ///< "readable", "enough_examples", "used", "material", …
  std::string statistic;  ///< what `value` is, such as "smaller of nested CV and held-out AUC"
  std::optional<double> value;
  std::string rule;       ///< what passes, such as ">= 0.80 and lower 95 % > 0.65"
  Grade grade = Grade::kNotEstimable;
  std::string reason;     ///< the word for a weak or failed check, with figures; why not estimable
};

/// What was measured; missing values were not estimable.
struct GateInput {
  std::string concept_name;
  bool is_confounder = false;  ///< by its card: then "shortcut" may be said
  std::optional<AucInterval> nested_auc, held_out_auc;
  int n_present = 0, n_absent = 0;  ///< patients
  std::optional<double> p_holm;
  std::optional<double> effect, effect_se;  ///< b_k, logits
  std::optional<double> materiality;        ///< |b_k| / max |b_j|
  std::optional<double> stability;          ///< mean cosine over the resamples
  std::optional<double> vif_strata, vif_concepts;
  std::string worst_stratum, worst_concept;  ///< what it cannot be separated from
  std::optional<double> kappa;
  int folds_same_sign = 0, folds = 0;
};

enum class Shortcut { kNo, kPossible, kYes };

struct GateResult {
  std::vector<GateRow> rows;  ///< always the same nine, in the order of docs/concepts.md
  Verdict verdict = Verdict::kNotEstablished;
  std::vector<std::string> reasons;  ///< of weak and failed rows
  bool is_used = false;   ///< Holm p <= 0.05 and m >= 0.15: the model uses it
  Shortcut shortcut = Shortcut::kNo;  ///< of a confounder: used, and m >= 0.25 (0.15: possible)
};

GateResult judge(const GateInput& input);

}  // namespace rationale::concepts
