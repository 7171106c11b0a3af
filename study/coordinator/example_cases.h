// The example cases of a report: films under their heatmaps, with what readers answered.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/image/load.h"
#include "study/coordinator/locked_study.h"
#include "study/report/report_input.h"

namespace rationale::study {

/// @param sources   the allocator's folder, with the case manifest, films and explanations that were locked
/// @param load      who reads the films; empty: this process
/// @param readings  readings.csv of the unblinded study
/// @return none if the treated arm shows no heatmap, or the study has no yes/no decision
/// @throws Error (kInput, "other_cases" or "other_explanations") if the folder holds others than were locked;
///   as read_manifest, read_ai_outputs and ItemSource::item
std::vector<ExampleCase> example_cases(const LockedStudy& study, const std::filesystem::path& sources,
                                       const std::string& readings, const LoadFilm& load);

}  // namespace rationale::study
