#include "study/statistics/probit_power.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "data/base/error.h"
#include "study/statistics/pearson_nodes.h"
#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

constexpr int kNodes = 32, kRestNodes = 12, kSteps = 512;
constexpr double kLeast = 0.05;  // of a regression that stands for something above 0

/// The limit on spread / J, relative to diff^2. With s = spread / (spread + J shared), df = (J - 1) / s^2, and the
/// test is at its limit where shared / diff^2 = (1 - s) / t^2 and spread / (J diff^2) = s / t^2: a curve in s.
class Limit {
 public:
  Limit(int n_readers, double alpha) {
    for (int i = 0; i <= kSteps; ++i) {
      const double s = static_cast<double>(i) / kSteps;
      const double t = i == 0 ? normal_quantile(alpha / 2) : t_quantile(alpha / 2, (n_readers - 1) / (s * s));
      shared_.push_back((1 - s) / (t * t));
      spread_.push_back(s / (t * t));
    }
  }

  /// Of RRFC, whose error term is spread alone.
  double without_shared() const { return spread_.back(); }

  double at(double shared, double square) const {
    if (!(shared < square * shared_.front())) return 0;  // rejects for no spread
    const double ratio = shared / square;
    const auto place = std::lower_bound(shared_.begin(), shared_.end(), ratio, std::greater<>());
    const auto i = static_cast<std::size_t>(place - shared_.begin());
    const double part = (shared_[i - 1] - ratio) / (shared_[i - 1] - shared_[i]);
    return spread_[i - 1] + part * (spread_[i] - spread_[i - 1]);
  }

 private:
  std::vector<double> shared_, spread_;  // shared falls
};

/// Mean 1, variance `variance`: chi-squared / df with the second term of its Laguerre series.
class SpreadLaw {
 public:
  SpreadLaw(double df, double variance) : shape_(df / 2) {
    // The term is f(a) - 2 f(a + 1) + f(a + 2), f(a) the gamma density; above `a` it would make densities negative.
    term_ = std::min(shape_ * (shape_ * variance - 1) / 2, shape_);
  }
  double below(double w) const {
    const double x = w * shape_;
    if (!(x > 0)) return 0;
    using boost::math::gamma_p_derivative;  // P(a, x) - P(a + 1, x) = f(a + 1)
    const double bend = gamma_p_derivative(shape_ + 1, x) - gamma_p_derivative(shape_ + 2, x);
    return std::clamp(boost::math::gamma_p(shape_, x) + term_ * bend, 0.0, 1.0);
  }

 private:
  double shape_, term_;
};

ArrayXd above_zero(const ArrayXd& x) { return x.max(kLeast); }

double mean_square(const Nodes& n, const ArrayXd& x) { return (n.weight * x.square()).sum(); }

}  // namespace

ProbitPower probit_power(const TestMoments& m, int n_readers, double alpha) {
  if (n_readers < 2 || !(alpha > 0) || !(alpha < 1) || !(m.reader_variance > 0)) {
    throw Error(Error::Kind::kInput, "power needs two readers who differ, and alpha between 0 and 1");
  }
  const double readers = n_readers, variance = m.reader_variance;
  const bool has_cases = m.case_variance > 1e-12 * variance;  // below, it is rounding
  const double sd_case = has_cases ? std::sqrt(m.case_variance) : 0, sd_reader = std::sqrt(variance / readers);
  const double skewness = m.reader_third / std::pow(variance, 1.5) / std::sqrt(readers);
  const Nodes x = pearson_nodes(kNodes, has_cases ? m.case_third / std::pow(sd_case, 3) : 0);
  const Nodes y = pearson_nodes(kNodes, skewness), z = pearson_nodes(kRestNodes);

  const double shared_x = has_cases ? m.case_shared / sd_case : 0, shared_y = m.reader_shared / sd_reader;
  const double shared_z = std::sqrt(std::max(m.shared_variance - shared_x * shared_x - shared_y * shared_y, 0.0));
  const double spread_x = has_cases ? m.case_spread / sd_case / variance : 0;
  const double rest = m.spread_shared / variance - shared_x * spread_x - shared_y * skewness;
  const double spread_z = shared_z > 1e-9 * variance ? rest / shared_z : 0;
  const ArrayXd by_x = above_zero(1 + spread_x * x.node), by_z = above_zero(1 + spread_z * z.node);
  // Cov(y^2, spread / variance) is the excess kurtosis / J, and more where the cases set the spread of all readers;
  // y^2 - skewness y - 1 is uncorrelated with y and has variance 2 + skewness^2 / 2.
  const double common = m.common_variance / (variance * variance);
  const double excess = m.reader_fourth / (variance * variance) - 3 * (1 + common);
  const double curved = excess / readers + std::max(common - spread_x * spread_x, 0.0) - skewness * skewness;
  const double bend = curved / (2 + skewness * skewness / 2);
  ArrayXd by_y = above_zero(1 + skewness * y.node + bend * (y.node.square() - skewness * y.node - 1));
  by_y /= (y.weight * by_y).sum();
  const double explained = mean_square(x, by_x) * mean_square(y, by_y) * mean_square(z, by_z);
  const SpreadLaw law(readers - 1, (m.spread_variance / (variance * variance) + 1) / explained - 1);

  const Limit limit(n_readers, alpha);
  ProbitPower power;
  for (Index i = 0; i < x.node.size(); ++i) {
    for (Index k = 0; k < y.node.size(); ++k) {
      const double diff = m.effect + sd_case * x.node(i) + std::sqrt(by_x(i)) * sd_reader * y.node(k), square = diff * diff;
      for (Index l = 0; l < z.node.size(); ++l) {
        const double shared = m.case_variance + shared_x * x.node(i) + shared_y * y.node(k) + shared_z * z.node(l);
        const double weight = x.weight(i) * y.weight(k) * z.weight(l);
        const double scale = readers * square / (variance * by_x(i) * by_y(k) * by_z(l));
        const double rrrc = limit.at(std::max(shared, 0.0), square);
        const double both = std::min(rrrc, limit.without_shared());
        const double below = law.below(scale * rrrc);
        power.rrrc += weight * below;
        power.careful += weight * (both < rrrc ? law.below(scale * both) : below);
      }
    }
  }
  return power;
}

ProbitPower probit_power(const LatentVariances& variances, double first, double second, int n_readers, int n_cases,
                         double alpha) {
  return probit_power(ProbitModel(variances, first, second).moments(n_readers, n_cases), n_readers, alpha);
}

}  // namespace rationale::study
