// Deletion and insertion: does the score fall when the pixels that a map names are taken away?
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/arrays/array.h"

namespace rationale::explain {

/// The score of every image of a batch [N,C,(D,)H,W]: a probability, or a logit where there is none.
using Score = std::function<std::vector<double>(const FloatArray& batch)>;

struct DeletionCurves {
  std::vector<double> deletion, insertion;  ///< score after k of n steps, k = 0 … n
  double deletion_auc = 0;                  ///< trapezoid over the share of pixels; low is good
  double insertion_auc = 0;                 ///< high is good
};

/// Petsiuk et al., arXiv:1806.07421, with c_k = floor(k P / n) of P pixels after step k, highest first
/// (rank_order). Deletion: the top c_k pixels, all channels, come from `base`; insertion: only they come from
/// the image. The answer depends on the base: a zero that is mid-grey to the model and a blur that keeps large
/// shapes can disagree completely, so never show one base alone.
///
/// @param image, base  [C,(D,)H,W]
/// @param map          one value a pixel, not flat
/// @param n_steps      1 … P
/// @param batch        images a call of `score`
DeletionCurves deletion_insertion(const Score& score, const FloatArray& image, const FloatArray& base,
                                  std::span<const float> map, int n_steps, int batch = 16);

/// Gaussian blur of each channel, kernel cut at 3 sigma, edge values repeated. @param image  [C,(D,)H,W]
/// @pre sigma_px > 0
FloatArray blurred(const FloatArray& image, double sigma_px);

}  // namespace rationale::explain
