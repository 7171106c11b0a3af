#include "study/statistics/linear_mixed.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "study/statistics/minimise.h"

namespace rationale::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSingular = 1e-4;  // lme4's isSingular

Index effects_of(ReaderEffects readers) {
  return readers == ReaderEffects::kNone ? 0 : readers == ReaderEffects::kIntercept ? 1 : 2;
}

/// Of t_c and readers.
Index n_theta(ReaderEffects readers) {
  switch (readers) {
    case ReaderEffects::kNone: return 1;
    case ReaderEffects::kIntercept: return 2;
    case ReaderEffects::kUncorrelatedSlopes: return 3;
    case ReaderEffects::kSlopes: return 4;
  }
  return 1;
}

/// What is random: readers as they are, and patients where they have several cases.
struct Effects {
  ReaderEffects readers = ReaderEffects::kIntercept;
  bool has_patients = false;

  Index size() const { return n_theta(readers) + (has_patients ? 1 : 0); }

  /// [t_c, intercept, (covariance,) slope, t_p]: which of them are standard deviations, and so not below 0.
  std::vector<Index> deviations() const {
    std::vector<Index> places{0};
    if (readers != ReaderEffects::kNone) places.push_back(1);
    if (readers == ReaderEffects::kUncorrelatedSlopes) places.push_back(2);
    if (readers == ReaderEffects::kSlopes) places.push_back(3);
    if (has_patients) places.push_back(size() - 1);
    return places;
  }
};

/// What remains for beta and sigma when theta is given.
struct Profile {
  double log_det_v = 0, log_det_x = 0, residual = 0;
  VectorXd beta;
  MatrixXd inverse;  ///< (X'V^-1 X)^-1
};

class Model {
 public:
  Model(const MixedData& data, ReaderEffects readers, Likelihood likelihood)
      : data_(data), readers_(readers), likelihood_(likelihood), sums_(mixed_sums(data, readers)),
        n_(static_cast<double>(data.y.size())), p_(static_cast<double>(sums_.p)) {}

  std::optional<Profile> profile(const VectorXd& theta) const {
    const Index m = sums_.m, p = sums_.p;
    const double tc2 = theta(0) * theta(0);
    MatrixXd a = sums_.total;
    Profile result;
    for (const auto& [n, cross] : sums_.cross) {
      const double size = 1 + tc2 * n;
      a -= tc2 / size * cross;
      result.log_det_v += sums_.n_cases.at(n) * std::log(size);
    }
    if (!sums_.patients.empty()) take_patients(a, result, tc2, theta.tail<1>()(0));
    if (m > 0) {
      const MatrixXd lambda = reader_factor(data_, readers_, theta);
      MatrixXd b = lambda.transpose() * a.topLeftCorner(m, m) * lambda;
      b.diagonal().array() += 1;
      const Eigen::LLT<MatrixXd> chol(b);
      if (chol.info() != Eigen::Success) return std::nullopt;
      result.log_det_v += 2 * chol.matrixLLT().diagonal().array().log().sum();
      const MatrixXd r = chol.matrixL().solve(lambda.transpose() * a.topRightCorner(m, p + 1));
      a.bottomRightCorner(p + 1, p + 1) -= r.transpose() * r;
    }
    const Eigen::LLT<MatrixXd> x(a.block(m, m, p, p));
    if (x.info() != Eigen::Success) return std::nullopt;
    result.log_det_x = 2 * x.matrixLLT().diagonal().array().log().sum();
    result.inverse = x.solve(MatrixXd::Identity(p, p));
    result.beta = x.solve(a.block(m, m + p, p, 1));
    result.residual = a(m + p, m + p) - a.block(m, m + p, p, 1).col(0).dot(result.beta);
    return result;
  }

  double degrees() const { return likelihood_ == Likelihood::kReml ? n_ - p_ : n_; }

