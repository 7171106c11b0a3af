#include "explain/quality/deletion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "data/base/interrupt.h"
#include "explain/quality/ranks.h"

namespace rationale::explain {
namespace {

struct Mix {
  std::size_t from_base = 0;  ///< how many of the top pixels …
  bool is_deletion = true;    ///< … come from the base, or (insertion) from the image
};

FloatArray mixed(const FloatArray& image, const FloatArray& base, const std::vector<std::size_t>& order,
                 const Mix& mix) {
  FloatArray result = mix.is_deletion ? image : base;
  const FloatArray& other = mix.is_deletion ? base : image;
  const std::size_t n_channels = static_cast<std::size_t>(image.shape[0]);
  for (std::size_t i = 0; i < mix.from_base; ++i) {
    for (std::size_t c = 0; c < n_channels; ++c) {
      const std::size_t at = c * order.size() + order[i];
      result.values[at] = other.values[at];
    }
  }
  return result;
}

double area(const std::vector<double>& curve, const std::vector<std::size_t>& counts) {
  double sum = 0;
  for (std::size_t k = 1; k < curve.size(); ++k) {
    sum += (curve[k - 1] + curve[k]) / 2 * static_cast<double>(counts[k] - counts[k - 1]);
  }
  return sum / static_cast<double>(counts.back());
}

void blur_axis(std::vector<float>& values, std::size_t length, std::size_t stride, const std::vector<double>& kernel) {
  const auto radius = static_cast<std::ptrdiff_t>(kernel.size() / 2);
  std::vector<double> line(length);
  for (std::size_t start = 0; start < values.size(); ++start) {
    if (start / stride % length != 0) continue;
    for (std::size_t i = 0; i < length; ++i) line[i] = values[start + i * stride];
    for (std::size_t i = 0; i < length; ++i) {
      double sum = 0;
      for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
        const std::ptrdiff_t at =
            std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(i) + k, 0, static_cast<std::ptrdiff_t>(length) - 1);
        sum += kernel[static_cast<std::size_t>(k + radius)] * line[static_cast<std::size_t>(at)];
      }
      values[start + i * stride] = static_cast<float>(sum);
    }
  }
}

}  // namespace

DeletionCurves deletion_insertion(const Score& score, const FloatArray& image, const FloatArray& base,
                                  std::span<const float> map, int n_steps, int batch) {
  const std::vector<std::size_t> order = rank_order(map);
  const auto n = static_cast<std::size_t>(n_steps);
  std::vector<std::size_t> counts;
  for (std::size_t k = 0; k <= n; ++k) counts.push_back(k * map.size() / n);

  // The whole image and the whole base end one curve and begin the other: scored once.
  std::vector<Mix> mixes;
  for (std::size_t k = 0; k <= n; ++k) mixes.push_back({counts[k], true});
  for (std::size_t k = 1; k < n; ++k) mixes.push_back({counts[k], false});

  std::vector<double> scores;
  for (std::size_t first = 0; first < mixes.size(); first += static_cast<std::size_t>(batch)) {
    check_interrupt();
    const std::size_t last = std::min(first + static_cast<std::size_t>(batch), mixes.size());
    FloatArray images{image.shape, {}};
    images.shape.insert(images.shape.begin(), static_cast<std::int64_t>(last - first));
    for (std::size_t i = first; i < last; ++i) {
      const FloatArray one = mixed(image, base, order, mixes[i]);
      images.values.insert(images.values.end(), one.values.begin(), one.values.end());
    }
    const std::vector<double> some = score(images);
    scores.insert(scores.end(), some.begin(), some.end());
  }

  DeletionCurves curves;
  const auto split = scores.begin() + static_cast<std::ptrdiff_t>(n) + 1;
  curves.deletion.assign(scores.begin(), split);
  curves.insertion.push_back(curves.deletion.back());
  curves.insertion.insert(curves.insertion.end(), split, scores.end());
  curves.insertion.push_back(curves.deletion.front());
  curves.deletion_auc = area(curves.deletion, counts);
  curves.insertion_auc = area(curves.insertion, counts);
  return curves;
}

FloatArray blurred(const FloatArray& image, double sigma_px) {
  const auto radius = static_cast<int>(3 * sigma_px + 0.5);
  std::vector<double> kernel;
  double sum = 0;
  for (int k = -radius; k <= radius; ++k) {
    kernel.push_back(std::exp(-0.5 * k * k / (sigma_px * sigma_px)));
    sum += kernel.back();
  }
  for (double& weight : kernel) weight /= sum;
  FloatArray result = image;
  std::size_t stride = 1;
  for (std::size_t axis = image.shape.size(); axis-- > 1;) {
    const auto length = static_cast<std::size_t>(image.shape[axis]);
    blur_axis(result.values, length, stride, kernel);
    stride *= length;
  }
  return result;
}

}  // namespace rationale::explain
