#include "explain/quality/interval.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "data/samples/stream.h"

namespace rationale::explain {
namespace {

constexpr std::size_t kFewestPatients = 3;
constexpr std::uint64_t kPurpose = 0x626f6f74;  // keeps these draws apart from other streams of the seed

struct Cluster {
  double sum = 0;
  double n = 0;
};

std::vector<Cluster> clusters_of(const std::vector<double>& values, const std::vector<std::string>& patients) {
  std::map<std::string, std::size_t> known;
  std::vector<Cluster> clusters;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t at = clusters.size();
    if (!patients[i].empty()) at = known.emplace(patients[i], at).first->second;
    if (at == clusters.size()) clusters.emplace_back();
    clusters[at].sum += values[i];
    clusters[at].n += 1;
  }
  return clusters;
}

/// Linear between the order statistics. @pre sorted, not empty
double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Measure too_few() {
  return not_estimable("too_few_patients", "an interval over patients needs at least 3 of them");
}

/// Of how many independent cases the rate would vary as it does over patients: n / design effect, the variances of the
/// ratio estimate with patients and with cases as the units. Where all cases agree, or all patients do, that is 0 / 0:
/// then the patients are counted.
double effective_number(const std::vector<Cluster>& clusters, double rate, double n) {
  const auto m = static_cast<double>(clusters.size());
  if (m == n) return n;
  double squares = 0;
  for (const Cluster& one : clusters) squares += std::pow(one.sum - rate * one.n, 2);
  const double by_patients = m / (m - 1) * squares / (n * n), by_cases = rate * (1 - rate) / (n - 1);
  if (by_cases <= 0 || by_patients <= 0) return m;
  return std::min(n, n * by_cases / by_patients);
}

/// At 0 and 1 the outer limit is exactly 0 or 1.
std::pair<double, double> wilson(double rate, double n) {
  constexpr double z = 1.959963984540054;
  const double shrink = 1 + z * z / n;
  const double centre = (rate + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink;
  return {rate <= 0 ? 0 : std::max(0.0, centre - half), rate >= 1 ? 1 : std::min(1.0, centre + half)};
}

}  // namespace

Estimate mean_over_patients(const std::vector<double>& values, const std::vector<std::string>& patients,
                            const Resampling& resampling) {
  Estimate result;
  result.n = values.size();
  if (values.empty()) {
    result.mean = result.lower = result.upper = not_estimable("no_values", "no case has a value");
    return result;
  }
  const std::vector<Cluster> clusters = clusters_of(values, patients);
  result.n_patients = clusters.size();
  double sum = 0;
  for (const double value : values) sum += value;
  result.mean = measured(sum / static_cast<double>(values.size()));
  if (clusters.size() < kFewestPatients) {
    result.lower = result.upper = too_few();
    return result;
  }
  samples::Stream stream(resampling.seed, clusters.size(), kPurpose);
  std::vector<double> means;
  for (int b = 0; b < resampling.n_resamples; ++b) {
    Cluster drawn;
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const Cluster& one = clusters[static_cast<std::size_t>(stream.uniform() * static_cast<double>(clusters.size()))];
      drawn.sum += one.sum;
      drawn.n += one.n;
    }
    means.push_back(drawn.sum / drawn.n);
  }
  std::sort(means.begin(), means.end());
  result.lower = measured(percentile(means, 0.025));
  result.upper = measured(percentile(means, 0.975));
  return result;
}

Estimate rate_over_patients(const std::vector<double>& hits, const std::vector<std::string>& patients) {
  Estimate result;
  result.n = hits.size();
  if (hits.empty()) {
    result.mean = result.lower = result.upper = not_estimable("no_values", "no case has a value");
    return result;
  }
  const std::vector<Cluster> clusters = clusters_of(hits, patients);
  result.n_patients = clusters.size();
  const double n = static_cast<double>(hits.size());
  const double rate = std::accumulate(hits.begin(), hits.end(), 0.0) / n;
  result.mean = measured(rate);
  if (clusters.size() < kFewestPatients) {
    result.lower = result.upper = too_few();
    return result;
  }
  const auto [lower, upper] = wilson(rate, effective_number(clusters, rate, n));
  result.lower = measured(lower);
  result.upper = measured(upper);
  return result;
}

}  // namespace rationale::explain
