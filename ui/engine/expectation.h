// Compares a model's scores with the user's own, and finds the likely cause where they differ.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "data/arrays/array.h"

namespace rationale::ui {

/// [N, classes] of an input; what the model is asked again with changed inputs.
using Scores = std::function<FloatArray(const FloatArray& input)>;

struct Comparison {
  bool agrees = false;
  double worst = 0;    ///< largest absolute difference
  double allowed = 0;  ///< 1e-3 · max(1, largest expected value)
  std::int64_t row = 0, column = 0;
  double got = 0, expected = 0;
  std::string cause;      ///< likely cause, empty if none of those tried explains it
  double worst_then = 0;  ///< what is left of the difference if that cause is put right
};

/// Logits as .npy [N,K], or as CSV of one row an image (a header and a column of names may be
/// there).
/// @throws Error (kInput)
FloatArray read_expected(const std::filesystem::path& path);

/// Tries: sigmoid or softmax applied (on either side), classes in another order, images in another
/// order, colour channels reversed, range 255 or -1…1, ImageNet normalisation missing or doubled,
/// inverted grey, image flipped or transposed, each image standardised.
/// @throws Error (kInput) if the shapes differ
Comparison compare_with_expected(const Scores& scores, const FloatArray& input,
                                 const FloatArray& expected);

}  // namespace rationale::ui
