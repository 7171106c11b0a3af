// How often each test of a difference of false-positive rates rejects when there is none, and how often when there is
// one: studies drawn from a probit model with crossed random effects, readers and cases new each time (statistics.md,
// section 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/statistics/binary_study.h"
#include "study/statistics/probit_power.h"
#include "study/statistics/simulated_study.h"

namespace rationale::study {

struct NullScenario {
  std::string name;
  LatentVariances variances;  ///< add up to 1
};
/// No, small and large reader x arm variance: 0, 0.01, 0.04.
const std::vector<NullScenario>& null_scenarios();

struct SimulatedTest {
  std::string name;  ///< those of expected/type1_error.json, where it has the test
  bool is_naive = false;  ///< takes readings or readers for what they are not: to compare with only
  bool is_recommended = false;
};
/// max(RRRC, RRFC) is the recommended one; RRRC stands first.
const std::vector<SimulatedTest>& simulated_tests();

/// p-value of each of simulated_tests(), two-sided; empty where there is none. The permutation test starts at six
/// readers.
std::vector<std::optional<double>> p_values(const BinaryCounts& counts);

/// One size of study. The arms have the same rate in a null study, `rate` and `second_rate` in one with an effect.
struct SimulatedCell {
  int readers = 3, cases = 180;
  double rate = 0.23;
  std::optional<double> second_rate;  ///< where RRRC has the wanted power by formula; empty: not reachable
  double formula_power = 0;           ///< RRRC's at second_rate
  ProbitPower probit;                 ///< at second_rate, by integration of the same model
};
/// All combinations. @param power  by formula (power_of), of RRRC, that fixes second_rate
std::vector<SimulatedCell> simulated_cells(const NullScenario& scenario, const std::vector<int>& readers,
                                           const std::vector<int>& cases, const std::vector<double>& rates,
                                           double power = 0.8);

/// Counts over studies, by test: p < 0.05, and no p at all.
struct Rejections {
  std::vector<std::int64_t> rejected, not_estimable;

  Rejections();
  void add(const std::vector<std::optional<double>>& p);
  Rejections& operator+=(const Rejections& other);
};
struct CellRejections {
  Rejections null, effect;
};

/// Studies first … first + n - 1 of a scenario. One draw of latent ratings serves all cells: a cell takes its first
/// readers and cases of it and puts its threshold to it, so studies of one cell are independent, cells are not.
/// @param threads  0: all; results do not depend on it
/// @throws Interrupted; Error (kInput) for more than 32 readers
std::vector<CellRejections> simulate_rejections(const NullScenario& scenario, const std::vector<SimulatedCell>& cells,
                                                std::uint64_t seed, std::int64_t first, std::int64_t n, int threads);

}  // namespace rationale::study
