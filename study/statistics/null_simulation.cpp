#include "study/statistics/null_simulation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "data/base/error.h"
#include "study/statistics/in_parallel.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/small_sample.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

enum Test { kRrrc, kMax, kFrrc, kRrfc, kCorrected, kPermutation, kUstat, kGeeCases, kGeeReaders, kTwoProportions,
            kPooledMcNemar, kTests };

constexpr double kAlpha = 0.05, kZero = 1e-24;
constexpr std::int64_t kChunk = 64;  // studies between two looks at an interrupt

using MaybeP = std::optional<double>;

/// Two-sided p of `difference` with `variance`.
MaybeP p_of(double difference, double variance, std::optional<double> df) {
  if (!(variance > kZero)) return std::nullopt;
  return f_tail(difference * difference / variance, 1, df);
}

/// Latent ratings of one study, reader by reader within a case: [cases][readers], of each arm.
struct Latent {
  int readers = 0, cases = 0;
  std::vector<float> rating[2];
};

Latent draw(samples::Stream& stream, const LatentVariances& v, int n_readers, int n_cases) {
  Latent latent{n_readers, n_cases, {}};
  const auto n = static_cast<std::size_t>(n_readers);
  std::vector<double> own[2];
  for (std::size_t j = 0; j < n; ++j) {
    const double reader = std::sqrt(v.reader) * stream.normal();
    for (auto& one : own) one.push_back(reader + std::sqrt(v.arm_reader) * stream.normal());
  }
  for (auto& one : latent.rating) one.reserve(n * static_cast<std::size_t>(n_cases));
  const double arm_case = std::sqrt(v.arm_case), reader_case = std::sqrt(v.reader_case), error = std::sqrt(v.error);
  for (int k = 0; k < n_cases; ++k) {
    const double shared = std::sqrt(v.cases) * stream.normal();
    const double of_case[2] = {shared + arm_case * stream.normal(), shared + arm_case * stream.normal()};
    for (std::size_t j = 0; j < n; ++j) {
      const double pair = reader_case * stream.normal();
      for (std::size_t arm = 0; arm < 2; ++arm) {
        latent.rating[arm].push_back(static_cast<float>(of_case[arm] + own[arm][j] + pair + error * stream.normal()));
      }
    }
  }
  return latent;
}

/// Calls of one arm at one threshold.
void call(std::vector<Calls>& calls, const Latent& latent, std::size_t arm, float cut, int n_readers, int n_cases) {
  calls.resize(static_cast<std::size_t>(n_cases));
  const float* rating = latent.rating[arm].data();
  for (Calls& one : calls) {
    one = 0;
    for (int j = 0; j < n_readers; ++j) one |= static_cast<Calls>(rating[j] > cut) << j;
    rating += latent.readers;
  }
}

float cut_of(double rate) { return static_cast<float>(normal_quantile(rate)); }

/// All cells of one study.
void add_study(std::vector<CellRejections>& tallies, const Latent& latent, const std::vector<SimulatedCell>& cells) {
  std::map<double, std::pair<std::vector<Calls>, std::vector<Calls>>> null_calls;  // by rate, all readers and cases
  std::vector<Calls> second;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const SimulatedCell& cell = cells[c];
    const auto [place, is_new] = null_calls.try_emplace(cell.rate);
    auto& [hidden, visible] = place->second;
    if (is_new) {
      call(hidden, latent, 0, cut_of(cell.rate), latent.readers, latent.cases);
      call(visible, latent, 1, cut_of(cell.rate), latent.readers, latent.cases);
    }
    const std::span<const Calls> first(hidden.data(), static_cast<std::size_t>(cell.cases));
    tallies[c].null.add(p_values(count_calls(first, {visible.data(), first.size()}, cell.readers)));
    if (!cell.second_rate) continue;
    call(second, latent, 1, cut_of(*cell.second_rate), cell.readers, cell.cases);
    tallies[c].effect.add(p_values(count_calls(first, second, cell.readers)));
  }
}

}  // namespace

const std::vector<NullScenario>& null_scenarios() {
  static const std::vector<NullScenario> scenarios{
      {"no reader x arm", {.reader = 0.10, .cases = 0.35, .reader_case = 0.10, .error = 0.45}},
      {"small reader x arm", probit_variances(0.01)},
      {"large reader x arm", probit_variances(0.04)},
  };
  return scenarios;
}

const std::vector<SimulatedTest>& simulated_tests() {
  static const std::vector<SimulatedTest> tests{{"OR RRRC"},
                                                {"max(RRRC, RRFC)", false, true},
                                                {"OR FRRC (fixed readers)"},
                                                {"OR RRFC = paired t over readers"},
                                                {"OR RRRC with df J - 1"},
                                                {"sign-flip permutation"},
                                                {"U-statistic variance, z"},
                                                {"naive GEE, cluster = case", true},
                                                {"naive GEE, cluster = reader", true},
                                                {"naive pooled two-proportion z", true},
                                                {"naive pooled McNemar", true}};
  return tests;
}

