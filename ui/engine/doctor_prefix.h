// How quick each prefix of a model is on this machine, and what a larger batch gains.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "explain/model/split_model.h"

namespace rationale::ui {

struct PrefixTiming {
  std::string name;  ///< "unoptimised", "frozen", …
  double ms = 0;     ///< forward and gradient of one class at the layer, one image: best of three rounds
};

/// The variants that this graph and device bear, timed in turn in the same rounds, quickest first.
/// @param input  [1,C,(D,)H,W]
/// @throws Error as load_split_model, if the model cannot be cut at the layer at all
std::vector<PrefixTiming> time_prefixes(const std::filesystem::path& file, explain::SplitOptions options,
                                        const FloatArray& input);

/// "2.1 ms an image; channels_last 2.4, frozen 2.6, unoptimised 3.0".
std::string why_quickest(const std::vector<PrefixTiming>& timings);

/// Milliseconds an image for `batch` copies of the image at once: forward and gradient of one class, best of three.
double ms_per_image(const explain::SplitModel& model, const FloatArray& image, int batch);

/// The least of three calls, after one that does not count, in milliseconds.
double best_ms(const std::function<void()>& work);

}  // namespace rationale::ui
