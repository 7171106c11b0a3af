// Every number of the concept recipe from plain arrays: for checks by other programs (docs/concepts.md).
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "data/arrays/array.h"

namespace rationale::concepts {

struct FolderFit {
  std::map<std::string, DoubleArray> arrays;  ///< file stem → array, such as "ridge_W" [D, K]
  nlohmann::ordered_json results;             ///< scalars; what lacks its input is "not_estimable"
};

/// Reads H.npy [n, D] and labels.npy [n, K], and what else is there of groups, folds, perms, boot, strata
/// [n, S], measure, H_test, labels_test, grad_test (.npy), suffix.ts.pt, names.json, settings.json. Computes
/// what these allow: filters, ridge, patterns, out-of-fold scores, AUC, rank tests, presence, what-if,
/// Shapley values, path contributions, the methods that fail, stability. Names and conventions: docs/concepts.md.
/// Without folds.npy, five folds by patient are drawn with `seed`.
/// @throws Error (kInput) naming the file whose shape or values do not fit the others
FolderFit fit_folder(const std::filesystem::path& folder, std::uint64_t seed);

/// Writes NAME.npy for every array and results.json, the latter last.
void write_fit(const FolderFit& fit, const std::filesystem::path& out);

}  // namespace rationale::concepts
