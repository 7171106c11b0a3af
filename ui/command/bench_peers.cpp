#include "ui/command/bench_peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <sstream>
#include <vector>

#include "data/base/file.h"
#include "study/statistics/covariance.h"
#include "study/statistics/figure_of_merit.h"
#include "study/statistics/linear_mixed.h"
#include "study/statistics/logistic_mixed.h"
#include "study/statistics/mixed_data.h"
#include "study/statistics/obuchowski_rockette.h"
#include "time_peers.R.h"
#include "ui/command/subprocess.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kRuns = 3;

/// Something that both can compute; the numbers in one order.
struct Task {
  const char *id, *words, *peer;
  double tolerance;  ///< optimisers stop at different places; areas are exact
  std::function<std::vector<double>()> ours;
};

/// Estimate and SE of the arm, and the log-likelihood. @throws std::bad_variant_access where there is no fit
template <typename Fit>
std::vector<double> of_arm(const Fit& fit, const std::vector<study::Coefficient>& coefficients) {
  const auto& arm = std::get<study::Estimate>(coefficients.at(1).outcome);
  return {arm.estimate, arm.se, fit.log_likelihood};
}

std::vector<double> linear(const study::StudyReadings& s) {
  const auto data = std::get<study::MixedData>(study::mixed_data(s, study::OutcomeValue::kConfidence, study::CaseSet::kAll));
  const auto fit = std::get<study::LinearMixed>(study::linear_mixed(data, study::ReaderEffects::kSlopes));
  return of_arm(fit, fit.satterthwaite);
}

std::vector<double> logistic(const study::StudyReadings& s) {
  const auto data = std::get<study::MixedData>(study::mixed_data(s, study::OutcomeValue::kPositive, study::CaseSet::kNormal));
  const auto fit = std::get<study::LogisticMixed>(study::logistic_laplace(data));
  return of_arm(fit, fit.coefficients);
}

std::vector<double> areas(const study::StudyReadings& s) {
  std::vector<double> values;
  for (const auto& one : study::auc(study::pair_sums(s.ratings(false), s.ratings(true)))) values.push_back(one.value());
  return values;
}

/// DeLong's covariances of all cells, the lower triangle row by row.
std::vector<double> covariances(const study::StudyReadings& s) {
  const Eigen::MatrixXd covariance = study::covariance_delong(study::pair_sums(s.ratings(false), s.ratings(true)));
  std::vector<double> values;
  for (Eigen::Index a = 0; a < covariance.rows(); ++a) {
    for (Eigen::Index b = 0; b <= a; ++b) values.push_back(covariance(a, b));
  }
  return values;
}

/// z of each reader, from all covariances: there is no shorter way here.
std::vector<double> delong(const study::StudyReadings& s) {
  const study::PairSums sums = study::pair_sums(s.ratings(false), s.ratings(true));
  const auto area = study::auc(sums);
  const Eigen::MatrixXd covariance = study::covariance_delong(sums);
  const auto n = static_cast<Eigen::Index>(s.readers.size());
  std::vector<double> values;
  for (Eigen::Index j = 0; j < n; ++j) {
    const double variance = covariance(j, j) + covariance(n + j, n + j) - 2 * covariance(j, n + j);
    values.push_back((area[static_cast<std::size_t>(n + j)].value() - area[static_cast<std::size_t>(j)].value()) / std::sqrt(variance));
  }
  return values;
}

struct Answer {
  double ms = 0;
  std::vector<double> values;
};

/// What R printed.
struct Printed {
  std::map<std::string, Answer> tasks;
  std::map<std::string, std::string> versions;
  Json missing = Json::array();
};

Printed printed(const std::string& output) {
  Printed result;
  std::istringstream lines(output);
  for (std::string kind, name, value; lines >> kind >> name;) {
    if (kind == "MISSING") {
      result.missing.push_back("the R package " + name);
      continue;
    }
    if (!(lines >> value)) break;
    if (kind == "TIME") result.tasks[name].ms = std::stod(value);
    if (kind == "VALUE") result.tasks[name].values.push_back(std::stod(value));
    if (kind == "VERSION") result.versions[name] = value;
  }
  return result;
}

