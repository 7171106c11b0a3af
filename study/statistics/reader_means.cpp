#include "study/statistics/reader_means.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rationale::study {

Merits mean_merits(const StudyReadings& s, Measure measure) {
  const std::size_t n = s.readers.size(), n_cells = s.arms.size() * n;
  std::vector<double> sum(n_cells, 0), count(n_cells, 0);
  for (const ReadingRecord& one : s.records) {
    const auto& value = measure == Measure::kConfidence ? one.confidence : one.time_s;
    if (!value || (measure == Measure::kLogTime && *value <= 0)) continue;
    const auto cell = static_cast<std::size_t>(one.arm) * n + static_cast<std::size_t>(one.reader);
    sum[cell] += measure == Measure::kConfidence ? *value : std::log(*value);
    count[cell] += 1;
  }
  Merits m{.theta = std::vector<std::optional<double>>(n_cells), .covariance = {}, .n_arms = static_cast<int>(s.arms.size()),
           .n_readers = static_cast<int>(n), .cases = "such", .arms = s.arms, .readers = s.readers};
  for (std::size_t cell = 0; cell < n_cells; ++cell) {
    if (count[cell] > 0) m.theta[cell] = sum[cell] / count[cell];
  }
  return m;
}

std::variant<ReaderMeans, NotEstimable> reader_means(const StudyReadings& s, Measure measure) {
  if (s.arms.size() != 2) return NotEstimable{"one_arm", "the comparison needs two arms", {}, {}};
  const std::size_t n = s.readers.size();
  const Merits merits = mean_merits(s, measure);
  const auto& theta = merits.theta;
  if (std::ranges::none_of(theta, [](const auto& one) { return one.has_value(); })) {
    return NotEstimable{"no_column",
                        measure == Measure::kConfidence ? "the file has no confidence"
                                                        : "the file has no reading times",
                        {}, {}};
  }
  if (merits.nested()) {
    return NotEstimable{"readers_nested_in_arms", "each reader has such values in one arm: no reader is a pair", {}, {}};
  }
  ReaderMeans result;
  double mean = 0;
  for (std::size_t j = 0; j < n; ++j) {
    if (!theta[j] || !theta[n + j]) {
      const std::string& arm = s.arms[theta[j] ? 1 : 0];
      return NotEstimable{"empty_cell", fmt::format("{} has no such value in arm {}", s.readers[j], arm), {}, {}};
    }
    result.first.push_back(*theta[j]);
    result.second.push_back(*theta[n + j]);
    mean += (result.second[j] - result.first[j]) / static_cast<double>(n);
  }
  if (n < 2) return NotEstimable{"one_reader", "one reader has no spread between readers", mean, {}};
  double squares = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const double off = result.second[j] - result.first[j] - mean;
    squares += off * off;
  }
  const auto readers = static_cast<double>(n);
  result.difference = tested(mean, squares / (readers - 1) / readers, readers - 1);
  return result;
}

}  // namespace rationale::study