  double deviance(const VectorXd& theta) const {
    const auto at = profile(theta);
    if (!at || !(at->residual > 0)) return std::numeric_limits<double>::infinity();
    const double dispersion = 2 * M_PI * at->residual / degrees();
    return at->log_det_v + restricted(*at) + degrees() * (1 + std::log(dispersion));
  }

  /// With sigma as the last parameter.
  double deviance_with_sigma(const VectorXd& parameters) const {
    const Index t = parameters.size() - 1;
    const auto at = profile(parameters.head(t));
    if (!at) return std::numeric_limits<double>::infinity();
    const double sigma2 = parameters(t) * parameters(t);
    return at->log_det_v + restricted(*at) + degrees() * std::log(2 * M_PI * sigma2) + at->residual / sigma2;
  }

 private:
  void take_patients(MatrixXd& a, Profile& result, double tc2, double tp) const {
    const MixedSums::OfPatients& any = sums_.patients.begin()->second;
    MatrixXd g = MatrixXd::Zero(any.sums.rows(), any.sums.cols());
    VectorXd h = VectorXd::Zero(any.sums.rows());
    for (const auto& [n, of] : sums_.patients) {
      const double shrink = 1 / (1 + tc2 * n);
      g += shrink * of.sums;
      h += n * shrink * of.n_cases;
    }
    const VectorXd size = (1 + tp * tp * h.array()).matrix();
    result.log_det_v += size.array().log().sum();
    a.noalias() -= g.transpose() * (tp * tp * size.cwiseInverse()).asDiagonal() * g;
  }

  double restricted(const Profile& at) const {
    return likelihood_ == Likelihood::kReml ? at.log_det_x : 0;
  }

  const MixedData& data_;
  ReaderEffects readers_;
  Likelihood likelihood_;
  MixedSums sums_;
  double n_, p_;
};

/// Standard deviations not below 0 (the deviance is even in each column of Lambda), and 0 where that is as
/// good.
void settle(const Model& model, const Effects& effects, VectorXd& theta) {
  for (const Index i : effects.deviations()) {
    if (effects.readers == ReaderEffects::kSlopes && i == 1 && theta(1) < 0) theta(2) = -theta(2);
    theta(i) = std::abs(theta(i));
    VectorXd without = theta;
    without(i) = 0;
    if (theta(i) < kSingular && model.deviance(without) <= model.deviance(theta) + 1e-8) theta = without;
  }
}

bool is_singular(const Effects& effects, const VectorXd& theta) {
  return std::ranges::any_of(effects.deviations(), [&](Index i) { return theta(i) < kSingular; });
}

/// df of each coefficient.
std::vector<std::optional<double>> satterthwaite(const Model& model, const VectorXd& theta, double sigma) {
  VectorXd at(theta.size() + 1);
  at << theta, sigma;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> h(
      hessian([&](const VectorXd& x) { return model.deviance_with_sigma(x); }, at));
  VectorXd inverse = VectorXd::Zero(at.size());
  for (Index i = 0; i < at.size(); ++i) {
    if (h.eigenvalues()(i) > 1e-8) inverse(i) = 1 / h.eigenvalues()(i);
  }
  const MatrixXd covariance = 2 * h.eigenvectors() * inverse.asDiagonal() * h.eigenvectors().transpose();
  const Profile here = *model.profile(theta);
  std::vector<std::optional<double>> result;
  for (Index i = 0; i < here.beta.size(); ++i) {
    const Objective variance = [&](const VectorXd& x) {
      const auto there = model.profile(x.head(theta.size()));
      return there ? x(theta.size()) * x(theta.size()) * there->inverse(i, i) : 0.0;
    };
    const VectorXd g = gradient(variance, at);
    const double spread = g.dot(covariance * g), f = variance(at);
    result.push_back(spread > 0 ? std::optional(2 * f * f / spread) : std::nullopt);
  }
  return result;
}