std::vector<MaybeP> p_values(const BinaryCounts& counts) {
  const double n = counts.n_cases, j = counts.n_readers;
  const Eigen::MatrixXd theta = rates(counts);
  const double mean[2] = {theta.row(0).mean(), theta.row(1).mean()};
  const double difference = mean[1] - mean[0];
  const ErrorTerms e = error_terms(mean_squares(theta), covariance_components(counts), 2, counts.n_readers);
  std::vector<MaybeP> p(kTests);
  p[kRrrc] = p_of(difference, 2 / j * e.random, e.df);
  p[kFrrc] = p_of(difference, 2 / j * e.fixed, std::nullopt);
  p[kRrfc] = p_of(difference, 2 / j * e.readers, e.df_readers);
  p[kMax] = p[kRrrc] && p[kRrfc] ? std::max(*p[kRrrc], *p[kRrfc]) : p[kRrrc];
  p[kCorrected] = p_of(difference, 2 / j * e.random, j - 1);
  p[kUstat] = p_of(difference, 2 / j * (e.readers + j * e.shared), std::nullopt);
  const std::vector<int> differences = counts.differences();
  const bool differs = std::ranges::any_of(differences, [](int d) { return d != 0; });
  if (differs && counts.n_readers >= static_cast<int>(kReadersForSignFlip)) p[kPermutation] = sign_flip_p(differences);
  // GEE with logit link and independence: the model is saturated in the arm, so that the estimate is the log odds
  // ratio of the pooled rates, and the sandwich the delta method (no small-sample factor).
  const double slope[2] = {1 / (mean[0] * (1 - mean[0])), 1 / (mean[1] * (1 - mean[1]))};
  if (std::isfinite(slope[0]) && std::isfinite(slope[1])) {
    const double log_odds = std::log(mean[1] / (1 - mean[1])) - std::log(mean[0] / (1 - mean[0]));
    const ArmCovariance c = arm_covariance(counts);
    const double by_case = slope[0] * slope[0] * c.variance[0] + slope[1] * slope[1] * c.variance[1] -
                           2 * slope[0] * slope[1] * c.covariance;
    p[kGeeCases] = p_of(log_odds, by_case * (n - 1) / n, std::nullopt);
    const Eigen::ArrayXd influence = slope[1] * (theta.row(1).array() - mean[1]) - slope[0] * (theta.row(0).array() - mean[0]);
    p[kGeeReaders] = p_of(log_odds, influence.square().sum() / (j * j), std::nullopt);
  }
  const auto naive = naive_pooled(counts.pooled());
  if (const auto* pooled = std::get_if<NaivePooled>(&naive)) {
    p[kTwoProportions] = pooled->p;
    p[kPooledMcNemar] = pooled->p_mcnemar;
  }
  return p;
}

std::vector<SimulatedCell> simulated_cells(const NullScenario& scenario, const std::vector<int>& readers,
                                           const std::vector<int>& cases, const std::vector<double>& rates,
                                           double power) {
  std::vector<SimulatedCell> cells;
  for (const int j : readers) {
    for (const int n : cases) {
      for (const double rate : rates) {
        SimulatedCell cell{j, n, rate, rate_for_power(scenario.variances, j, n, rate, power), 0, {}};
        if (cell.second_rate) {
          cell.formula_power = power_of(probit_components(scenario.variances, rate, *cell.second_rate, n),
                                        Generalises::kReadersAndCases, j, n, *cell.second_rate - rate)
                                   .power;
          cell.probit = probit_power(scenario.variances, rate, *cell.second_rate, j, n);
        }
        cells.push_back(cell);
      }
    }
  }
  return cells;
}

Rejections::Rejections() : rejected(kTests, 0), not_estimable(kTests, 0) {}

void Rejections::add(const std::vector<MaybeP>& p) {
  for (std::size_t test = 0; test < rejected.size(); ++test) {
    rejected[test] += p[test] && *p[test] < kAlpha ? 1 : 0;
    not_estimable[test] += p[test] ? 0 : 1;
  }
}

Rejections& Rejections::operator+=(const Rejections& other) {
  for (std::size_t test = 0; test < rejected.size(); ++test) {
    rejected[test] += other.rejected[test];
    not_estimable[test] += other.not_estimable[test];
  }
  return *this;
}

std::vector<CellRejections> simulate_rejections(const NullScenario& scenario, const std::vector<SimulatedCell>& cells,
                                                std::uint64_t seed, std::int64_t first, std::int64_t n, int threads) {
  int readers = 0, cases = 0;
  for (const SimulatedCell& cell : cells) {
    readers = std::max(readers, cell.readers);
    cases = std::max(cases, cell.cases);
  }
  if (readers > 32) throw Error(Error::Kind::kInput, "the simulation of calls holds up to 32 readers");
  std::vector<CellRejections> sum(cells.size());
  std::mutex guard;
  in_parallel(static_cast<std::size_t>((n + kChunk - 1) / kChunk), threads, [&](std::size_t chunk) {
    std::vector<CellRejections> own(cells.size());
    const std::int64_t from = static_cast<std::int64_t>(chunk) * kChunk;
    for (std::int64_t k = from; k < std::min(n, from + kChunk); ++k) {
      samples::Stream stream(seed, static_cast<std::uint64_t>(first + k), 0);
      add_study(own, draw(stream, scenario.variances, readers, cases), cells);
    }
    const std::scoped_lock lock(guard);  // whole numbers: their order does not matter
    for (std::size_t c = 0; c < own.size(); ++c) {
      sum[c].null += own[c].null;
      sum[c].effect += own[c].effect;
    }
  });
  return sum;
}

}  // namespace rationale::study
