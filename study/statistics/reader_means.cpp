#include "study/statistics/reader_means.h"

#include <fmt/format.h>

#include <cmath>

namespace rationale::study {

std::variant<ReaderMeans, NotEstimable> reader_means(const StudyReadings& s, Measure measure) {
  if (s.arms.size() != 2) return NotEstimable{"one_arm", "the comparison needs two arms", {}, {}};
  const std::size_t n = s.readers.size();
  std::vector<double> sum(2 * n, 0), count(2 * n, 0);
  bool has_any = false;
  for (const ReadingRecord& one : s.records) {
    const auto& value = measure == Measure::kConfidence ? one.confidence : one.time_s;
    if (!value || (measure == Measure::kLogTime && *value <= 0)) continue;
    has_any = true;
    const auto cell = static_cast<std::size_t>(one.arm) * n + static_cast<std::size_t>(one.reader);
    sum[cell] += measure == Measure::kConfidence ? *value : std::log(*value);
    count[cell] += 1;
  }
  if (!has_any) {
    return NotEstimable{"no_column",
                        measure == Measure::kConfidence ? "the file has no confidence"
                                                        : "the file has no reading times",
                        {}, {}};
  }
  ReaderMeans result;
  double mean = 0;
  for (std::size_t j = 0; j < n; ++j) {
    if (count[j] == 0 || count[n + j] == 0) {
      const std::string& arm = s.arms[count[j] == 0 ? 0 : 1];
      return NotEstimable{"empty_cell", fmt::format("{} has no such value in arm {}", s.readers[j], arm), {}, {}};
    }
    result.first.push_back(sum[j] / count[j]);
    result.second.push_back(sum[n + j] / count[n + j]);
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
