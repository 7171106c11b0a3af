// `rationale bench statistics`: what the analysis of a large study costs (--null: bench_null.cpp).
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "data/cases/csv.h"
#include "data/samples/stream.h"
#include "study/coordinator/analysis.h"
#include "study/statistics/bootstrap.h"
#include "study/statistics/covariance.h"
#include "study/statistics/metric_block.h"
#include "study/statistics/models_json.h"
#include "study/statistics/primary.h"
#include "study/statistics/study_results.h"
#include "ui/command/bench_peers.h"
#include "ui/command/bodies.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kGoalSeconds = 0.3;  // the primary analysis of 20 readers x 2,000 cases x 2 arms
constexpr double kGoalAllSeconds = 2;  // all results of it
constexpr double kGoalUsualSeconds = 5;

/// A made crossover: signed confidence of 100 steps, the second arm a little better, an AI that is right in four of five.
std::string made_csv(int n_readers, int n_cases, std::uint64_t seed) {
  samples::Stream stream(seed, 0, 0);
  std::string text = "reader,case,arm,truth,rating,positive,confidence,time_s,period,ai_positive\n";
  for (int k = 0; k < n_cases; ++k) {
    const bool is_diseased = k >= n_cases * 3 / 5, is_ai_positive = is_diseased != (k % 5 == 0);
    const double own = (is_diseased ? 1.4 : 0.0) + 0.7 * stream.normal();
    for (int arm = 0; arm < 2; ++arm) {
      for (int j = 0; j < n_readers; ++j) {
        const double seen = own + (is_diseased ? 0.1 : -0.1) * arm + 0.7 * stream.normal() - 0.7;
        const int rating = static_cast<int>(std::clamp(seen * 50, -100.0, 100.0));
        text += fmt::format("R{},c{},{},{},{},{},{},{:.1f},{},{}\n", j, k, arm == 0 ? "hidden" : "visible", is_diseased ? 1 : 0,
                            rating, rating > 0 ? 1 : 0, std::abs(rating), std::exp(3 + 0.4 * stream.normal()), (j + k + arm) % 2 + 1,
                            is_ai_positive ? 1 : 0);
      }
    }
  }
  return text;
}

struct Row {
  std::string name;
  std::function<double()> work;  ///< returns something of the result, so that none of it is left out
  std::optional<double> goal_ms;
  std::vector<double> ms;

  double median() const {
    std::vector<double> sorted = ms;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }
};

double estimate_of(const study::Outcome& outcome) {
  const auto* estimate = std::get_if<study::Estimate>(&outcome);
  return estimate == nullptr ? 0 : estimate->estimate;
}

double two_way_bootstrap(const study::StudyReadings& s, const study::BootstrapPlan& plan) {
  const study::CaseReadings decisions = s.decisions(false);
  const study::Merits m = study::rate_merits(s, decisions, "normal");
  return study::bootstrap_difference(m.table(), study::resample_proportion(decisions, plan), true, plan).variance;
}

double primary_rate(const study::StudyReadings& s, bool is_diseased) {
  return estimate_of(study::difference_rrrc(study::rate_merits(s, s.decisions(is_diseased), "normal")));
}

double primary_auc(const study::StudyReadings& s) {
  const study::PairSums sums = study::pair_sums(s.ratings(false), s.ratings(true));
  const study::Merits m{study::auc(sums), study::covariance_unbiased(study::pair_products(sums)), 2,
                        static_cast<int>(s.readers.size()), "normal or diseased"};
  return estimate_of(study::difference_rrrc(m));
}

long peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

