#include "study/statistics/switch_rate.h"

#include <algorithm>
#include <cmath>

#include "study/statistics/bdg.h"

namespace rationale::study {
namespace {

bool needs_right_ai(SwitchKind kind) { return kind == SwitchKind::kBeneficial || kind == SwitchKind::kAwayFromRightAi; }
bool needs_right_before(SwitchKind kind) {
  return kind == SwitchKind::kAutomationBias || kind == SwitchKind::kAwayFromRightAi;
}

/// One row a reader, one column a case of either truth: read = there was something to switch, value = it was.
CaseReadings opportunities(const StudyReadings& s, SwitchKind kind, std::optional<bool> truth, std::optional<int> reader) {
  const auto n_normal = static_cast<Eigen::Index>(s.normal.size());
  const auto n_cases = n_normal + static_cast<Eigen::Index>(s.diseased.size());
  const Eigen::Index n_rows = reader ? 1 : static_cast<Eigen::Index>(s.readers.size());
  CaseReadings result{Eigen::MatrixXd::Zero(n_rows, n_cases), Eigen::MatrixXd::Zero(n_rows, n_cases), s.normal_patient};
  result.patient.insert(result.patient.end(), s.diseased_patient.begin(), s.diseased_patient.end());
  for (const SwitchPair& one : switch_pairs(s, truth, reader)) {
    if (!one.is_ai_right || *one.is_ai_right != needs_right_ai(kind) || one.was_right != needs_right_before(kind)) continue;
    const Eigen::Index row = reader ? 0 : one.reader, column = one.case_index + (one.is_diseased ? n_normal : 0);
    result.read(row, column) = 1;
    result.value(row, column) = one.is_right != one.was_right ? 1 : 0;
  }
  return result;
}

void set_interval(SwitchRate& r, double n_effective) {
  constexpr double kZ = 1.959963984540054;
  const double z2 = kZ * kZ, n = n_effective, p = r.rate;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  r.lower = std::clamp(middle - half, 0.0, p);
  r.upper = std::clamp(middle + half, p, 1.0);
}

}  // namespace

std::variant<SwitchRate, NotEstimable> switch_rate(const StudyReadings& s, SwitchKind kind, std::optional<bool> truth,
                                                   std::optional<int> reader) {
  const CaseReadings found = opportunities(s, kind, truth, reader);
  SwitchRate r;
  r.of = static_cast<int>(found.read.sum());
  if (r.of == 0) return NotEstimable{"no_cases", "there was no such pair of readings", {}, {}};
  r.n = static_cast<int>(found.value.sum());
  r.rate = static_cast<double>(r.n) / r.of;
  r.has_readers = found.read.rows() > 1;
  const PatientReadings patients = by_patient(found);
  const auto n_patients = static_cast<double>((patients.read.colwise().sum().array() > 0).count());
  double n_effective = n_patients;
  if (r.n > 0 && r.n < r.of) {
    const double binomial = r.rate * (1 - r.rate);
    double variance = binomial / r.of;
    if (!r.has_readers && n_patients > 1 && n_patients < r.of) {
      const double squares = (patients.value - r.rate * patients.read).squaredNorm();
      variance = squares / r.of / r.of * n_patients / (n_patients - 1);
    }
    if (r.has_readers) {
      const Moments moments = proportion_bdg(found, found.read.rows(), {0}).arms.front();
      variance = moments.variance > 0 ? moments.variance : std::max(moments.variance_biased, variance);
    }
    r.se = std::sqrt(variance);
    n_effective = std::min(binomial / variance, static_cast<double>(r.of));
  }
  set_interval(r, n_effective);
  return r;
}

}  // namespace rationale::study
