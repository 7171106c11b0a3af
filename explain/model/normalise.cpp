#include "explain/model/normalise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "data/base/error.h"

namespace rationale::explain {
namespace {

/// Percentile p of sorted values, linear between ranks (numpy's default).
double percentile(const std::vector<double>& sorted, double p) {
  const double rank = p / 100.0 * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(rank);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double of_channel(const std::vector<double>& values, std::size_t channel, double otherwise) {
  if (values.empty()) return otherwise;
  return values.size() == 1 ? values[0] : values[channel];
}

}  // namespace

std::vector<double> values_on_the_picture(const Plane& plane, const Picture& picture,
                                          const Affine& input_to_picture) {
  std::vector<double> values;
  for (int r = 0; r < plane.rows; ++r) {
    for (int c = 0; c < plane.cols; ++c) {
      const Point at = apply(input_to_picture, {static_cast<double>(r), static_cast<double>(c)});
      const double row = std::floor(at.row + 0.5);
      const double col = std::floor(at.col + 0.5);
      if (row < 0 || row >= picture.rows || col < 0 || col >= picture.cols) continue;
      const auto place = static_cast<std::size_t>(row) * static_cast<std::size_t>(picture.cols) +
                         static_cast<std::size_t>(col);
      if (!picture.padding.empty() && picture.padding[place] != 0) continue;
      values.push_back(static_cast<double>(
          plane.values[static_cast<std::size_t>(r) * static_cast<std::size_t>(plane.cols) +
                       static_cast<std::size_t>(c)]));
    }
  }
  return values;
}

Line normalisation(const ModelCard& card, std::vector<double> values) {
  const auto refuse_constant = [&](const char* why) {
    throw Error(Error::Kind::kInput, fmt::format("cannot normalise the picture: {}", why),
                card.name, "leave the picture out: it shows nothing")
        .with_code("constant_picture");
  };
  if (card.normalise == Normalise::kFixed) return {.gain = card.scale};
  if (values.empty()) refuse_constant("all of it is padding");
  if (card.normalise == Normalise::kZScore) {
    double mean = 0;
    for (const double v : values) mean += v;
    mean /= static_cast<double>(values.size());
    double variance = 0;
    for (const double v : values) variance += (v - mean) * (v - mean);
    const double sd = std::sqrt(variance / static_cast<double>(values.size()));
    // Rounding alone gives a constant picture an sd of about 1e-16 of its value.
    if (!(sd > 1e-12 * std::max(1.0, std::abs(mean)))) refuse_constant("all its values are equal");
    return {.gain = 1 / sd, .offset = -mean / sd};
  }
  std::ranges::sort(values);
  const bool is_minmax = card.normalise == Normalise::kMinMax;
  const double low = is_minmax ? values.front() : percentile(values, card.percentiles[0]);
  const double high = is_minmax ? values.back() : percentile(values, card.percentiles[1]);
  if (!(high > low)) {
    refuse_constant(is_minmax ? "all its values are equal" : "its two percentiles are equal");
  }
  const double gain = (card.range[1] - card.range[0]) / (high - low);
  if (!std::isfinite(gain)) refuse_constant("its values are equal but for rounding");
  return {.low = low, .high = high, .gain = gain, .offset = card.range[0] - gain * low};
}

FloatArray normalised(const std::vector<float>& values, const Line& line, const ModelCard& card) {
  FloatArray input{card.input_shape, {}};
  const auto channels = static_cast<std::size_t>(card.input_shape[0]);
  input.values.reserve(channels * values.size());
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double mean = of_channel(card.mean, channel, 0);
    const double std = of_channel(card.std, channel, 1);
    for (const float v : values) {
      const double scaled =
          line.gain * std::clamp(static_cast<double>(v), line.low, line.high) + line.offset;
      const auto result = static_cast<float>((scaled - mean) / std);
      if (!std::isfinite(result)) {
        throw Error(Error::Kind::kInput, "the input values leave the range of 32-bit floats",
                    card.name, "check scale, mean and std of the card")
            .with_code("not_finite");
      }
      input.values.push_back(result);
    }
  }
  return input;
}

}  // namespace rationale::explain
