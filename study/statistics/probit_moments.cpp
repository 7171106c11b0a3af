#include "study/statistics/probit_moments.h"

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "study/statistics/pearson_nodes.h"
#include "study/statistics/probit_components.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kCommonNodes = 20, kApartNodes = 10;

/// Kinds of readers or of cases: their latent effects in the two arms, and how frequent they are.
struct Kinds {
  ArrayXd effect[2], weight;
};

/// Effects whose arms share `shared` of their variance and have `own` each: mean and half the difference are
/// independent, so that neither arm is treated differently.
Kinds kinds(double shared, double own) {
  const Nodes common = pearson_nodes(kCommonNodes), apart = pearson_nodes(own > 0 ? kApartNodes : 1);
  const Index n = common.node.size() * apart.node.size();
  Kinds result{{ArrayXd(n), ArrayXd(n)}, ArrayXd(n)};
  Index at = 0;
  for (Index i = 0; i < common.node.size(); ++i) {
    for (Index k = 0; k < apart.node.size(); ++k, ++at) {
      const double mean = std::sqrt(shared + own / 2) * common.node(i), half = std::sqrt(own / 2) * apart.node(k);
      result.effect[0](at) = mean - half;
      result.effect[1](at) = mean + half;
      result.weight(at) = common.weight(i) * apart.weight(k);
    }
  }
  return result;
}

void check(const LatentVariances& v, double first, double second) {
  if (!(std::min(first, second) > 0) || !(std::max(first, second) < 1)) {
    throw Error(Error::Kind::kInput, "the rates of both arms must lie between 0 and 1");
  }
  const double total = v.reader + v.arm_reader + v.cases + v.arm_case + v.reader_case + v.error;
  if (v.error > 0 && std::abs(total - 1) < 1e-9) return;
  throw Error(Error::Kind::kInput, "latent variances must add up to 1 and leave some to error");
}

}  // namespace

ProbitModel::ProbitModel(const LatentVariances& v, double first, double second) {
  check(v, first, second);
  const Kinds readers = kinds(v.reader, v.arm_reader), cases = kinds(v.cases, v.arm_case);
  reader_weight_ = readers.weight;
  case_weight_ = cases.weight;
  mean_ = square_ = ArrayXXd(readers.weight.size(), cases.weight.size());
  const double within = v.reader_case + v.error, s = std::sqrt(within), rho = v.reader_case / within;
  const double cut[2] = {normal_quantile(first), normal_quantile(second)};
  for (Index r = 0; r < mean_.rows(); ++r) {
    for (Index c = 0; c < mean_.cols(); ++c) {
      double z[2], p[2];
      for (int arm = 0; arm < 2; ++arm) {
        z[arm] = (cut[arm] - readers.effect[arm](r) - cases.effect[arm](c)) / s;
        p[arm] = normal_tail(z[arm]);
      }
      mean_(r, c) = p[1] - p[0];
      square_(r, c) = p[0] + p[1] - 2 * both_above(z[0], z[1], rho);
    }
  }
}

