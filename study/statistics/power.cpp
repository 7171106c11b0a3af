#include "study/statistics/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

constexpr double kMostCases = 1e6;

void check(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double alpha) {
  const int least = to == Generalises::kCases ? 1 : 2;
  if (n_readers < least) {
    throw Error(Error::Kind::kInput, "a claim about readers needs two or more of them", {},
                "plan more readers, or a claim about these readers only (FRRC)");
  }
  if (n_cases > 0 && pilot.n_cases > 0 && alpha > 0 && alpha < 1) return;
  throw Error(Error::Kind::kInput, "power needs cases, a pilot with cases, and alpha between 0 and 1");
}

}  // namespace

PilotComponents pilot_components(const ObuchowskiRockette& pilot, double n_cases) {
  // Clamped: with the c of the power formula, E of the pilot's own design is then its own error term.
  return {pilot.var_reader, pilot.var_arm_reader_clamped, pilot.covariance, n_cases};
}

Power power_of(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double effect,
               double alpha) {
  check(pilot, to, n_readers, n_cases, alpha);
  const CovarianceComponents& c = pilot.covariance;
  const double readers = n_readers, r = pilot.n_cases / n_cases;
  const double arm_reader = to == Generalises::kCases ? 0 : std::max(pilot.var_arm_reader, 0.0);
  const double shared = std::max(c.cov2 - c.cov3, 0.0);
  const double within = arm_reader + r * (c.var - c.cov1 - shared);
  const double error = to == Generalises::kReaders ? within : within + r * readers * shared;
  if (!(error > 0)) {
    throw Error(Error::Kind::kInput, "the pilot's components leave no error variance", {},
                "take them from a pilot in which readers or cases differ");
  }
  Power result;
  result.ncp = effect * effect * readers / (2 * error);
  if (to == Generalises::kCases) {
    result.critical = chi2_quantile(alpha, 1);
    result.power = noncentral_chi2_tail(result.critical, 1, result.ncp);
    return result;
  }
  result.df = to == Generalises::kReaders ? readers - 1 : error * error * (readers - 1) / (within * within);
  result.critical = f_quantile(alpha, 1, *result.df);
  result.power = noncentral_f_tail(result.critical, 1, *result.df, result.ncp);
  return result;
}

std::variant<CasesNeeded, NotEstimable> cases_needed(const PilotComponents& pilot, Generalises to, int n_readers,
                                                     double effect, double target, double alpha) {
  const auto power_with = [&](double n_cases) {
    return power_of(pilot, to, n_readers, std::floor(n_cases), effect, alpha).power;
  };
  // More cases need not mean more power (df fall as the cases' share of the error does): go up in small steps,
  // then halve the last one.
  double low = 1, high = 2, best = 0;
  while (true) {
    const double power = power_with(high);
    best = std::max(best, power);
    if (power >= target) break;
    if (high >= kMostCases) {
      return NotEstimable{"not_reachable",
                          fmt::format("not reachable with {} reader{}: the highest power, however many cases, is {:.3f}",
                                      n_readers, n_readers == 1 ? "" : "s", best),
                          best, {}};
    }
    low = high;
    high = std::min(std::max(high + 1, std::floor(high * 1.05)), kMostCases);
  }
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (power_with(middle) >= target ? high : low) = middle;
  }
  return CasesNeeded{static_cast<int>(high), power_with(high)};
}

}  // namespace rationale::study
