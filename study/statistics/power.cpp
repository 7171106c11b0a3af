#include "study/statistics/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
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

/// E of the analyses as its parts: what readers add or share within a reading, and what cases add to all readers alike.
struct PlannedError {
  double within = 0, shared = 0;

  double total() const { return within + shared; }
  double df(double n_readers) const { return total() * total() * (n_readers - 1) / (within * within); }
};

PlannedError planned_error(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases) {
  const CovarianceComponents& c = pilot.covariance;
  const double r = pilot.n_cases / n_cases, common = std::max(c.cov2 - c.cov3, 0.0);
  const double arm_reader = to == Generalises::kCases ? 0 : std::max(pilot.var_arm_reader, 0.0);
  const PlannedError e{arm_reader + r * (c.var - c.cov1 - common), to == Generalises::kReaders ? 0 : r * n_readers * common};
  if (e.total() > 0) return e;
  throw Error(Error::Kind::kInput, "the pilot's components leave no error variance", {},
              "take them from a pilot in which readers or cases differ");
}

}  // namespace

PilotComponents pilot_components(const ObuchowskiRockette& pilot, double n_cases) {
  // Clamped: with the c of the power formula, E of the pilot's own design is then its own error term.
  return {pilot.var_reader, pilot.var_arm_reader_clamped, pilot.covariance, n_cases};
}

Power power_of(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double effect,
               double alpha) {
  check(pilot, to, n_readers, n_cases, alpha);
  const PlannedError e = planned_error(pilot, to, n_readers, n_cases);
  Power result;
  result.ncp = effect * effect * n_readers / (2 * e.total());
  if (to == Generalises::kCases) {
    result.critical = chi2_quantile(alpha, 1);
    result.power = noncentral_chi2_tail(result.critical, 1, result.ncp);
    return result;
  }
  result.df = e.df(n_readers);
  result.critical = f_quantile(alpha, 1, *result.df);
  result.power = noncentral_f_tail(result.critical, 1, *result.df, result.ncp);
  return result;
}

Power noninferiority_power_of(const PilotComponents& pilot, Generalises to, int n_readers, double n_cases, double distance,
                              double alpha) {
  check(pilot, to, n_readers, n_cases, alpha);
  const PlannedError e = planned_error(pilot, to, n_readers, n_cases);
  const double delta = distance / std::sqrt(2 * e.total() / n_readers);
  Power result;
  result.ncp = delta * delta;
  if (to != Generalises::kCases && e.within > 0) result.df = e.df(n_readers);
  const double limit = upper_quantile(result.df, alpha / 2);
  result.critical = limit * limit;
  result.power = result.df ? noncentral_t_tail(limit, *result.df, delta) : normal_tail(limit - delta);
  return result;
}

double careful_power_of(const PilotComponents& pilot, int n_readers, double n_cases, double effect, double alpha, Sides sides) {
  check(pilot, Generalises::kReadersAndCases, n_readers, n_cases, alpha);
  const PlannedError e = planned_error(pilot, Generalises::kReadersAndCases, n_readers, n_cases);
  const double readers = n_readers, df_readers = readers - 1, of_readers = t_quantile(alpha / 2, df_readers);
  const double error = std::sqrt(2 * e.total() / readers);
  const auto rejects = [&](double within) {
    const PlannedError found{within, e.shared};
    const double both = t_quantile(alpha / 2, std::min(found.df(n_readers), 1e8));
    const double limit = std::sqrt(2 / readers * std::max(both * both * found.total(), of_readers * of_readers * within));
    const double above = normal_tail((limit - effect) / error);
    return sides == Sides::kOne ? above : above + normal_tail((limit + effect) / error);
  };
  if (!(e.within > 0)) return rejects(0);  // readers do not differ: there is nothing to average over
  const boost::math::chi_squared_distribution<double> spread(df_readers);
  const auto at = [&](double u) { return rejects(e.within * quantile(spread, u) / df_readers); };
  return boost::math::quadrature::gauss_kronrod<double, 31>::integrate(at, 0.0, 1.0, 12, 1e-9);
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

}  // namespace rationale::study