TestMoments ProbitModel::moments(int n_readers, int n_cases) const {
  if (n_readers < 2 || n_cases < 2) throw Error(Error::Kind::kInput, "power needs two readers and two cases");
  const ArrayXd &w = reader_weight_, &u = case_weight_;
  const auto over_readers = [&](const ArrayXXd& x) -> ArrayXd { return (x.matrix().transpose() * w.matrix()).array(); };
  const auto over_cases = [&](const ArrayXXd& x) -> ArrayXd { return (x.matrix() * u.matrix()).array(); };
  const auto mean_r = [&](const ArrayXd& x) { return (w * x).sum(); };
  const auto mean_c = [&](const ArrayXd& x) { return (u * x).sum(); };

  TestMoments m;
  m.effect = mean_r(over_cases(mean_));
  const ArrayXd a = over_cases(mean_) - m.effect, b = over_readers(mean_) - m.effect;
  const ArrayXXd g = (mean_.colwise() - a).rowwise() - (b + m.effect).transpose();

  // Moments of z = g + e in a cell; e has central moments v2, v3, v4, as d^3 = d and d^4 = d^2.
  const ArrayXXd &f = mean_, &q = square_;
  const ArrayXXd f2 = f.square(), v2 = q - f2, v3 = f - 3 * f * q + 2 * f * f2, v4 = q - 4 * f2 + 6 * f2 * q - 3 * f2.square();
  const ArrayXXd g2 = g.square(), z2 = g2 + v2, z3 = g * g2 + 3 * g * v2 + v3, z4 = g2.square() + 6 * g2 * v2 + 4 * g * v3 + v4;
  const ArrayXd z2r = over_cases(z2), z3r = over_cases(z3), z2c = over_readers(z2), z3c = over_readers(z3);
  const ArrayXd ag = over_readers(g.colwise() * a);             // E over readers of a g, by case
  const ArrayXd bg = over_cases(g.rowwise() * b.transpose());  // E over cases of b g, by reader
  const MatrixXd& gm = g.matrix();
  const MatrixXd between_readers = gm * u.matrix().asDiagonal() * gm.transpose();  // E over cases of g g'
  const MatrixXd between_cases = gm.transpose() * w.matrix().asDiagonal() * gm;
  const double readers2 = mean_r((between_readers.cwiseAbs2() * w.matrix()).array());
  const double cases2 = mean_c((between_cases.cwiseAbs2() * u.matrix()).array());
  const double a_g_a = (w * a).matrix().dot(between_readers * (w * a).matrix());

  const double j = n_readers, n = n_cases, n2 = n * n, n3 = n2 * n, pairs = j * (j - 1) / 2;
  m.reader_variance = mean_r(a.square()) + mean_r(z2r) / n;
  m.reader_third = mean_r(a.cube()) + 3 / n * mean_r(a * z2r) + mean_r(z3r) / n2;
  m.reader_fourth = mean_r(a.square().square()) + 6 / n * mean_r(a.square() * z2r) + 4 / n2 * mean_r(a * z3r) +
                    3 * (n - 1) / n3 * mean_r(z2r.square()) + mean_r(over_cases(z4)) / n3;
  m.case_variance = mean_c(b.square()) / n;
  m.case_third = mean_c(b.cube()) / n2;

  // Var(A | cases) is a sum over cases of `influence` and over pairs of them.
  const ArrayXd influence = 2 * ag + z2c / n;
  m.common_variance = (mean_c(influence.square()) - std::pow(mean_c(influence), 2)) / n + 2 * (n - 1) / n3 * cases2;
  m.case_spread = mean_c(b * influence) / n;
  // Given the cases, the A_j are a sample: Var(s^2) = (mu4 - sigma^4 (J - 3) / (J - 1)) / J.
  const double sigma4 = m.reader_variance * m.reader_variance + m.common_variance;
  m.spread_variance = (m.reader_fourth - (j - 3) / (j - 1) * sigma4) / j + m.common_variance;

  // n shared is the mean over cases of psi, the mean product of two readers' b + g + e.
  const double by_readers = 4 / j * mean_r(bg.square()) + readers2 / pairs;  // Var of E(psi | readers)
  const double psi2 = mean_c(b.square().square()) + 4 / j * mean_c(b.square() * z2c) + mean_c(z2c.square()) / pairs;
  m.shared_variance = by_readers / n2 + (psi2 - std::pow(mean_c(b.square()), 2) - by_readers) / n3;
  m.case_shared = m.case_third;
  m.reader_shared = 2 / (j * n) * mean_r(a * bg) + 2 / (j * n2) * mean_c(b * z2c);
  const double by_reader = mean_r(a.square() * bg) * 2 / j - a_g_a / pairs;
  const double by_both = 2 * mean_c(b.square() * ag) + 4 / j * mean_r(a * over_cases(z2.rowwise() * b.transpose())) -
                         2 / pairs * mean_c(ag * z2c) + 2 / j * mean_r(z2r * bg) - readers2 / pairs;
  const double by_case = mean_c((b.square() - mean_c(b.square())) * z2c) + 4 / j * mean_c(b * z3c) - mean_c(z2c.square()) / pairs;
  m.spread_shared = by_reader / n + by_both / n2 + by_case / n3;
  return m;
}

}  // namespace rationale::study
