#include "study/statistics/randomisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include "study/statistics/reader_permutation.h"

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

 private:
  long double factorial(int n) const { return log_factorial_[static_cast<std::size_t>(n)]; }

  std::vector<long double> log_factorial_;
};

/// Units of one group: how many had the first arm first, and how many there are of each v.
struct Units {
  int n = 0, first_arm_first = 0;
  std::map<int, int> n_with;  ///< v → units
};

/// How many of n units are drawn if m of them and n_rest others are (hypergeometric): calls take(x, weight * P(x)) from
/// the mode outward, as far as a double holds it.
template <typename Take>
void draw(int n, int n_rest, int m, long double weight, const Choose& choose, const Take& take) {
  constexpr long double kNothing = 1e-330L;
  const int lowest = std::max(0, m - n_rest), highest = std::min(n, m);
  const auto middle = static_cast<int>((m + 1.0) * (n + 1.0) / (n + n_rest + 2.0));
  const int mode = std::clamp(middle, lowest, highest);
  const long double at_mode =
      weight * std::exp(choose.log(n, mode) + choose.log(n_rest, m - mode) - choose.log(n + n_rest, m));
  const auto step = [&](int x) {  // P(x + 1) / P(x)
    return static_cast<long double>(n - x) * (m - x) / (static_cast<long double>(x + 1) * (n_rest - m + x + 1));
  };
  long double p = at_mode;
  for (int x = mode; x <= highest && p > kNothing; p *= step(x), ++x) take(x, p);
  p = at_mode;
  for (int x = mode - 1; x >= lowest; --x) {
    p /= step(x);
    if (p <= kNothing) break;
    take(x, p);
  }
}

