#include "concepts/evidence/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "data/base/error.h"

namespace rationale::concepts {
namespace {

/// Larger is better: pass from `pass`, weak from `weak`.
Grade at_least(double value, double pass, double weak) {
  return value >= pass ? Grade::kPass : value >= weak ? Grade::kWeak : Grade::kFail;
}

/// Smaller is better: pass up to `pass`, weak up to `weak`.
Grade at_most(double value, double pass, double weak) {
  return value <= pass ? Grade::kPass : value <= weak ? Grade::kWeak : Grade::kFail;
}

GateRow readable(const GateInput& in) {
  GateRow row{.check = "readable",
              .statistic = in.held_out_auc ? "AUC, the smaller of nested cross-validation and held-out"
                                           : "AUC, nested cross-validation by patient",
              .value = {},
              .rule = ">= 0.80 and lower 95 % > 0.65 (weak: >= 0.70)",
              .grade = Grade::kFail,
              .reason = "not readable at this layer"};
  const AucInterval* worse = in.nested_auc ? &*in.nested_auc : nullptr;
  if (in.held_out_auc && (worse == nullptr || in.held_out_auc->auc < worse->auc)) {
    worse = &*in.held_out_auc;
  }
  if (worse == nullptr) {
    row.reason = "not readable at this layer: too few examples to measure it";
    return row;
  }
  row.value = worse->auc;
  row.grade = at_least(worse->auc, 0.80, 0.70);
  if (row.grade == Grade::kPass && worse->low <= 0.65) row.grade = Grade::kWeak;
  row.reason = fmt::format("{} (AUC {:.2f}, 95 % {:.2f} to {:.2f})",
                           row.grade == Grade::kFail ? "not readable at this layer"
                                                     : "barely readable at this layer",
                           worse->auc, worse->low, worse->high);
  return row;
}

GateRow enough_examples(const GateInput& in) {
  const int fewer = std::min(in.n_present, in.n_absent);
  return {.check = "enough_examples",
          .statistic = "patients with and without it, the fewer",
          .value = fewer,
          .rule = ">= 50 each (weak: >= 25)",
          .grade = at_least(fewer, 50, 25),
          .reason = fmt::format("{} examples ({} patients with, {} without)",
                                fewer >= 25 ? "few" : "too few", in.n_present, in.n_absent)};
}

GateRow used(const GateInput& in) {
  GateRow row{.check = "used",
              .statistic = "permutation p (Freedman-Lane), Holm over the bank",
              .value = in.p_holm,
              .rule = "<= 0.05 (weak: <= 0.10)",
              .grade = Grade::kNotEstimable,
              .reason = "cannot be told apart from the other concepts and strata"};
  if (!in.p_holm) return row;
  row.grade = at_most(*in.p_holm, 0.05, 0.10);
  row.reason = fmt::format("{} evidence that the model uses it (p {:.3f}",
                           row.grade == Grade::kWeak ? "weak" : "no", *in.p_holm);
  // Absence of evidence is not evidence of absence: say what could have been seen.
  if (in.effect_se) row.reason += fmt::format("; detectable from {:.2g} logits", 2.8 * *in.effect_se);
  row.reason += ")";
  return row;
}

GateRow material(const GateInput& in) {
  GateRow row{.check = "material",
              .statistic = "|b| relative to the bank's largest",
              .value = in.materiality,
              .rule = ">= 0.15 (weak: >= 0.10)",
              .grade = Grade::kNotEstimable,
              .reason = "its effect cannot be estimated"};
  if (!in.materiality) return row;
  row.grade = at_least(*in.materiality, 0.15, 0.10);
  row.reason = fmt::format("{} ({:.0f} % of the strongest effect)",
                           row.grade == Grade::kWeak ? "a small effect" : "too little to matter",
                           100 * *in.materiality);
  return row;
}

GateRow stable(const GateInput& in) {
  GateRow row{.check = "stable",
              .statistic = "mean cosine of the pattern with itself over patient resamples",
              .value = in.stability,
              .rule = ">= 0.90 (weak: >= 0.75)",
              .grade = Grade::kNotEstimable,
              .reason = "no resamples"};
  if (!in.stability) return row;
  row.grade = at_least(*in.stability, 0.90, 0.75);
  row.reason = fmt::format("{} (cosine {:.2f})",
                           row.grade == Grade::kWeak ? "not quite stable" : "unstable", *in.stability);
  return row;
}

GateRow separable(const char* check, const char* statistic, const std::optional<double>& vif,
                  const std::string& from, const char* missing) {
  GateRow row{.check = check,
              .statistic = statistic,
              .value = vif,
              .rule = "<= 5 (weak: <= 10)",
              .grade = Grade::kNotEstimable,
              .reason = missing};
  if (!vif) return row;
  row.grade = at_most(*vif, 5, 10);
  row.reason = fmt::format("{} be separated from {} ({})",
                           row.grade == Grade::kWeak ? "can barely" : "cannot", from,
                           *vif >= 1e9 ? std::string("aliased") : fmt::format("VIF {:.1f}", *vif));
  return row;
}

GateRow agreed(const GateInput& in) {
  GateRow row{.check = "annotators",
              .statistic = "kappa of two readers",
              .value = in.kappa,
              .rule = ">= 0.6 (weak: >= 0.4)",
              .grade = Grade::kNotEstimable,
              .reason = "one reader, or no image that two readers labelled"};
  if (!in.kappa) return row;
  row.grade = at_least(*in.kappa, 0.6, 0.4);
  row.reason = fmt::format("{} (kappa {:.2f})",
                           row.grade == Grade::kWeak ? "readers barely agree" : "readers do not agree",
                           *in.kappa);
  return row;
}

GateRow consistent(const GateInput& in) {
  GateRow row{.check = "effect_consistent",
              .statistic = "folds whose effect has the sign of the whole",
              .value = {},
              .rule = "at least 4 of 5",
              .grade = Grade::kNotEstimable,
              .reason = "too few rows in a fold"};
  if (in.folds == 0 || !in.effect) return row;
  row.value = in.folds_same_sign;
  row.grade = 5 * in.folds_same_sign >= 4 * in.folds ? Grade::kPass : Grade::kFail;
  row.reason = fmt::format("sign not established ({} of {} folds)", in.folds_same_sign, in.folds);
  return row;
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEstablished: return "established";
    case Verdict::kSuggestive: return "suggestive";
    case Verdict::kNotEstablished: break;
  }
  return "not_established";
}

Verdict verdict_from_name(std::string_view name) {
  for (const Verdict verdict :
       {Verdict::kEstablished, Verdict::kSuggestive, Verdict::kNotEstablished}) {
    if (name == verdict_name(verdict)) return verdict;
  }
  throw Error(Error::Kind::kInput, fmt::format("\"{}\" is not a verdict", name));
}

const char* grade_name(Grade grade) {
  switch (grade) {
    case Grade::kPass: return "pass";
    case Grade::kWeak: return "weak";
    case Grade::kFail: return "fail";
    case Grade::kNotEstimable: break;
  }
  return "not_estimable";
}

Grade grade_from_name(std::string_view name) {
  for (const Grade grade : {Grade::kPass, Grade::kWeak, Grade::kFail, Grade::kNotEstimable}) {
    if (name == grade_name(grade)) return grade;
  }
  throw Error(Error::Kind::kInput, fmt::format("\"{}\" is not a grade", name));
}

GateResult judge(const GateInput& input) {
  GateResult result;
  result.rows = {
      readable(input), enough_examples(input), used(input), material(input), stable(input),
      separable("confounded", "variance inflation by the strata", input.vif_strata,
                input.worst_stratum, "no strata were given"),
      separable("entangled", "variance inflation by the other concepts", input.vif_concepts,
                input.worst_concept, "it is the only concept"),
      agreed(input), consistent(input)};
  bool fails = false, is_weak = false;
  for (GateRow& row : result.rows) {
    // An effect that cannot be estimated is a failure of evidence; the other rows may lack their input.
    const bool is_effect = row.check == "used" || row.check == "material";
    fails = fails || row.grade == Grade::kFail ||
            (is_effect && row.grade == Grade::kNotEstimable);
    is_weak = is_weak || row.grade == Grade::kWeak;
    if (row.grade == Grade::kPass) {
      row.reason.clear();
    } else if (row.grade != Grade::kNotEstimable || is_effect) {
      result.reasons.push_back(row.reason);
    }
  }
  result.verdict = fails     ? Verdict::kNotEstablished
                   : is_weak ? Verdict::kSuggestive
                             : Verdict::kEstablished;
  const double m = input.materiality.value_or(0);
  result.is_used = input.p_holm && *input.p_holm <= 0.05 && m >= 0.15;
  if (input.is_confounder && result.is_used) {
    result.shortcut = m >= 0.25 ? Shortcut::kYes : Shortcut::kPossible;
  }
  return result;
}

}  // namespace rationale::concepts
