// What a survey's figures say, in words that claim no more than their intervals allow.
#pragma once

#include <string>
#include <vector>

#include "explain/quality/recommendation.h"
#include "ui/engine/survey_input.h"

namespace rationale::ui {

/// A survey, complete.
struct Surveyed {
  SurveyInput input;
  explain::SurveyResult result;
  explain::Recommendation chosen;  ///< points into `result`
};

/// "HiResCAM", "Grad-CAM", …; other names as they are.
std::string method_title(const std::string& name);

/// "HiResCAM at tail", "Occlusion", "Edges (7 × 7)", "Centre of the film": names a row of a table.
std::string map_title(const explain::MapSurvey& map);

/// "9 to 40": per cent, of an interval that has limits.
std::string percent_range(const explain::Estimate& share);

/// "5 of 24 (9 to 40 %)"; the reason where there is none.
std::string hits_text(const explain::Estimate& pointing);
/// "16 % (8 to 26)".
std::string share_text(const explain::Estimate& share);
/// "0.62 (0.51 to 0.72)".
std::string value_text(const explain::Estimate& value, int decimals = 2);
/// "+0.09 (+0.02 to +0.16)".
std::string gain_text(const explain::Estimate& gain);

/// "24 marked findings", "200 of 1234 marked findings".
std::string findings_text(const SurveyInput& input);

/// How often the peaks find the marked place, beside maps that know nothing of the model; empty without marks.
std::string place_sentence(const Surveyed& surveyed);
/// What follows from that, for the recommended map (the first one where none is); empty without marks.
std::string place_verdict(const Surveyed& surveyed);
/// Whether deletion and insertion beat a random order, and whether both bases agree.
std::string order_sentence(const Surveyed& surveyed);
/// Which map is best by which measure; empty for a single one.
std::string best_sentence(const Surveyed& surveyed);
/// Which maps change when the weights are replaced.
std::string gate_sentence(const Surveyed& surveyed);
/// Whether an intervention agrees with the maps.
std::string occlusion_sentence(const Surveyed& surveyed);
/// Which methods are not defined where; empty if all are.
std::string refused_sentence(const Surveyed& surveyed);
/// What a second annotator's regions reach; empty without one.
std::string second_reader_sentence(const Surveyed& surveyed);

/// A row of the result, or nullptr.
const explain::MapSurvey* find_map(const Surveyed& surveyed, const std::string& method, const std::string& layer = {});

}  // namespace rationale::ui