/// The values of v one after the other; the last one needs no state of its own, and the units with 0 are what is left.
Distribution group_distribution(const Units& units, const Choose& choose) {
  std::vector<std::pair<int, int>> values;  // v, units
  int furthest = 0;
  for (const auto& [v, n] : units.n_with) {
    if (v == 0) continue;
    values.emplace_back(v, n);
    furthest += std::abs(v) * n;
  }
  if (values.empty()) return {0, {1.0}};
  Distribution d{-furthest, std::vector<double>(2 * static_cast<std::size_t>(furthest) + 1, 0.0)};
  std::map<std::pair<int, int>, long double> states{{{0, 0}, 1.0L}};  // units drawn so far, D so far
  int n_rest = units.n;
  for (const auto& one : values) {
    const auto [v, n] = one;
    n_rest -= n;
    const bool is_last = &one == &values.back();
    std::map<std::pair<int, int>, long double> next;
    for (const auto& [state, weight] : states) {
      const auto [drawn, so_far] = state;
      draw(n, n_rest, units.first_arm_first - drawn, weight, choose,
           [&, v = v, n = n, drawn = drawn, so_far = so_far](int x, long double p) {
             const int there = so_far + v * (n - 2 * x);
             if (is_last) {
               d.p[static_cast<std::size_t>(there + furthest)] += static_cast<double>(p);
             } else {
               next[{drawn + x, there}] += p;
             }
           });
    }
    states = std::move(next);
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

/// A reader's two readings of a case.
struct Pair {
  std::optional<bool> positive[2];
  std::optional<int> period[2];

  bool is_whole() const { return positive[0] && positive[1] && period[0] && period[1] && *period[0] != *period[1]; }
  bool is_first_arm_first() const { return *period[0] < *period[1]; }
  std::pair<int, int> periods() const { return std::minmax(*period[0], *period[1]); }
  /// Positives in the earlier period less those in the later one.
  int v() const { return (*positive[0] - *positive[1]) * (is_first_arm_first() ? 1 : -1); }
};

/// By reader and case of one truth.
using Pairs = std::map<std::pair<int, int>, Pair>;

Pairs pairs_of(const StudyReadings& s, bool diseased_cases) {
  Pairs pairs;
  for (const ReadingRecord& one : s.records) {
    if (one.is_diseased != diseased_cases) continue;
    Pair& pair = pairs[{one.reader, one.case_index}];
    pair.positive[one.arm] = one.is_positive;
    pair.period[one.arm] = one.period;
  }
  return pairs;
}

/// Whether every reader had all cases, of either truth, in one order.
bool has_one_order_a_reader(const StudyReadings& s) {
  std::map<int, bool> order;
  for (const bool diseased_cases : {false, true}) {
    for (const auto& [where, pair] : pairs_of(s, diseased_cases)) {
      if (!pair.is_whole()) continue;
      if (order.try_emplace(where.first, pair.is_first_arm_first()).first->second != pair.is_first_arm_first()) return false;
    }
  }
  return true;
}

/// What was drawn together: reader or block, stratum, periods.
using Group = std::tuple<int, std::string, std::pair<int, int>>;

/// v and the order of one unit; several cases of it add up.
struct Unit {
  Group group;
  int v = 0;
  bool is_first_arm_first = false, is_mixed = false;
};
using UnitsOf = std::map<std::pair<int, int>, Unit>;

/// @param name  the unit of a pair: reader and case, reader and patient, or reader
template <typename Name, typename GroupOf>
UnitsOf units_of(const Pairs& pairs, const Name& name, const GroupOf& group_of) {
  UnitsOf units;
  for (const auto& [where, pair] : pairs) {
    const Group group = group_of(where, pair);
    Unit& unit = units.try_emplace(name(where), Unit{group, 0, pair.is_first_arm_first(), false}).first->second;
    unit.v += pair.v();
    unit.is_mixed = unit.is_mixed || unit.is_first_arm_first != pair.is_first_arm_first() || unit.group != group;
  }
  return units;
}

bool is_any_mixed(const UnitsOf& units) {
  return std::ranges::any_of(units, [](const auto& one) { return one.second.is_mixed; });
}

NotEstimable verdict(const char* code, const std::string& reason) { return {code, reason, {}, {}}; }

std::optional<NotEstimable> nothing_to_draw(const StudyReadings& s, bool diseased_cases, const std::optional<OrderDraw>& draw) {
  if (s.arms.size() != 2) return verdict(s.arms.size() < 2 ? "one_arm" : "three_arms", "the test needs two arms");
  if (!s.has_decisions) return verdict("no_threshold", "what counts as positive is not said");
  if ((diseased_cases ? s.diseased : s.normal).empty()) {
    return diseased_cases ? verdict("no_diseased_cases", "there is no such case")
                          : verdict("no_normal_cases", "there is no such case");
  }
  if (std::ranges::none_of(s.records, [&](const ReadingRecord& one) { return one.is_diseased == diseased_cases && one.period; })) {
    return verdict("no_period", "the file does not say in which period each case was read");
  }
  if (draw && draw->is_stratified && !draw->is_by_reader && !s.columns.contains("stratum")) {
    return verdict("no_stratum", "the orders were drawn within strata, and the file has no column stratum");
  }
  return std::nullopt;
}

}  // namespace

std::variant<RandomisationTest, NotEstimable> randomisation_test(const StudyReadings& s, bool diseased_cases,
                                                                 const std::optional<OrderDraw>& draw) {
  if (auto why = nothing_to_draw(s, diseased_cases, draw)) return *why;
  Pairs pairs = pairs_of(s, diseased_cases);
  RandomisationTest test;
  test.n_left_out = static_cast<int>(std::erase_if(pairs, [](const auto& one) { return !one.second.is_whole(); }));
  if (pairs.size() < static_cast<std::size_t>(test.n_left_out)) {
    return verdict("not_crossed", fmt::format("of {} pairs of reader and case {} were read in both arms, each in its period: that is no crossover with gaps",
                                              pairs.size() + static_cast<std::size_t>(test.n_left_out), pairs.size()));
  }
  for (const std::string& reader : s.readers) test.readers.push_back({.reader = reader});
  for (const auto& [where, pair] : pairs) {
    ReaderPeriods& r = test.readers[static_cast<std::size_t>(where.first)];
    ++r.n;
    r.first_arm_first += pair.is_first_arm_first() ? 1 : 0;
    r.first_only += pair.v() > 0 ? 1 : 0;
    r.second_only += pair.v() < 0 ? 1 : 0;
    test.statistic += *pair.positive[1] - *pair.positive[0];
  }
  test.is_declared = draw.has_value();
  test.is_stratified = draw && draw->is_stratified && !draw->is_by_reader;
  const auto stratum = [&](int case_index) {
    return test.is_stratified ? s.columns.at("stratum")[diseased_cases ? 1 : 0][static_cast<std::size_t>(case_index)]
                              : std::string();
  };
  const auto of_reader = [&](std::pair<int, int> where, const Pair& pair) {
    return Group{where.first, stratum(where.second), pair.periods()};
  };
  UnitsOf units = units_of(pairs, [](std::pair<int, int> where) { return where; }, of_reader);
  if (draw ? draw->is_by_reader : has_one_order_a_reader(s)) {
    const std::vector<int> block = reader_blocks(s);
    units = units_of(pairs, [](std::pair<int, int> where) { return std::pair(where.first, 0); },
                     [&](std::pair<int, int> where, const Pair& pair) {
                       return Group{block[static_cast<std::size_t>(where.first)], {}, pair.periods()};
                     });
    if (is_any_mixed(units)) return verdict("not_crossed", "a reader read cases in either order, though one order was drawn for each reader");
    test.unit = DrawnUnit::kReader;
  } else if (!draw) {
    const std::vector<int>& patient = diseased_cases ? s.diseased_patient : s.normal_patient;
    UnitsOf patients = units_of(
        pairs, [&](std::pair<int, int> where) { return std::pair(where.first, patient[static_cast<std::size_t>(where.second)]); },
        of_reader);
    if (patients.size() < units.size() && !is_any_mixed(patients)) {
      units = std::move(patients);
      test.unit = DrawnUnit::kPatient;
    }
  }
  std::map<Group, Units> groups;
  for (const auto& [key, one] : units) {
    Units& own = groups[one.group];
    ++own.n;
    own.first_arm_first += one.is_first_arm_first ? 1 : 0;
    ++own.n_with[one.v];
  }
  if (std::ranges::none_of(groups, [](const auto& one) { return one.second.first_arm_first % one.second.n != 0; })) {
    return verdict("not_randomised", test.unit == DrawnUnit::kReader
                                         ? "no readers who read the same cases had them in different orders: period and arm cannot be told apart"
                                         : "no reader had cases in both orders: period and arm cannot be told apart");
  }
  for (const ReaderPeriods& r : test.readers) test.discordant += r.first_only + r.second_only;
  int most = test.discordant;
  for (const auto& [group, own] : groups) most = std::max(most, own.n);
  const Choose choose(most);
  Distribution d{0, {1.0}};
  for (const auto& [group, own] : groups) d = convolved(d, group_distribution(own, choose));
  double sum = 0, mean = 0, square = 0, decrease = 0;
  int furthest = 0;
  for (std::size_t i = 0; i < d.p.size(); ++i) {
    const double value = d.at(i), p = d.p[i];
    sum += p;
    mean += value * p;
    if (p > 0) furthest = std::max(furthest, std::abs(d.at(i)));
    square += value * value * p;
    decrease += value <= test.statistic ? p : 0;
  }
  test.p_two_sided = p_at_least(d, test.statistic);
  test.smallest_p = p_at_least(d, furthest);
  test.p_decrease = std::min(decrease, 1.0);
  test.sum_of_probabilities = sum;
  test.variance = square - mean * mean;
  test.p_coin_flip = p_at_least(coin_distribution(test.discordant, choose), test.statistic);
  return test;
}

}  // namespace rationale::study
