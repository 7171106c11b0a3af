#include "study/statistics/simulated_study.h"

#include <fmt/format.h>

#include <cmath>

#include "data/base/error.h"
#include "study/statistics/assurance.h"
#include "study/statistics/covariance.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Values of one component, scaled to its variance.
MatrixXd draw(samples::Stream& stream, Index rows, Index columns, double variance) {
  MatrixXd result(rows, columns);
  const double deviation = std::sqrt(variance);
  for (Index i = 0; i < rows; ++i) {
    for (Index k = 0; k < columns; ++k) result(i, k) = deviation * stream.normal();
  }
  return result;
}

CaseReadings all_read(MatrixXd values) {
  CaseReadings readings;
  readings.read = MatrixXd::Ones(values.rows(), values.cols());
  readings.value = std::move(values);
  return readings;
}

MatrixXd table(const std::vector<std::optional<double>>& theta, Index n_readers) {
  MatrixXd result(2, n_readers);
  for (Index j = 0; j < n_readers; ++j) {
    result(0, j) = *theta[static_cast<std::size_t>(j)];
    result(1, j) = *theta[static_cast<std::size_t>(n_readers + j)];
  }
  return result;
}

void check(const StudyPlan& plan, bool needs_diseased, double low, double high, int n_runs) {
  if (plan.n_readers < 2 || plan.n_normal < 2 || (needs_diseased && plan.n_diseased < 2)) {
    throw Error(Error::Kind::kInput, "a simulated study needs two readers and two cases of each kind");
  }
  if (n_runs < 1) throw Error(Error::Kind::kInput, "a simulation needs a run");
  if (std::min(low, high) > 0 && std::max(low, high) < 1) return;
  throw Error(Error::Kind::kInput, "the figures of merit of both arms must lie between 0 and 1");
}

double drawn(samples::Stream& stream, const EffectPrior& prior) {
  if (prior.deviation == 0) return prior.mean;
  while (true) {
    const double effect = prior.mean + prior.deviation * stream.normal();
    if (effect >= prior.low && effect <= prior.high) return effect;
  }
}

/// Counts what the RRRC tests of `n_runs` studies say; `one` draws a study of that effect and gives theta and S.
template <typename OneStudy>
SimulatedPower count(int n_runs, std::uint64_t seed, double alpha, const EffectPrior& prior, OneStudy one) {
  if (prior.deviation > 0) prior.check();
  SimulatedPower result;
  result.n_runs = n_runs;
  int n_rejected = 0;
  for (int run = 0; run < n_runs; ++run) {
    samples::Stream stream(seed, static_cast<std::uint64_t>(run), 0);
    const double effect = drawn(stream, prior);
    const auto [theta, covariance] = one(stream, effect);
    const ObuchowskiRockette study = obuchowski_rockette(theta, covariance);
    result.mean_difference += (study.arm_mean(1) - study.arm_mean(0)) / n_runs;
    if (!study.rrrc.test.f) {
      ++result.n_not_estimable;
    } else {
      n_rejected += study.rrrc.test.p < alpha && effect * prior.mean >= 0;
    }
  }
  result.power = static_cast<double>(n_rejected) / n_runs;
  result.standard_error = std::sqrt(result.power * (1 - result.power) / n_runs);
  return result;
}

}  // namespace

MatrixXd latent_ratings(samples::Stream& stream, const StudyPlan& plan, Index n_cases) {
  const Index j = plan.n_readers;
  const LatentVariances& v = plan.variances;
  const Eigen::VectorXd reader = draw(stream, j, 1, v.reader), own = draw(stream, 2 * j, 1, v.arm_reader);
  MatrixXd y = draw(stream, 2 * j, n_cases, v.error).colwise() + (own + reader.replicate(2, 1));
  const MatrixXd cases = draw(stream, 1, n_cases, v.cases), arm_case = draw(stream, 2, n_cases, v.arm_case);
  const MatrixXd reader_case = draw(stream, j, n_cases, v.reader_case);
  for (Index arm = 0; arm < 2; ++arm) {
    y.middleRows(arm * j, j) += reader_case + (cases + arm_case.row(arm)).replicate(j, 1);
  }
  return y;
}

