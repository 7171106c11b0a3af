// Everything learnt from a concept set at one layer of one model, and its way into library.db and back.
#pragma once

#include <Eigen/Core>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "concepts/attribution/presence.h"
#include "concepts/evidence/gate.h"
#include "data/records/concept_library.h"

namespace rationale::concepts {

/// kPooled: spatial means [C]; a change moves all positions alike. kFlat: the whole map [C * positions].
enum class Features { kPooled, kFlat };

/// Facts of one concept that do not depend on the class.
struct BankConcept {
  std::string name;
  int version = 1;
  bool is_confounder = false;
  bool is_trained = false;       ///< false: too few examples; then it has no column in the matrices
  int n_present = 0, n_absent = 0;  ///< patients
  Platt platt;
  double reference = 0;          ///< r_k: prevalence among the judged images
  double ridge_factor = 0;
  std::optional<AucInterval> nested_auc, held_out_auc;
  double stability = 0;          ///< mean cosine over the resamples
  std::optional<double> vif_strata, vif_concepts, kappa;
  std::string worst_stratum, worst_concept;
};

/// One class and one concept: what the model makes of it.
struct BankEvidence {
  int class_index = 0;
  std::string class_name;
  std::size_t ordinal = 0;  ///< of the concept
  std::optional<double> effect, effect_se, p, p_holm, materiality;
  int folds_same_sign = 0, folds = 0;
  GateResult gate;
};

/// Matrices have one column a trained concept, in the order of `concepts`.
struct ConceptBank {
  BankKey key;
  std::string model_name;
  Shape activation_shape;  ///< [C, *S] of one image
  std::uint64_t seed = 1;
  int n_permutations = 0, n_resamples = 0;
  std::vector<std::string> strata;
  std::vector<StoredRow> rows;
  std::vector<BankConcept> concepts;
  std::vector<BankEvidence> evidence;

  Eigen::RowVectorXd mean;       ///< mu [D]
  Eigen::MatrixXd filters;       ///< W [D, T]
  Eigen::RowVectorXd offsets;    ///< [T]: score s = h.w + offset = (h - mu).w + label mean
  Eigen::MatrixXd patterns;      ///< A [D, T]; empty for the reference recipe
  std::vector<float> mean_activation;  ///< [C, *S], over the concept set: where f0 is evaluated
  Eigen::MatrixXf resampled_filters, resampled_patterns;  ///< [D, T * B], resample-major
  Eigen::RowVectorXf resampled_offsets;                   ///< [T * B]

  Features features() const { return key.features == "flat" ? Features::kFlat : Features::kPooled; }
  std::vector<std::size_t> trained() const;  ///< ordinals of the columns
};

/// What the gate measures, joined from the two; then judged.
GateInput gate_input(const BankConcept& one, const BankEvidence& evidence);

StoredBank to_stored(const ConceptBank& bank);
/// @throws Error (kInput, "damaged_database") if something is missing or of the wrong shape
ConceptBank from_stored(const StoredBank& stored);

/// The object that `concepts judge --json` prints for one concept, layer and class.
nlohmann::ordered_json evidence_json(const ConceptBank& bank, const BankEvidence& evidence);

}  // namespace rationale::concepts