std::vector<VarianceTerm> variance_terms(const MixedData& data, const Effects& effects, const VectorXd& theta,
                                         double sigma) {
  const ReaderEffects readers = effects.readers;
  const double s2 = sigma * sigma;
  const auto one = [&](const char* group, const std::string& name, double variance) {
    return VarianceTerm{group, name, "", variance, std::sqrt(variance)};
  };
  std::vector<VarianceTerm> terms{one("case", "(Intercept)", s2 * theta(0) * theta(0))};
  if (effects.has_patients) terms.push_back(one("patient", "(Intercept)", s2 * theta.tail<1>()(0) * theta.tail<1>()(0)));
  if (readers == ReaderEffects::kUncorrelatedSlopes) {
    terms.push_back(one("reader", data.names[1], s2 * theta(2) * theta(2)));
    terms.push_back(one("reader.1", "(Intercept)", s2 * theta(1) * theta(1)));
  } else if (readers != ReaderEffects::kNone) {
    terms.push_back(one("reader", "(Intercept)", s2 * theta(1) * theta(1)));
  }
  if (readers == ReaderEffects::kSlopes) {
    const double slope = theta(2) * theta(2) + theta(3) * theta(3), shared = theta(1) * theta(2);
    terms.push_back(one("reader", data.names[1], s2 * slope));
    const double scale = theta(1) * std::sqrt(slope);
    terms.push_back({"reader", "(Intercept)", data.names[1], s2 * shared, scale > 0 ? shared / scale : 0});
  }
  terms.push_back(one("Residual", "", s2));
  return terms;
}

std::string random_part(const Effects& effects) {
  const auto of_readers = [&] {
    switch (effects.readers) {
      case ReaderEffects::kNone: return "";
      case ReaderEffects::kIntercept: return " + (1 | reader)";
      case ReaderEffects::kSlopes: return " + (1 + arm | reader)";
      case ReaderEffects::kUncorrelatedSlopes: return " + (1 | reader) + (0 + arm | reader)";
    }
    return "";
  };
  return std::string(of_readers()) + (effects.has_patients ? " + (1 | patient)" : "") + " + (1 | case)";
}

}  // namespace

bool has_patient_effect(const MixedData& data) { return data.has_patients && data.n_clusters < data.n_cases; }

MatrixXd reader_factor(const MixedData& data, ReaderEffects readers, const VectorXd& theta) {
  const Index e = effects_of(readers), m = e * data.n_readers;
  MatrixXd lambda = MatrixXd::Zero(m, m);
  for (Index j = 0; j < m; j += std::max<Index>(e, 1)) {
    lambda(j, j) = theta(1);
    if (readers == ReaderEffects::kUncorrelatedSlopes) lambda(j + 1, j + 1) = theta(2);
    if (readers != ReaderEffects::kSlopes) continue;
    lambda(j + 1, j) = theta(2);
    lambda(j + 1, j + 1) = theta(3);
  }
  return lambda;
}

