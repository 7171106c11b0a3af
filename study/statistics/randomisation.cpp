#include "study/statistics/randomisation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace rationale::study {
namespace {

/// Probabilities of D = lowest, lowest + 1, …
struct Distribution {
  int lowest = 0;
  std::vector<double> p;

  int at(std::size_t place) const { return lowest + static_cast<int>(place); }
};

/// In extended precision: probabilities of some 10^3 cases shall sum to 1 within 1e-12.
class Choose {
 public:
  explicit Choose(int largest) {
    log_factorial_.reserve(static_cast<std::size_t>(largest) + 1);
    for (int n = 0; n <= largest; ++n) log_factorial_.push_back(std::lgamma(n + 1.0L));
  }
  long double log(int n, int k) const { return factorial(n) - factorial(k) - factorial(n - k); }
  /// Of n and 0 … n.
  std::vector<long double> row(int n) const {
    std::vector<long double> result;
    for (int k = 0; k <= n; ++k) result.push_back(std::exp(log(n, k)));
    return result;
  }

 private:
  long double factorial(int n) const { return log_factorial_[static_cast<std::size_t>(n)]; }

  std::vector<long double> log_factorial_;
};

/// A reader's units: how many had the first arm first, and how many there are of each v.
struct Units {
  int n = 0, first_arm_first = 0;
  std::map<int, int> n_with;  ///< v → units
};

Distribution reader_distribution(const Units& units, const Choose& choose) {
  // (units drawn so far, D so far) → number of ways; values other than 0 one after the other.
  std::map<std::pair<int, int>, long double> ways{{{0, 0}, 1.0L}};
  int n_zero = 0, furthest = 0;
  for (const auto& [v, n] : units.n_with) {
    if (v == 0) {
      n_zero = n;
      continue;
    }
    furthest += std::abs(v) * n;
    const std::vector<long double> of_these = choose.row(n);
    std::map<std::pair<int, int>, long double> next;
    for (const auto& [state, count] : ways) {
      for (int x = 0; x <= std::min(n, units.first_arm_first - state.first); ++x) {
        next[{state.first + x, state.second + v * (n - 2 * x)}] += count * of_these[static_cast<std::size_t>(x)];
      }
    }
    ways = std::move(next);
  }
  const long double total = choose.log(units.n, units.first_arm_first);
  Distribution d{-furthest, std::vector<double>(2 * static_cast<std::size_t>(furthest) + 1, 0.0)};
  for (const auto& [state, count] : ways) {
    const int rest = units.first_arm_first - state.first;
    if (rest > n_zero) continue;
    d.p[static_cast<std::size_t>(state.second + furthest)] +=
        static_cast<double>(std::exp(std::log(count) + choose.log(n_zero, rest) - total));
  }
  return d;
}

Distribution coin_distribution(int n, const Choose& choose) {
  Distribution d{-n, std::vector<double>(2 * static_cast<std::size_t>(n) + 1, 0.0)};
  for (int k = 0; k <= n; ++k) {
    d.p[2 * static_cast<std::size_t>(k)] = static_cast<double>(std::exp(choose.log(n, k) - n * std::log(2.0L)));
  }
  return d;
}

Distribution convolved(const Distribution& a, const Distribution& b) {
  Distribution sum{a.lowest + b.lowest, std::vector<double>(a.p.size() + b.p.size() - 1, 0.0)};
  for (std::size_t i = 0; i < a.p.size(); ++i) {
    if (a.p[i] == 0) continue;  // D is odd or even
    for (std::size_t j = 0; j < b.p.size(); ++j) sum.p[i + j] += a.p[i] * b.p[j];
  }
  return sum;
}

double p_at_least(const Distribution& d, int observed) {
  double p = 0;
  for (std::size_t i = 0; i < d.p.size(); ++i) p += std::abs(d.at(i)) >= std::abs(observed) ? d.p[i] : 0;
  return std::min(p, 1.0);
}

/// v and the order of one unit; several cases of a patient add up.
struct Unit {
  int v = 0;
  bool is_first_arm_first = false, is_mixed = false;
};

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
  std::map<std::pair<int, int>, Unit> by_case, by_patient;
  const auto add = [](std::map<std::pair<int, int>, Unit>& units, std::pair<int, int> key, int v, bool first) {
    const auto [place, is_new] = units.try_emplace(key, Unit{0, first, false});
    place->second.v += v;
    place->second.is_mixed = place->second.is_mixed || place->second.is_first_arm_first != first;
  };
  const std::vector<int>& patient = diseased_cases ? s.diseased_patient : s.normal_patient;
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
    const int v = static_cast<int>(in_first) - static_cast<int>(in_second);
    add(by_case, where, v, is_first_arm_first);
    add(by_patient, {where.first, patient[static_cast<std::size_t>(where.second)]}, v, is_first_arm_first);
    test.statistic += static_cast<int>(*pair.positive[1]) - static_cast<int>(*pair.positive[0]);
  }
  const bool is_by_patient =
      std::ranges::none_of(by_patient, [](const auto& one) { return one.second.is_mixed; });
  test.unit = is_by_patient && by_patient.size() < by_case.size() ? DrawnUnit::kPatient : DrawnUnit::kCase;
  std::vector<Units> units(test.readers.size());
  for (const auto& [key, one] : is_by_patient ? by_patient : by_case) {
    Units& own = units[static_cast<std::size_t>(key.first)];
    ++own.n;
    own.first_arm_first += one.is_first_arm_first ? 1 : 0;
    ++own.n_with[one.v];
  }
  for (const ReaderPeriods& r : test.readers) test.discordant += r.first_only + r.second_only;
  int most = test.discordant;
  for (const Units& own : units) most = std::max(most, own.n);
  const Choose choose(most);
  Distribution d{0, {1.0}};
  for (const Units& own : units) d = convolved(d, reader_distribution(own, choose));
  double sum = 0, mean = 0, square = 0, decrease = 0;
  for (std::size_t i = 0; i < d.p.size(); ++i) {
    const double value = d.at(i), p = d.p[i];
    sum += p;
    mean += value * p;
    square += value * value * p;
    decrease += value <= test.statistic ? p : 0;
  }
  test.p_two_sided = p_at_least(d, test.statistic);
  test.p_decrease = std::min(decrease, 1.0);
  test.sum_of_probabilities = sum;
  test.variance = square - mean * mean;
  test.p_coin_flip = p_at_least(coin_distribution(test.discordant, choose), test.statistic);
  return test;
}

}  // namespace rationale::study
