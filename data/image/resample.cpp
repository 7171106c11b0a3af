#include "data/image/resample.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace rationale {
namespace {

/// Output position i is the weighted sum of input positions first, first + 1, …
struct Taps {
  int first = 0;
  std::vector<double> weights;
};

/// A weight function and the distance beyond which it is 0, in output pixels where the picture shrinks and in input
/// pixels where it grows.
struct Kernel {
  double support = 1;
  double (*weight)(double x) = nullptr;
};

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Keys' cubic convolution with a = -1/2 (IEEE Trans. ASSP 29, 1981).
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

double lanczos3(double x) {
  const auto sinc = [](double v) { return v == 0 ? 1.0 : std::sin(v * std::numbers::pi) / (v * std::numbers::pi); };
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0.0;
}

constexpr Kernel kTriangle{1, triangle}, kCubic{2, cubic}, kLanczos3{3, lanczos3};

/// In the order of operations of Pillow's precompute_coeffs: the last bits of the weights matter.
std::vector<Taps> kernel_taps(const Kernel& kernel, int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  std::vector<Taps> all(static_cast<std::size_t>(n_out));
  for (int i = 0; i < n_out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(centre - support + 0.5));
    const int high = std::min(n_in, static_cast<int>(centre + support + 0.5));
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = low;
    double sum = 0;
    for (int j = low; j < high; ++j) {
      taps.weights.push_back(kernel.weight((j - centre + 0.5) * (1.0 / stretch)));
      sum += taps.weights.back();
    }
    for (double& weight : taps.weights) weight /= sum;
  }
  return all;
}

std::vector<Taps> mean_taps(int n_in, int n_out) {
  std::vector<Taps> all(static_cast<std::size_t>(n_out));
  for (std::int64_t i = 0; i < n_out; ++i) {
    const auto low = static_cast<int>(i * n_in / n_out);
    const auto high = static_cast<int>(((i + 1) * n_in + n_out - 1) / n_out);
    all[static_cast<std::size_t>(i)] = {
        low, std::vector<double>(static_cast<std::size_t>(high - low), 1.0 / (high - low))};
  }
  return all;
}

/// One input position a place.
template <typename Place>
std::vector<Taps> single_taps(int n_in, int n_out, const Place& place) {
  std::vector<Taps> all(static_cast<std::size_t>(n_out));
  for (int i = 0; i < n_out; ++i) {
    all[static_cast<std::size_t>(i)] = {std::min(static_cast<int>(place(i)), n_in - 1), {1.0}};
  }
  return all;
}

/// In float32, as ATen computes places: exact arithmetic differs where one falls between two pixels.
std::vector<Taps> aten_nearest_taps(int n_in, int n_out, float offset) {
  const float scale = static_cast<float>(n_in) / static_cast<float>(n_out);
  return single_taps(n_in, n_out, [&](int i) { return (static_cast<float>(i) + offset) * scale; });
}

/// By a running sum, as Pillow does: its rounding decides between two pixels.
std::vector<Taps> pil_nearest_taps(int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  double at = scale * 0.5;
  return single_taps(n_in, n_out, [&](int) {
    const double here = at;
    at += scale;
    return here;
  });
}

std::vector<Taps> bilinear_taps(int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  std::vector<Taps> all(static_cast<std::size_t>(n_out));
  for (int i = 0; i < n_out; ++i) {
    const double at = std::clamp((i + 0.5) * scale - 0.5, 0.0, static_cast<double>(n_in - 1));
    const int low = std::min(static_cast<int>(at), std::max(0, n_in - 2));
    all[static_cast<std::size_t>(i)] =
        n_in == 1 ? Taps{0, {1.0}} : Taps{low, {1.0 - (at - low), at - low}};
  }
  return all;
}

/// Vertical pass into one row, then the horizontal pass of that row: no second picture is needed.
Plane separable(const Plane& plane, const std::vector<Taps>& down,
                const std::vector<Taps>& across) {
  assert(plane.rows > 0 && plane.cols > 0);
  const auto cols = static_cast<std::size_t>(plane.cols);
  Plane out{static_cast<int>(down.size()), static_cast<int>(across.size()), {}};
  out.values.reserve(down.size() * across.size());
  std::vector<double> row(cols);
  for (const Taps& vertical : down) {
    std::ranges::fill(row, 0.0);
    for (std::size_t k = 0; k < vertical.weights.size(); ++k) {
      const double weight = vertical.weights[k];
      const float* in = plane.values.data() + (static_cast<std::size_t>(vertical.first) + k) * cols;
      for (std::size_t c = 0; c < cols; ++c) row[c] += weight * static_cast<double>(in[c]);
    }
    for (const Taps& horizontal : across) {
      double sum = 0;
      for (std::size_t k = 0; k < horizontal.weights.size(); ++k) {
        sum += horizontal.weights[k] * row[static_cast<std::size_t>(horizontal.first) + k];
      }
      out.values.push_back(static_cast<float>(sum));
    }
  }
  return out;
}

