#include "study/statistics/laplace_deviance.h"

#include <algorithm>
#include <cmath>

namespace rationale::study {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

LaplaceDeviance::LaplaceDeviance(const MixedData& data)
    : data_(data), u_case_(VectorXd::Zero(data.n_cases)), u_reader_(VectorXd::Zero(data.n_readers)),
      eta_(data.y.size()), tail_(data.y.size()), excess_(data.y.size()), weight_(data.y.size()),
      coupling_(data.n_cases, data.n_readers) {}

/// P at u; leaves excess, weight, and the gradient -dP/du and H at u.
double LaplaceDeviance::penalised() {
  const Index n = data_.y.size();
  for (Index i = 0; i < n; ++i) {
    const auto place = static_cast<std::size_t>(i);
    eta_(i) = fixed_(i) + t_case_ * u_case_(data_.case_of[place]) + t_reader_ * u_reader_(data_.reader_of[place]);
  }
  tail_ = (-eta_.abs()).exp();
  g_case_ = -u_case_;
  g_reader_ = -u_reader_;
  d_case_.setOnes(data_.n_cases);
  d_reader_.setOnes(data_.n_readers);
  coupling_.setZero();
  // log(1 + e^-|eta|) summed as the logarithm of products: of 512 factors between 1 and 2.
  constexpr Index kFactors = 512;
  double value = (u_case_.squaredNorm() + u_reader_.squaredNorm()) / 2, product = 1;
  for (Index i = 0; i < n; ++i) {
    const auto place = static_cast<std::size_t>(i);
    const Index k = data_.case_of[place], j = data_.reader_of[place];
    const double eta = eta_(i), y = data_.y(i), share = 1 / (1 + tail_(i));
    value += std::max(eta, 0.0) - y * eta;
    product *= 1 + tail_(i);
    if (i % kFactors == kFactors - 1) {
      value += std::log(product);
      product = 1;
    }
    const double excess = (eta > 0 ? share : tail_(i) * share) - y, weight = tail_(i) * share * share;
    excess_(i) = excess;
    weight_(i) = weight;
    g_case_(k) -= t_case_ * excess;
    g_reader_(j) -= t_reader_ * excess;
    d_case_(k) += t_case_ * t_case_ * weight;
    d_reader_(j) += t_reader_ * t_reader_ * weight;
    coupling_(k, j) += t_case_ * t_reader_ * weight;
  }
  return value + std::log(product);
}

/// Newton's step from u, and log |H| there. @return  its largest part
double LaplaceDeviance::newton_step() {
  scaled_ = d_case_.cwiseInverse().asDiagonal() * coupling_;
  MatrixXd schur = -coupling_.transpose() * scaled_;
  schur.diagonal() += d_reader_;
  readers_.compute(schur);
  log_det_ = d_case_.array().log().sum() + 2 * readers_.matrixLLT().diagonal().array().log().sum();
  step_reader_ = readers_.solve(g_reader_ - scaled_.transpose() * g_case_);
  step_case_ = g_case_.cwiseQuotient(d_case_) - scaled_ * step_reader_;
  return std::max(step_case_.cwiseAbs().maxCoeff(), step_reader_.cwiseAbs().maxCoeff());
}

/// Newton with step halving. @return  P at the mode
double LaplaceDeviance::at_mode() {
  double value = penalised();
  if (!std::isfinite(value)) {
    u_case_.setZero();
    u_reader_.setZero();
    value = penalised();
  }
  for (int round = 0; round < 100 && newton_step() >= 1e-10; ++round) {
    const VectorXd from_case = u_case_, from_reader = u_reader_;
    double next = 0;
    for (double length = 1; length > 1e-8; length /= 2) {
      u_case_ = from_case + length * step_case_;
      u_reader_ = from_reader + length * step_reader_;
      next = penalised();
      if (next <= value + 1e-11 * std::abs(value)) break;
    }
    value = next;
  }
  return value;
}

double LaplaceDeviance::value(const VectorXd& theta) {
  if (theta_.size() == theta.size() && theta_ == theta) return deviance_;
  theta_ = theta;
  t_case_ = theta(0);
  t_reader_ = theta(1);
  fixed_ = (data_.x * theta.tail(theta.size() - 2)).array();
  const double least = at_mode();
  return deviance_ = 2 * least + log_det_;
}

VectorXd LaplaceDeviance::gradient(const VectorXd& theta) {
  value(theta);
  // H^-1: [1/d + m scaled', -m; -m', readers]
  const MatrixXd readers = readers_.solve(MatrixXd::Identity(data_.n_readers, data_.n_readers));
  const ByCase m = scaled_ * readers;
  const VectorXd cases = d_case_.cwiseInverse() + m.cwiseProduct(scaled_).rowwise().sum();
  VectorXd result = VectorXd::Zero(theta.size());
  VectorXd by_eta(data_.y.size());  // what a change of each eta does
  VectorXd v_case = VectorXd::Zero(data_.n_cases), v_reader = VectorXd::Zero(data_.n_readers);
  for (Index i = 0; i < by_eta.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const Index k = data_.case_of[place], j = data_.reader_of[place];
    const double case_part = t_case_ * cases(k) - t_reader_ * m(k, j), reader_part = t_reader_ * readers(j, j) - t_case_ * m(k, j);
    const double leverage = t_case_ * case_part + t_reader_ * reader_part;
    const double skew = weight_(i) * (1 - 2 * (excess_(i) + data_.y(i)));  // dweight/deta
    const double moved = leverage * skew;
    v_case(k) += t_case_ * moved;
    v_reader(j) += t_reader_ * moved;
    result(0) += 2 * weight_(i) * case_part;
    result(1) += 2 * weight_(i) * reader_part;
    by_eta(i) = 2 * excess_(i) + moved;
  }
  const VectorXd s_reader = readers_.solve(v_reader - scaled_.transpose() * v_case);
  const VectorXd s_case = v_case.cwiseQuotient(d_case_) - scaled_ * s_reader;
  for (Index i = 0; i < by_eta.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const Index k = data_.case_of[place], j = data_.reader_of[place];
    by_eta(i) -= weight_(i) * (t_case_ * s_case(k) + t_reader_ * s_reader(j));
    result(0) += by_eta(i) * u_case_(k) - excess_(i) * s_case(k);
    result(1) += by_eta(i) * u_reader_(j) - excess_(i) * s_reader(j);
  }
  result.tail(theta.size() - 2) = data_.x.transpose() * by_eta;
  return result;
}

}  // namespace rationale::study
