// Lets `rationale explain --concepts` add concept results to its records, where this build has concepts.
#pragma once

#include <filesystem>
#include <string>

#include "explain/model/card.h"
#include "explain/pipeline/batch.h"

namespace rationale::ui {

struct ConceptsOfRun {
  std::string sha256;  ///< of the trained concepts, for the record
  std::string layer;   ///< that they were trained at
  explain::ConceptResults results;
};

/// @param layer  empty: the only one that the library has for this model
/// @throws Error (kInput) if the library has none for this model and layer; kRefused in a build without concepts
ConceptsOfRun concepts_of_run(const std::filesystem::path& library, const explain::ModelCard& card,
                              const std::string& layer);

}  // namespace rationale::ui