MixedSums mixed_sums(const MixedData& data, ReaderEffects readers) {
  const Index e = effects_of(readers);
  MixedSums sums;
  sums.m = e * data.n_readers;
  sums.p = data.x.cols();
  const Index width = sums.m + sums.p + 1;
  sums.total = MatrixXd::Zero(width, width);
  sums.by_case = MatrixXd::Zero(data.n_cases, width);
  sums.n_readings.assign(static_cast<std::size_t>(data.n_cases), 0);
  const bool has_patients = has_patient_effect(data);
  std::vector<int> patient_of(static_cast<std::size_t>(data.n_cases), 0);
  VectorXd row(sums.p + 1);
  for (Index i = 0; i < data.y.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const Index k = data.case_of[place], z = e * data.reader_of[place];
    row << data.x.row(i).transpose(), data.y(i);
    ++sums.n_readings[static_cast<std::size_t>(k)];
    if (has_patients) patient_of[static_cast<std::size_t>(k)] = data.cluster_of[place];
    sums.by_case.row(k).tail(sums.p + 1) += row.transpose();
    sums.total.bottomRightCorner(sums.p + 1, sums.p + 1).noalias() += row * row.transpose();
    // Few entries of z are not 0: 1 and the arm, at this reader's place.
    const double effect[2] = {1, data.arm(i)};
    for (Index a = 0; a < e; ++a) {
      sums.by_case(k, z + a) += effect[a];
      sums.total.block(z + a, sums.m, 1, sums.p + 1) += effect[a] * row.transpose();
      for (Index b = 0; b < e; ++b) sums.total(z + a, z + b) += effect[a] * effect[b];
    }
  }
  sums.total.bottomLeftCorner(sums.p + 1, sums.m) = sums.total.topRightCorner(sums.m, sums.p + 1).transpose();
  std::map<int, std::vector<Index>> groups;
  for (Index k = 0; k < data.n_cases; ++k) groups[sums.n_readings[static_cast<std::size_t>(k)]].push_back(k);
  for (const auto& [n, cases] : groups) {
    const MatrixXd part = sums.by_case(cases, Eigen::all);
    sums.cross[n].noalias() = part.transpose() * part;
    sums.n_cases[n] = static_cast<int>(cases.size());
    if (!has_patients) continue;
    MixedSums::OfPatients& of = sums.patients[n];
    of = {MatrixXd::Zero(data.n_clusters, width), VectorXd::Zero(data.n_clusters)};
    for (const Index k : cases) {
      const Index patient = patient_of[static_cast<std::size_t>(k)];
      of.sums.row(patient) += sums.by_case.row(k);
      of.n_cases(patient) += 1;
    }
  }
  return sums;
}

std::variant<LinearMixed, NotEstimable> linear_mixed(const MixedData& data, ReaderEffects readers,
                                                     Likelihood likelihood) {
  const Effects effects{readers, has_patient_effect(data)};
  // Around the least-squares fit, the products lose no digits to the mean.
  MixedData centred = data;
  const VectorXd least_squares = data.x.colPivHouseholderQr().solve(data.y);
  centred.y -= data.x * least_squares;
  if (centred.y.squaredNorm() < 1e-20 * data.y.squaredNorm() + 1e-24) {
    return NotEstimable{"zero_variance", "the model leaves no residual: all values are what it says", {}, {}};
  }
  const Model model(centred, readers, likelihood);
  VectorXd start = VectorXd::Zero(effects.size());
  for (const Index i : effects.deviations()) start(i) = 0.5;
  const auto minimum = minimise([&](const VectorXd& theta) { return model.deviance(theta); }, start);
  if (!minimum) return NotEstimable{"no_maximum", "the likelihood has no maximum within reach", {}, {}};
  LinearMixed fit;
  fit.readers = readers;
  fit.likelihood = likelihood;
  fit.formula = data.fixed + random_part(effects);
  fit.theta = minimum->x;
  settle(model, effects, fit.theta);
  const auto at = model.profile(fit.theta);
  if (!at || !(at->residual > 0)) {
    return NotEstimable{"zero_variance", "the model leaves no residual: all values are what it says", {}, {}};
  }
  fit.sigma = std::sqrt(at->residual / model.degrees());
  fit.beta = least_squares + at->beta;
  fit.covariance = fit.sigma * fit.sigma * at->inverse;
  fit.satterthwaite =
      coefficients(data, fit.beta, fit.covariance, satterthwaite(model, fit.theta, fit.sigma));
  fit.variance = variance_terms(data, effects, fit.theta, fit.sigma);
  fit.log_likelihood = -model.deviance(fit.theta) / 2;
  const auto parameters = static_cast<double>(data.x.cols() + fit.theta.size() + 1);
  fit.n = static_cast<int>(data.y.size());
  fit.aic = 2 * parameters - 2 * fit.log_likelihood;
  fit.bic = parameters * std::log(fit.n) - 2 * fit.log_likelihood;
  fit.is_singular = is_singular(effects, fit.theta);
  return fit;
}

}  // namespace rationale::study
