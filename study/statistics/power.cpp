#include "study/statistics/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

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

std::variant<CasesNeeded, NotEstimable> fewest_cases(const std::function<double(int)>& power_with, int n_readers,
                                                     double target, const CaseSearch& search) {
  int low = search.least - 1, high = search.least;
  double best = 0, power = 0;
  while (true) {
    power = power_with(high);
    best = std::max(best, power);
    if (power >= target) break;
    if (high >= search.most) {
      const bool is_any = search.most >= CaseSearch{}.most;
      const std::string range = is_any ? "however many cases" : fmt::format("with up to {} cases", search.most);
      return NotEstimable{"not_reachable",
                          fmt::format("not reachable with {} reader{}: the highest power, {}, is {:.3f}", n_readers,
                                      n_readers == 1 ? "" : "s", range, best),
                          best, {}};
    }
    low = high;
    high = std::min(std::max(high + 1, static_cast<int>(high * search.growth)), search.most);
  }
  while (high - low > std::max(1.0, search.precision * high)) {
    const int middle = low + (high - low) / 2;
    const double there = power_with(middle);
    (there >= target ? high : low) = middle;
    if (there >= target) power = there;
  }
  return CasesNeeded{high, power};
}

std::variant<CasesNeeded, NotEstimable> cases_needed(const PilotComponents& pilot, Generalises to, int n_readers,
                                                     double effect, double target, double alpha) {
  return fewest_cases([&](int n_cases) { return power_of(pilot, to, n_readers, n_cases, effect, alpha).power; }, n_readers,
                      target);
}

}  // namespace rationale::study
