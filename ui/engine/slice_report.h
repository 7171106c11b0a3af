// What a run over volumes says of their slices: slices.jsonl, and how many maps show borrowed evidence.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "data/records/explanations.h"

namespace rationale::ui {

/// Verdicts over cases and classes (explain/methods/slice_evidence.h).
struct SliceReport {
  std::filesystem::path file;
  std::size_t own = 0, borrowed = 0, not_estimable = 0;
};

/// Writes FOLDER/slices.jsonl: a line for each case of the store and class, {"case","class","output"} and the keys of
/// slice_evidence_json. Nothing for a store of pictures. @throws Error (kEnvironment)
std::optional<SliceReport> write_slices(const ExplanationStore& store, const std::filesystem::path& folder);

/// {"file","own","borrowed","not_estimable"}, the file by its name.
nlohmann::ordered_json to_json(const SliceReport& report);
void print(const SliceReport& report);

}  // namespace rationale::ui