Json row_of(const Task& task, const Answer& theirs, const std::string& version) {
  double best_ms = 0;
  std::vector<double> ours;
  for (int run = 0; run < kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    ours = task.ours();
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    best_ms = run == 0 ? ms : std::min(best_ms, ms);
  }
  bool agrees = ours.size() == theirs.values.size();
  double largest = 0;
  for (std::size_t k = 0; agrees && k < ours.size(); ++k) {
    const double difference = std::abs(ours[k] - theirs.values[k]) / std::max(1.0, std::abs(theirs.values[k]));
    largest = std::max(largest, difference);
  }
  return {{"task", task.words},         {"peer", task.peer},           {"peer_version", version},
          {"ours_ms", best_ms},         {"peer_ms", theirs.ms},        {"ratio", theirs.ms / best_ms},
          {"values", ours.size()},      {"largest_difference", largest}, {"tolerance", task.tolerance},
          {"agrees", agrees && largest <= task.tolerance}};
}

}  // namespace

Json time_peers(const std::string& csv, const study::StudyReadings& s) {
  const TemporaryFolder folder;
  const auto script = folder.path() / "time_peers.R", readings = folder.path() / "readings.csv";
  write_file(script, scripts::kTimePeersR);
  write_file(readings, csv);
  // `env` would complain on the terminal where there is no Rscript: 127 says it.
  const Finished r = run_program("/bin/sh", {"-c", "command -v Rscript >/dev/null || exit 127; exec Rscript --vanilla \"$@\"", "Rscript",
                                             script.string(), readings.string()});
  if (r.exit_code == 127) return {{"rows", Json::array()}, {"missing", {"Rscript"}}};
  const Printed found = printed(r.output);
  Json json{{"rows", Json::array()}, {"missing", found.missing}};
  if (r.exit_code != 0) json["missing"].push_back(fmt::format("an answer: Rscript ended with {}", r.exit_code));
  const std::vector<Task> tasks{
      {"lmm", "linear mixed model of confidence, arm slopes, REML", "lme4", 1e-4, [&] { return linear(s); }},
      {"glmm", "logistic mixed model of false positives, Laplace", "lme4", 1e-3, [&] { return logistic(s); }},
      {"auc", "areas under the curve", "pROC", 1e-12, [&] { return areas(s); }},
      {"covariance", "DeLong's covariances of all curves", "pROC", 1e-12, [&] { return covariances(s); }},
      {"delong", "DeLong's paired test of each reader", "pROC", 1e-9, [&] { return delong(s); }},
  };
  for (const Task& task : tasks) {
    const auto theirs = found.tasks.find(task.id);
    if (theirs != found.tasks.end()) json["rows"].push_back(row_of(task, theirs->second, found.versions.at(task.peer)));
  }
  return json;
}

std::string peers_text(const Json& peers) {
  std::string text = "against R, on the same readings\n";
  for (const Json& row : peers.at("rows")) {
    text += fmt::format("  {:52} {:9.1f} ms, {} {} {:9.0f} ms: ratio {:.2g}; {} values {} (largest difference {:.1e})\n", row.at("task").get<std::string>(),
                        row.at("ours_ms").get<double>(), row.at("peer").get<std::string>(), row.at("peer_version").get<std::string>(),
                        row.at("peer_ms").get<double>(), row.at("ratio").get<double>(), row.at("values").get<int>(),
                        row.at("agrees").get<bool>() ? "agree" : "DIFFER", row.at("largest_difference").get<double>());
  }
  for (const Json& one : peers.at("missing")) text += fmt::format("  not compared: {} is not installed\n", one.get<std::string>());
  return text;
}

}  // namespace rationale::ui