int run_speed(const CommandLine& line) {
  const BenchStatisticsOptions& o = line.bench_statistics;
  const std::string csv = made_csv(o.readers, o.cases, line.common.seed), usual_csv = made_csv(3, 300, line.common.seed);
  const study::LoadedReadings loaded = study::load_readings(parse_csv(csv, "made.csv"), {});
  const study::LoadedReadings usual = study::load_readings(parse_csv(usual_csv, "usual.csv"), {});
  const study::StudyReadings& s = loaded.readings;
  const int threads = line.common.threads;
  std::vector<Row> rows{
      {"primary (fpr, sensitivity, auc: RRRC, unbiased)",
       [&] { return primary_rate(s, false) + primary_rate(s, true) + primary_auc(s); },
       kGoalSeconds * 1000,
       {}},
      {"of it fpr", [&] { return primary_rate(s, false); }, {}, {}},
      {"read the file",
       [&] { return static_cast<double>(study::load_readings(parse_csv(csv, "made.csv"), {}).readings.records.size()); },
       {},
       {}},
      {"all results without bootstrap",
       [&] { return study::study_results(loaded, {.replicates = 0})["fpr"]["RRRC"]["estimate"].get<double>(); },
       kGoalAllSeconds * 1000,
       {}},
      {"all results, 2,000 replicates",
       [&] { return study::study_results(loaded, {.threads = threads})["fpr"]["RRRC"]["estimate"].get<double>(); },
       {},
       {}},
      {"mixed models of confidence and time",
       [&] {
         Json json;
         study::add_linear_models(json, s);
         return json["lmm_confidence"]["logLik"].get<double>();
       },
       kGoalUsualSeconds * 1000,
       {}},
      {"3 x 300: readings to report",
       [&] { return static_cast<double>(study::analyse(usual_csv, "usual.csv", {}, {}, {.threads = threads}).report_html.size()); },
       kGoalUsualSeconds * 1000,
       {}},
      {"3 x 300: 10,000 two-way bootstrap replicates",
       [&] { return two_way_bootstrap(usual.readings, {.replicates = 10000, .threads = threads}); },
       kGoalUsualSeconds * 1000,
       {}},
  };
  double sum = 0;
  Progress progress("rounds", static_cast<std::size_t>(o.rounds), line.common.progress());
  for (int round = 0; round < o.rounds; ++round) {
    for (Row& row : rows) {
      const auto start = std::chrono::steady_clock::now();
      sum += row.work();
      row.ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    progress.update(static_cast<std::size_t>(round + 1));
  }
  const double primary = rows.front().median();
  Json json_rows = Json::array();
  for (const Row& row : rows) {
    json_rows.push_back({{"name", row.name},
                         {"median_ms", row.median()},
                         {"min_ms", *std::ranges::min_element(row.ms)},
                         {"max_ms", *std::ranges::max_element(row.ms)},
                         {"ratio", row.median() / primary}});
    if (row.goal_ms) {
      json_rows.back()["goal_ms"] = *row.goal_ms;
      json_rows.back()["within_goal"] = row.median() <= *row.goal_ms;
    }
  }
  Json peers;
  if (!o.no_peers) peers = time_peers(csv, s);
  Json summary{{"what", "statistics"},
                     {"readers", o.readers},
                     {"cases", o.cases},
                     {"arms", 2},
                     {"goal_ms", kGoalSeconds * 1000},
                     {"within_goal", primary <= kGoalSeconds * 1000},
                     {"rounds", o.rounds},
                     {"threads", threads},
                     {"blas", "Eigen's own"},
                     {"peak_mb", peak_mb()},
                     {"rows", json_rows},
                     {"sum_of_estimates", sum}};
  if (!o.no_peers) summary["peers"] = peers;
  if (line.common.json) {
    print_json("rationale.bench.statistics", summary);
    return 0;
  }
  fmt::print("{} readers, {} cases, 2 arms; {} rounds\n", o.readers, o.cases, o.rounds);
  for (const Json& row : json_rows) {
    fmt::print("  {:48} {:8.1f} ms ({:.1f} to {:.1f})   ratio {:.2f}{}\n", row["name"].get<std::string>(),
               row["median_ms"].get<double>(), row["min_ms"].get<double>(), row["max_ms"].get<double>(),
               row["ratio"].get<double>(), row.contains("goal_ms") ? fmt::format("   goal {:.0f}", row["goal_ms"].get<double>()) : "");
  }
  fmt::print("primary {:.1f} ms (goal {:.0f} ms), peak {} MB\n", primary, kGoalSeconds * 1000, peak_mb());
  if (!o.no_peers) fmt::print("{}", peers_text(peers));
  return 0;
}

}  // namespace

int run_bench_statistics(const CommandLine& line) {
  return line.bench_statistics.is_null ? run_bench_null(line) : run_speed(line);
}

}  // namespace rationale::ui
