// Small films, a list of them and the sample model: what the pipeline's tests run on.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "data/cases/cases.h"
#include "data/records/explanations.h"
#include "explain/model/card.h"
#include "explain/model/split_model.h"

namespace rationale::test {

/// Writes films p00.png, p01.png, … of 16-bit noise with a bright disc, and cases.csv with a column `view`.
std::vector<Case> write_films(const std::filesystem::path& folder, int count);

/// The card of the committed model "honest".
explain::ModelCard sample_card();

/// That model, cut at its default layer, in reproducible mode.
std::unique_ptr<explain::SplitModel> sample_model(const explain::ModelCard& card);

/// What a run with it writes into a store.
ExplanationManifest sample_manifest(const explain::ModelCard& card);

inline const char* now_text() { return "2026-01-02T03:04:05Z"; }

}  // namespace rationale::test
