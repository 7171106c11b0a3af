#include "explain/quality/interval.h"

#include <algorithm>
#include <cmath>
#include <map>

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
    result.lower = result.upper =
        not_estimable("too_few_patients", "an interval over patients needs at least 3 of them");
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

Estimate wilson(std::size_t hits, std::size_t n) {
  Estimate result;
  result.n = result.n_patients = n;
  if (n == 0) {
    result.mean = result.lower = result.upper = not_estimable("no_values", "no case has a value");
    return result;
  }
  constexpr double z = 1.959963984540054;
  const double count = static_cast<double>(n), rate = static_cast<double>(hits) / count;
  const double shrink = 1 + z * z / count;
  const double centre = (rate + z * z / (2 * count)) / shrink;
  const double half = z * std::sqrt(rate * (1 - rate) / count + z * z / (4 * count * count)) / shrink;
  result.mean = measured(rate);
  result.lower = measured(hits == 0 ? 0 : std::max(0.0, centre - half));
  result.upper = measured(hits == n ? 1 : std::min(1.0, centre + half));
  return result;
}

}  // namespace rationale::explain
