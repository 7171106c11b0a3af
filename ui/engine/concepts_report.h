// How trained and judged concepts are printed.
#pragma once

#include <filesystem>
#include <vector>

#include "concepts/attribution/concept_bank.h"
#include "concepts/training/layer_features.h"

namespace rationale::ui {

/// One row a concept, layer and class; of the reference recipe one a concept and layer.
nlohmann::ordered_json bank_rows(const std::vector<concepts::ConceptBank>& banks);

/// Tables, one a layer and class.
void print_banks(const std::vector<concepts::ConceptBank>& banks);

/// concept,version,layer,class,verdict,used,effect,p_holm,materiality,auc,auc_held_out,reasons
void write_bank_csv(const std::filesystem::path& file,
                    const std::vector<concepts::ConceptBank>& banks);

/// `--features`. @throws Error (kUsage)
concepts::Features features_of(const std::string& name);

}  // namespace rationale::ui
