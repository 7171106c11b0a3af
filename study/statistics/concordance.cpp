#include "study/statistics/concordance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "study/statistics/tails.h"

namespace rationale::study {
namespace {

using Eigen::Index;

constexpr double kTail = 0.025;

NotEstimable too_few() { return {"too_few", "two cases and two raters are needed", {}, {}}; }

/// Mid-ranks of one rater's values, and the sum of t^3 - t over groups of t tied values.
double rank(const Eigen::VectorXd& values, Eigen::Ref<Eigen::VectorXd> ranks) {
  const auto n = static_cast<std::size_t>(values.size());
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, [&](Index a, Index b) { return values(a) < values(b); });
  double ties = 0;
  for (std::size_t first = 0, next = 0; first < n; first = next) {
    while (next < n && values(order[next]) == values(order[first])) ++next;
    const auto t = static_cast<double>(next - first);
    ties += t * t * t - t;
    for (std::size_t i = first; i < next; ++i) {
      ranks(order[i]) = (static_cast<double>(first) + static_cast<double>(next) + 1) / 2;
    }
  }
  return ties;
}

Icc with_test(double value, double f, double df1, double df2) {
  Icc icc;
  icc.value = value;
  icc.f = f;
  icc.df1 = df1;
  icc.df2 = df2;
  icc.p = f_tail(f, df1, df2);
  return icc;
}

}  // namespace

std::variant<Iccs, NotEstimable> intraclass(const Eigen::MatrixXd& values) {
  if (values.rows() < 2 || values.cols() < 2) return too_few();
  const auto n = static_cast<double>(values.rows()), m = static_cast<double>(values.cols());
  const Eigen::VectorXd by_case = values.rowwise().mean();
  const Eigen::RowVectorXd by_rater = values.colwise().mean();
  const double grand = values.mean();
  const double total = (values.array() - grand).square().sum();
  const double between = m * (by_case.array() - grand).square().sum();
  const double raters = n * (by_rater.array() - grand).square().sum();
  const Eigen::MatrixXd residual = (values.colwise() - by_case).rowwise() - by_rater;
  const double rest = (residual.array() + grand).square().sum();
  const double msb = between / (n - 1), msw = (total - between) / (n * (m - 1)), msj = raters / (m - 1);
  const double mse = rest / ((n - 1) * (m - 1));
  if (mse < 1e-24 || msb < 1e-24) {
    return NotEstimable{"zero_variance", "there is no variance between cases, or none within them", {}, {}};
  }
  const double df_case = n - 1, df_within = n * (m - 1), df_rest = (n - 1) * (m - 1);
  const double f1 = msb / msw, f3 = msb / mse;
  const double icc2 = (msb - mse) / (msb + (m - 1) * mse + m * (msj - mse) / n);
  Iccs result;
  auto& icc = result.by_type;
  icc[0] = with_test((msb - msw) / (msb + (m - 1) * msw), f1, df_case, df_within);
  icc[1] = with_test(icc2, f3, df_case, df_rest);
  icc[2] = with_test((msb - mse) / (msb + (m - 1) * mse), f3, df_case, df_rest);
  icc[3] = with_test((msb - msw) / msb, f1, df_case, df_within);
  icc[4] = with_test((msb - mse) / (msb + (msj - mse) / n), f3, df_case, df_rest);
  icc[5] = with_test((msb - mse) / msb, f3, df_case, df_rest);
  const double low1 = f1 / f_quantile(kTail, df_case, df_within), high1 = f1 * f_quantile(kTail, df_within, df_case);
  const double low3 = f3 / f_quantile(kTail, df_case, df_rest), high3 = f3 * f_quantile(kTail, df_rest, df_case);
  icc[0].lower = (low1 - 1) / (low1 + m - 1);
  icc[0].upper = (high1 - 1) / (high1 + m - 1);
  icc[3].lower = 1 - 1 / low1;
  icc[3].upper = 1 - 1 / high1;
  icc[2].lower = (low3 - 1) / (low3 + m - 1);
  icc[2].upper = (high3 - 1) / (high3 + m - 1);
  icc[5].lower = 1 - 1 / low3;
  icc[5].upper = 1 - 1 / high3;
  // Shrout & Fleiss 1979, p. 424: the interval of ICC(2,1), and by Spearman-Brown of ICC(2,m).
  const double fj = msj / mse;
  const double a = m * icc2 * fj + n * (1 + (m - 1) * icc2) - m * icc2;
  const double v = (m - 1) * (n - 1) * a * a /
                   ((n - 1) * m * m * icc2 * icc2 * fj * fj +
                    std::pow(n * (1 + (m - 1) * icc2) - m * icc2, 2));
  const double f_low = f_quantile(kTail, n - 1, v), f_high = f_quantile(kTail, v, n - 1);
  const double cross = m * msj + (m * n - m - n) * mse;
  // Divided by the quantiles, which are infinite where v is nearly 0.
  icc[1].lower = n * (msb / f_low - mse) / (cross + n * msb / f_low);
  icc[1].upper = n * (msb - mse / f_high) / (cross / f_high + n * msb);
  icc[4].lower = icc[1].lower * m / (1 + icc[1].lower * (m - 1));
  icc[4].upper = icc[1].upper * m / (1 + icc[1].upper * (m - 1));
  if (!std::ranges::all_of(icc, [](const Icc& one) {
        return std::isfinite(one.value) && std::isfinite(one.p) && std::isfinite(one.lower) && std::isfinite(one.upper);
      })) {
    return NotEstimable{"no_interval", "too few cases for an interval of ICC(2,1)", {}, {}};
  }
  return result;
}

std::variant<KendallW, NotEstimable> kendall_w(const Eigen::MatrixXd& values) {
  if (values.rows() < 2 || values.cols() < 2) return too_few();
  const auto n = static_cast<double>(values.rows()), m = static_cast<double>(values.cols());
  Eigen::MatrixXd ranks(values.rows(), values.cols());
  double ties = 0;
  for (Index j = 0; j < values.cols(); ++j) ties += rank(values.col(j), ranks.col(j));
  const Eigen::ArrayXd sums = ranks.rowwise().sum();
  const double spread = 12 * (sums - sums.mean()).square().sum(), most = m * m * (n * n * n - n);
  if (most - m * ties <= 0) return NotEstimable{"all_tied", "no rater tells any two cases apart", {}, {}};
  KendallW result;
  result.w = spread / (most - m * ties);
  result.w_uncorrected = spread / most;
  result.df = n - 1;
  result.chi2 = m * result.df * result.w;
  result.p = chi2_tail(result.chi2, result.df);
  return result;
}

}  // namespace rationale::study