constexpr int kFixedPointBits = 22;

struct FixedTaps {
  std::size_t first = 0;
  std::vector<std::int32_t> weights;
};

std::vector<FixedTaps> fixed_point(const std::vector<Taps>& taps) {
  std::vector<FixedTaps> all;
  all.reserve(taps.size());
  for (const Taps& one : taps) {
    FixedTaps fixed{static_cast<std::size_t>(one.first), {}};
    for (const double weight : one.weights) {
      const double half = weight < 0 ? -0.5 : 0.5;
      fixed.weights.push_back(static_cast<std::int32_t>(half + weight * (1 << kFixedPointBits)));
    }
    all.push_back(std::move(fixed));
  }
  return all;
}

std::uint8_t round_to_byte(std::int64_t sum) {
  const std::int64_t value = (sum + (1 << (kFixedPointBits - 1))) >> kFixedPointBits;
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
}

const Kernel& kernel_of(PilFilter filter) {
  switch (filter) {
    case PilFilter::kBilinear:
      return kTriangle;
    case PilFilter::kBicubic:
      return kCubic;
    case PilFilter::kLanczos:
      return kLanczos3;
  }
  return kTriangle;
}

}  // namespace

std::vector<std::uint8_t> pil_resize_u8(std::span<const std::uint8_t> values, int rows, int cols, int out_rows,
                                        int out_cols, PilFilter filter) {
  assert(rows > 0 && cols > 0 && out_rows > 0 && out_cols > 0);
  std::vector<std::uint8_t> across(values.begin(), values.end());
  const auto in_cols = static_cast<std::size_t>(cols);
  const auto width = static_cast<std::size_t>(out_cols);
  if (out_cols != cols) {
    const std::vector<FixedTaps> taps = fixed_point(kernel_taps(kernel_of(filter), cols, out_cols));
    across.assign(static_cast<std::size_t>(rows) * width, 0);
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      for (std::size_t c = 0; c < width; ++c) {
        std::int64_t sum = 0;
        const std::uint8_t* in = values.data() + r * in_cols + taps[c].first;
        for (std::size_t k = 0; k < taps[c].weights.size(); ++k) {
          sum += std::int64_t{taps[c].weights[k]} * in[k];
        }
        across[r * width + c] = round_to_byte(sum);
      }
    }
  }
  if (out_rows == rows) return across;
  const std::vector<FixedTaps> taps = fixed_point(kernel_taps(kernel_of(filter), rows, out_rows));
  std::vector<std::uint8_t> result(static_cast<std::size_t>(out_rows) * width);
  std::vector<std::int64_t> sums(width);
  for (std::size_t r = 0; r < static_cast<std::size_t>(out_rows); ++r) {
    std::ranges::fill(sums, 0);
    for (std::size_t k = 0; k < taps[r].weights.size(); ++k) {
      const std::uint8_t* in = across.data() + (taps[r].first + k) * width;
      for (std::size_t c = 0; c < width; ++c) sums[c] += std::int64_t{taps[r].weights[k]} * in[c];
    }
    for (std::size_t c = 0; c < width; ++c) result[r * width + c] = round_to_byte(sums[c]);
  }
  return result;
}

Plane bilinear_aa(const Plane& plane, int rows, int cols) {
  return separable(plane, kernel_taps(kTriangle, plane.rows, rows), kernel_taps(kTriangle, plane.cols, cols));
}

Plane bicubic_aa(const Plane& plane, int rows, int cols) {
  return separable(plane, kernel_taps(kCubic, plane.rows, rows), kernel_taps(kCubic, plane.cols, cols));
}

Plane upsample_bilinear(const Plane& plane, int rows, int cols) {
  return separable(plane, bilinear_taps(plane.rows, rows), bilinear_taps(plane.cols, cols));
}

Plane area(const Plane& plane, int rows, int cols) {
  return separable(plane, mean_taps(plane.rows, rows), mean_taps(plane.cols, cols));
}

Plane nearest(const Plane& plane, int rows, int cols) {
  return separable(plane, aten_nearest_taps(plane.rows, rows, 0.5F), aten_nearest_taps(plane.cols, cols, 0.5F));
}

Plane nearest_floor(const Plane& plane, int rows, int cols) {
  return separable(plane, aten_nearest_taps(plane.rows, rows, 0), aten_nearest_taps(plane.cols, cols, 0));
}

Plane pil_nearest(const Plane& plane, int rows, int cols) {
  return separable(plane, pil_nearest_taps(plane.rows, rows), pil_nearest_taps(plane.cols, cols));
}

}  // namespace rationale
