#include "study/statistics/small_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "data/samples/stream.h"

namespace rationale::study {
namespace {

constexpr std::size_t kExactReaders = 20;
constexpr std::size_t kDrawnPatterns = 99'999;
constexpr double kRounding = 1e-12;

/// Means over all non-empty subsets: the sum of a subset is that without its last reader, and that reader.
std::vector<double> all_subset_means(const std::vector<double>& d) {
  std::vector<double> means(std::size_t{1} << d.size(), 0.0);
  for (std::size_t j = 0; j < d.size(); ++j) {
    const std::size_t last = std::size_t{1} << j;
    for (std::size_t rest = 0; rest < last; ++rest) means[last + rest] = means[rest] + d[j];
  }
  for (std::size_t pattern = 1; pattern < means.size(); ++pattern) means[pattern] /= std::popcount(pattern);
  means.erase(means.begin());
  return means;
}

std::vector<double> drawn_subset_means(const std::vector<double>& d, std::uint64_t seed) {
  samples::Stream stream(seed, 0, 0x51677466U);
  std::vector<double> means;
  means.reserve(kDrawnPatterns);
  while (means.size() < kDrawnPatterns) {
    double sum = 0;
    int size = 0;
    for (const double one : d) {
      if (!stream.bernoulli(0.5)) continue;
      sum += one;
      ++size;
    }
    if (size > 0) means.push_back(sum / size);
  }
  return means;
}

}  // namespace

Careful rrrc_rrfc_max(const Outcome& rrrc, const Outcome& rrfc) {
  const auto* both = std::get_if<Estimate>(&rrrc);
  const auto* readers = std::get_if<Estimate>(&rrfc);
  if (both == nullptr || readers == nullptr) return {rrrc, false, false};
  const bool is_rrfc = readers->p > both->p * (1 + kRounding);  // they are one test where Cov2 <= Cov3
  Estimate result = is_rrfc ? *readers : *both;
  const bool is_interval_rrfc = readers->upper - readers->lower > (both->upper - both->lower) * (1 + kRounding);
  const Estimate& wider = is_interval_rrfc ? *readers : *both;
  result.lower = wider.lower;
  result.upper = wider.upper;
  return {result, is_rrfc, is_interval_rrfc};
}

Outcome corrected_df(const Outcome& rrrc, double df_readers) {
  const auto* both = std::get_if<Estimate>(&rrrc);
  if (both == nullptr) return rrrc;
  return tested(both->estimate, both->se * both->se, df_readers);
}

double smallest_sign_flip_p(int n_readers) { return std::ldexp(2.0, -n_readers); }

std::variant<SignFlip, NotEstimable> sign_flip(const std::vector<double>& differences, std::uint64_t seed) {
  const std::size_t n_readers = differences.size();
  const double smallest = smallest_sign_flip_p(static_cast<int>(n_readers));
  if (n_readers < kReadersForSignFlip) {
    return NotEstimable{"too_few_readers",
                        fmt::format("{} readers cannot give a p below {}: the permutation test needs {}", n_readers,
                                    smallest, kReadersForSignFlip),
                        {}, {}};
  }
  const double scale = std::accumulate(differences.begin(), differences.end(), 0.0,
                                       [](double sum, double d) { return sum + std::abs(d); });
  if (scale < kRounding) {
    return NotEstimable{"zero_variance_zero_difference", "no reader differs between the arms", 0.0, {}};
  }
  const auto n = static_cast<double>(n_readers);
  SignFlip result;
  result.estimate = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  result.is_exact = n_readers <= kExactReaders;
  std::vector<double> means =
      result.is_exact ? all_subset_means(differences) : drawn_subset_means(differences, seed);
  const double patterns = static_cast<double>(means.size()) + 1;
  result.smallest_p = result.is_exact ? smallest : 2 / patterns;
  // Flipping a subset takes the mean at least to its negative or as far as observed where the subset's mean is
  // on the other side of 0; the empty subset is the observed pattern.
  const double sign = result.estimate < 0 ? -1 : 1;
  const auto beyond = std::ranges::count_if(means, [&](double m) { return sign * m <= kRounding * scale; });
  result.p = std::min(1.0, 2 * (1 + static_cast<double>(beyond)) / patterns);
  const auto k = static_cast<std::ptrdiff_t>(0.025 * patterns);
  const auto at = [&](std::ptrdiff_t place) {
    std::nth_element(means.begin(), means.begin() + place, means.end());
    return means[static_cast<std::size_t>(place)];
  };
  result.lower = at(k - 1);
  result.upper = at(static_cast<std::ptrdiff_t>(means.size()) - k);
  return result;
}

double sign_flip_p(const std::vector<int>& differences) {
  int observed = 0, reach = 0;
  for (const int d : differences) {
    observed += d;
    reach += std::abs(d);
  }
  // Share of the subsets by their sum, at index sum + reach.
  std::vector<double> share(2 * static_cast<std::size_t>(reach) + 1, 0.0), next;
  share[static_cast<std::size_t>(reach)] = 1;
  for (const int d : differences) {
    next = share;
    const auto first = static_cast<std::size_t>(std::max(d, 0)), last = share.size() - static_cast<std::size_t>(std::max(-d, 0));
    for (std::size_t k = first; k < last; ++k) next[k] += share[static_cast<std::size_t>(static_cast<int>(k) - d)];
    for (double& one : next) one /= 2;
    share.swap(next);
  }
  // Flipping a subset takes the total at least as far: the subset's sum is on the other side of 0.
  const int sign = observed < 0 ? -1 : 1;
  double beyond = 0;
  for (int sum = -reach; sum <= reach; ++sum) {
    if (sign * sum <= 0) beyond += share[static_cast<std::size_t>(sum + reach)];
  }
  return std::min(1.0, 2 * beyond);
}

}  // namespace rationale::study