LatentVariances roe_metz(const std::string& set, double auc) {
  const bool is_known = set.size() == 2 && (set[0] == 'H' || set[0] == 'L') && (set[1] == 'H' || set[1] == 'L');
  if (!is_known) {
    throw Error(Error::Kind::kUsage, fmt::format("there is no Roe-Metz set \"{}\"", set), {}, "HL, LL, HH or LH");
  }
  LatentVariances v;
  v.reader = set[1] == 'L' ? 0.0055 : auc < 0.775 ? 0.011 : auc < 0.905 ? 0.03 : 0.056;
  v.arm_reader = v.reader;
  v.cases = v.arm_case = set[0] == 'H' ? 0.3 : 0.1;
  v.reader_case = 0.2;
  v.error = set[0] == 'H' ? 0.2 : 0.6;
  return v;
}

LatentVariances probit_variances(double arm_reader) {
  return {.reader = 0.10, .arm_reader = arm_reader, .cases = 0.35, .arm_case = 0.05, .reader_case = 0.10,
          .error = 0.40 - arm_reader};
}

SimulatedPower simulate_auc(const StudyPlan& plan, double auc_first, double effect, int n_runs,
                            std::uint64_t seed, double alpha, double effect_sd) {
  check(plan, true, auc_first, auc_first + effect, n_runs);
  const LatentVariances& v = plan.variances;
  // AUC = Phi(mu / sqrt(2 total)): of two cases, read by one reader in one arm.
  const double within = v.cases + v.arm_case + v.reader_case + v.error;
  const double scale = std::sqrt(2 * (within + v.reader + v.arm_reader));
  const EffectPrior prior = prior_of_rate(auc_first, effect, effect_sd);
  return count(n_runs, seed, alpha, prior, [&](samples::Stream& stream, double own) {
    const double mu[2] = {normal_quantile(1 - auc_first) * scale, normal_quantile(1 - auc_first - own) * scale};
    MatrixXd normal = latent_ratings(stream, plan, plan.n_normal);
    MatrixXd diseased = latent_ratings(stream, plan, plan.n_diseased);
    for (Index arm = 0; arm < 2; ++arm) {
      diseased.middleRows(arm * plan.n_readers, plan.n_readers).array() += mu[arm];
    }
    const PairSums sums = pair_sums(all_read(std::move(normal)), all_read(std::move(diseased)));
    return std::pair(table(auc(sums), plan.n_readers), covariance_delong(sums));
  });
}

SimulatedPower simulate_fpr(const StudyPlan& plan, double rate, double effect, int n_runs, std::uint64_t seed,
                            double alpha, double effect_sd) {
  check(plan, false, rate, rate + effect, n_runs);
  const LatentVariances& v = plan.variances;
  const double total = std::sqrt(v.reader + v.arm_reader + v.cases + v.arm_case + v.reader_case + v.error);
  const EffectPrior prior = prior_of_rate(rate, effect, effect_sd);
  return count(n_runs, seed, alpha, prior, [&](samples::Stream& stream, double own) {
    const double cut[2] = {normal_quantile(rate) * total, normal_quantile(rate + own) * total};
    MatrixXd y = latent_ratings(stream, plan, plan.n_normal);
    for (Index arm = 0; arm < 2; ++arm) {
      auto part = y.middleRows(arm * plan.n_readers, plan.n_readers).array();
      part = (part > cut[arm]).cast<double>().eval();
    }
    const CaseReadings decisions = all_read(std::move(y));
    return std::pair(table(proportion(decisions), plan.n_readers), covariance_proportion(decisions));
  });
}

}  // namespace rationale::study
