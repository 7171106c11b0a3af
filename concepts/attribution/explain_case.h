// What the annotated concepts contribute to the decision on one case: the border to `rationale explain`.
// Value types only; the numbers are computed in explain_case.cpp. Method: docs/concepts.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "concepts/evidence/verdict.h"

namespace rationale::explain {
class SplitModel;
struct SplitRun;
}  // namespace rationale::explain

namespace rationale::concepts {

/// phi of one concept, in logits, and what is needed to judge it.
struct Contribution {
  std::string concept_name;  ///< version 0: "other annotated concepts", the pooled rest
  int version = 0;           ///< the trained version n of name@n
  double phi = 0;
  /// phi ∓ 0.5 |b_k|, the typical case-to-case error: about 90 % in synthetic tests, not calibrated here.
  double low = 0, high = 0;
  /// 5 % and 95 % over the patient resamples: uncertainty of the concept estimate only.
  double estimate_low = 0, estimate_high = 0;
  double presence = 0;        ///< p_k, 0–1; what the model's own activations read as
  double reference = 0;       ///< r_k, prevalence in the concept set: the level phi is measured from
  double effect = 0;          ///< b_k, mean change of the logit by the concept, over the concept set
  double sign_stability = 0;  ///< share of patient resamples with the majority sign, 0.5–1
  /// What max(p, 1 - p) must reach to be named: 0.7, and 0.8 where the concept's AUC is below 0.95.
  double decisive_presence = 0.7;
  Verdict verdict = Verdict::kNotEstablished;
  bool is_named = false;      ///< the sentence names it
};

/// logit = reference + residual + sum of phi, within 1e-5 max(1, |logit|).
struct CaseExplanation {
  std::string class_name;
  double logit = 0;
  double reference = 0;       ///< f0: the output at the mean activation of the concept set
  double residual = 0;        ///< what the concepts do not explain
  double residual_share = 0;  ///< |residual| / (|residual| + sum |phi|); 0 where all are 0
  double check = 0;           ///< |logit - (reference + residual + sum phi)|
  std::vector<Contribution> contributions;  ///< in the bank's order; the pooled rest last
  std::string sentence;
};

/// Filters, patterns, calibration and evidence of all concepts for one model and layer.
struct ConceptBank;

/// The bank that `concepts train` stored for this model, card and layer. @param layer  empty: the only one
/// @throws Error (kInput) if the library has none, naming the models and layers that it has
std::shared_ptr<const ConceptBank> load_bank(const std::filesystem::path& library,
                                             const std::string& model_sha256,
                                             const std::string& card_sha256,
                                             const std::string& layer);

/// Digest of all numbers of a bank, for the decision record; and the layer that it was trained at.
std::string bank_sha256(const ConceptBank& bank);
std::string bank_layer(const ConceptBank& bank);

/// Explanations of every sample of a run: [sample][class in the order given]. `model` must be split at the
/// bank's layer. Exact Shapley values of 2^K suffix runs for K <= 12 concepts; above that the 10 with the
/// largest single effect in the case, the rest as one. Sentences are filled in.
/// @throws Error (kRefused) if the layer's shape is not the bank's; (kInternal, code "identity") if a sum
///         does not add up to 1e-5 max(1, |logit|)
std::vector<std::vector<CaseExplanation>> explain_cases(const explain::SplitModel& model,
                                                        const explain::SplitRun& run,
                                                        const ConceptBank& bank,
                                                        const std::vector<std::int64_t>& classes);

/// As stored in explanations.db and printed by `rationale sentence`: "sentence", "logit", "reference",
/// "residual", "residual_share", "contributions":[{"concept","version","phi","low","high","presence",
/// "sign_stability","verdict","named",…}], "check", "class".
nlohmann::ordered_json to_json(const CaseExplanation& explanation);
/// @throws Error (kInput) if a key is missing or of another type
CaseExplanation case_explanation_from_json(const nlohmann::ordered_json& json);

}  // namespace rationale::concepts
