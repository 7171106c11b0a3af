// The arrays of a `concepts fit` folder, read and held against each other.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "concepts/training/filter.h"
#include "concepts/training/gram.h"
#include "data/arrays/array.h"

namespace rationale::concepts {

/// One liblinear filter that settings.json asks for.
struct FilterSetting {
  Eigen::Index concept_index = 0;
  FilterOptions options;
};

/// settings.json, with defaults where it is silent.
struct FitSettings {
  std::vector<FilterSetting> filters;
  double ridge_factor = 0.1;  ///< lambda = factor * trace(G) / n
  std::optional<Eigen::Index> nested_concept;
  std::vector<double> nested_grid;
  Eigen::Index first_reference_row = 0, last_reference_row = 39;  ///< rows of the mean path gradient
  int reference_midpoints = 8;
  int path_midpoints = 32;
};

struct FitInputs {
  Eigen::MatrixXd activations;  ///< H [n, D]
  Eigen::MatrixXd labels;       ///< C [n, K], 0/1
  std::vector<std::string> names;
  std::vector<int> groups, folds;
  std::vector<RowIndices> permutations, resamples;
  Eigen::MatrixXd strata;  ///< [n, S]; S = 0 if none
  std::optional<Eigen::VectorXd> measure;
  std::optional<Eigen::MatrixXd> test_activations, test_labels, test_gradients;
  std::optional<std::filesystem::path> suffix;
  FitSettings settings;
};

/// @throws Error (kInput) naming the file at fault
FitInputs read_fit_inputs(const std::filesystem::path& folder, std::uint64_t seed);

/// A matrix of a 1-D ([n] becomes [n, 1]) or 2-D array, and back.
Eigen::MatrixXd to_matrix(const DoubleArray& array);
DoubleArray to_array(const Eigen::MatrixXd& matrix);
DoubleArray to_array(const Eigen::VectorXd& vector);

}  // namespace rationale::concepts
