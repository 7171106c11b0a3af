#include "study/statistics/randomisation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace rationale::study {
namespace {

/// D → probability.
using Distribution = std::map<int, double>;

/// In extended precision: probabilities of some 10^3 cases shall sum to 1 within 1e-12.
long double log_choose(int n, int k) {
  return std::lgamma(n + 1.0L) - std::lgamma(k + 1.0L) - std::lgamma(n - k + 1.0L);
}

Distribution reader_distribution(const ReaderPeriods& r) {
  Distribution d;
  const int rest = r.n - r.first_only - r.second_only;
  const long double total = log_choose(r.n, r.first_arm_first);
  for (int x = 0; x <= std::min(r.first_only, r.first_arm_first); ++x) {
    for (int y = 0; y <= std::min(r.second_only, r.first_arm_first - x); ++y) {
      const int others = r.first_arm_first - x - y;
      if (others > rest) continue;
      const long double log_p = log_choose(r.first_only, x) + log_choose(r.second_only, y) +
                           log_choose(rest, others) - total;
      d[r.first_only - 2 * x + 2 * y - r.second_only] += static_cast<double>(std::exp(log_p));
    }
  }
  return d;
}

Distribution coin_distribution(int n) {
  Distribution d;
  for (int k = 0; k <= n; ++k) d[2 * k - n] = static_cast<double>(std::exp(log_choose(n, k) - n * std::log(2.0L)));
  return d;
}

Distribution convolved(const Distribution& a, const Distribution& b) {
  Distribution sum;
  for (const auto& [x, p] : a) {
    for (const auto& [y, q] : b) sum[x + y] += p * q;
  }
  return sum;
}

double p_at_least(const Distribution& d, int observed) {
  double p = 0;
  for (const auto& [value, q] : d) p += std::abs(value) >= std::abs(observed) ? q : 0;
  return std::min(p, 1.0);
}

NotEstimable verdict(const char* code, const char* reason) { return {code, reason, {}, {}}; }

}  // namespace

std::variant<RandomisationTest, NotEstimable> randomisation_test(const StudyReadings& s,
                                                                 bool diseased_cases) {
  const std::size_t n_cases = (diseased_cases ? s.diseased : s.normal).size();
  if (s.arms.size() != 2) return verdict("one_arm", "the test needs two arms");
  if (!s.has_decisions) return verdict("no_threshold", "what counts as positive is not said");
  if (n_cases == 0) {
    return diseased_cases ? verdict("no_diseased_cases", "there is no such case")
                          : verdict("no_normal_cases", "there is no such case");
  }
  struct Pair {
    std::optional<bool> positive[2];
    int period[2] = {0, 0};
  };
  std::map<std::pair<int, int>, Pair> pairs;
  for (const ReadingRecord& one : s.records) {
    if (one.is_diseased != diseased_cases) continue;
    if (!one.period || (*one.period != 1 && *one.period != 2)) {
      return verdict("no_period", "the file does not say in which period each case was read");
    }
    Pair& pair = pairs[{one.reader, one.case_index}];
    pair.positive[one.arm] = one.is_positive;
    pair.period[one.arm] = *one.period;
  }
  RandomisationTest test;
  for (const std::string& reader : s.readers) test.readers.push_back({.reader = reader});
  for (const auto& [where, pair] : pairs) {
    if (!pair.positive[0] || !pair.positive[1] || pair.period[0] == pair.period[1]) {
      return verdict("not_crossed", "a case was not read in both arms and periods");
    }
    ReaderPeriods& r = test.readers[static_cast<std::size_t>(where.first)];
    ++r.n;
    const bool is_first_arm_first = pair.period[0] == 1;
    r.first_arm_first += is_first_arm_first ? 1 : 0;
    const bool in_first = *pair.positive[is_first_arm_first ? 0 : 1];
    const bool in_second = *pair.positive[is_first_arm_first ? 1 : 0];
    r.first_only += in_first && !in_second ? 1 : 0;
    r.second_only += in_second && !in_first ? 1 : 0;
    test.statistic += static_cast<int>(*pair.positive[1]) - static_cast<int>(*pair.positive[0]);
  }
  Distribution d{{0, 1.0}};
  for (const ReaderPeriods& r : test.readers) {
    d = convolved(d, reader_distribution(r));
    test.discordant += r.first_only + r.second_only;
  }
  double sum = 0, mean = 0, square = 0, decrease = 0;
  for (const auto& [value, p] : d) {
    sum += p;
    mean += value * p;
    square += static_cast<double>(value) * value * p;
    decrease += value <= test.statistic ? p : 0;
  }
  test.p_two_sided = p_at_least(d, test.statistic);
  test.p_decrease = std::min(decrease, 1.0);
  test.sum_of_probabilities = sum;
  test.variance = square - mean * mean;
  test.p_coin_flip = p_at_least(coin_distribution(test.discordant), test.statistic);
  return test;
}

}  // namespace rationale::study
