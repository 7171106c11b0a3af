#include "study/statistics/block_parts.h"

#include <fmt/format.h>

#include "study/statistics/obuchowski_rockette.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;

NotEstimable verdict(const char* code, const std::string& reason) { return {code, reason, {}, {}}; }

}  // namespace

std::optional<NotEstimable> missing_class(const StudyReadings& s, bool needs_normal, bool needs_diseased,
                                          const std::string& name) {
  if (needs_normal && s.normal.empty()) return verdict("no_normal_cases", name + " needs normal cases");
  if (needs_diseased && s.diseased.empty()) return verdict("no_diseased_cases", name + " needs diseased cases");
  return std::nullopt;
}

Json values_json(const StudyReadings& s, const Merits& m) {
  Json json = Json::object();
  for (std::size_t j = 0; j < s.readers.size(); ++j) {
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
      const auto& theta = m.theta[i * s.readers.size() + j];
      json[s.readers[j]][s.arms[i]] =
          theta ? Json(*theta)
                : to_json(verdict("empty_cell", fmt::format("{} read no such case in arm {}", s.readers[j], s.arms[i])));
    }
  }
  return json;
}

bool can_run_or(const Merits& m) {
  return m.n_arms >= 2 && m.n_readers >= 2 && !m.has_holes() && m.covariance;
}

std::vector<int> nested_cells(const Merits& m) {
  const auto nested = m.nested();
  if (!nested || m.n_arms != 2 || m.n_readers <= 2 || !m.covariance) return {};
  return nested->cells;
}

void put_or(Json& json, const char* method, const Merits& m, const Eigen::MatrixXd& covariance, const StudyReadings& s) {
  json[method] = to_json(obuchowski_rockette(m.table(), covariance), covariance, s);
}

const char* name_of(CovarianceMethod method) {
  switch (method) {
    case CovarianceMethod::kDelong: return "delong";
    case CovarianceMethod::kJackknife: return "jackknife";
    case CovarianceMethod::kBootstrap: return "bootstrap";
    case CovarianceMethod::kUnbiased: break;
  }
  return "unbiased";
}

int keep_paired(CaseReadings& readings, Index n_readers) {
  int n_dropped = 0;
  for (Index j = 0; j < n_readers; ++j) {
    for (Index k = 0; k < readings.read.cols(); ++k) {
      if (readings.read(j, k) == readings.read(n_readers + j, k)) continue;
      ++n_dropped;
      for (const Index cell : {j, n_readers + j}) readings.read(cell, k) = readings.value(cell, k) = 0;
    }
  }
  return n_dropped;
}

}  // namespace rationale::study
