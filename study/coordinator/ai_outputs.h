// What the locked model said about every case of a study, taken from the folder that `rationale explain`
// wrote.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "data/image/geometry.h"
#include "data/image/image.h"
#include "study/coordinator/case_files.h"
#include "study/protocol/protocol.h"

namespace rationale::study {

struct AiOutput {
  double score = 0;         ///< 0-1, of the class that is shown
  Plane map;                ///< native cells, signed, in logit; empty: no arm shows one
  Affine map_to_picture;    ///< pixel-centre coordinates
  std::string pixel_sha256; ///< of the film that it was computed from
  std::string key;          ///< of the explanation in its store
};

struct AiOutputs {
  std::string class_name;                 ///< the finding that readers are told
  double threshold = 0.5;                 ///< at or above: flagged
  double map_scale = 1;                   ///< value of the brightest colour, one for all cases; > 0
  std::map<std::string, AiOutput> cases;  ///< by case id

  /// What is sealed for the analysis: CSV `case,score,positive,pixel_sha256,explanation`, by id.
  std::string table() const;
  /// SHA-256 over all that readers are shown: finding, threshold, scores, colour scale, every map and its place.
  std::string digest() const;
};

/// @param folder  the path that ai.explanations names
/// @throws Error (kInput) naming the case if one has no explanation, or one by another model than
///   ai.model_sha256 (whether it was of the same film is checked by ItemSource::item); if ai.class (else truth.label) is no class of
///   the model; if the method is not the arms' heatmap_method; if the output is no probability
AiOutputs read_ai_outputs(const std::filesystem::path& folder, const Protocol& protocol,
                          const Manifest& manifest);

}  // namespace rationale::study
