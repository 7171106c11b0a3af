// The options of `rationale study power`: how many readers and cases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ui/command/command.h"

namespace rationale::ui {

struct PowerOptions {
  std::filesystem::path pilot;                    ///< readings.csv
  std::filesystem::path protocol;                 ///< metric, alpha, power, effect or margin, readers, where not given here
  std::filesystem::path plot;                     ///< an SVG of the power over the cases
  std::set<std::string> given;                    ///< of what a protocol says too: names of options on the command line
  std::optional<double> margin;                   ///< of non-inferiority: effects are then losses
  std::string metric = "fpr";
  std::vector<std::string> arms;
  std::optional<double> positive_at;
  std::vector<double> components;                 ///< VarTR, Var, Cov1, Cov2, Cov3
  double pilot_cases = 0;                         ///< K* of these components
  std::vector<double> effects{0.05};
  double effect_sd = 0;                           ///< > 0: assurance too
  std::vector<int> readers{3, 5, 8, 12, 20}, cases{60, 120, 200, 300, 500, 1000, 2000};
  double target = 0.8, alpha = 0.05;
  int n_runs = 0;                                 ///< > 0: by simulation
  bool is_probit = false;                         ///< by integration of the probit model: no pilot
  std::string set = "HL";                         ///< Roe-Metz
  std::optional<double> seconds, share;           ///< empty: the pilot's, or the defaults of ReadingPace
  int session_readings = 60, session_minutes = 90;
  double auc = 0.85, rate = 0.23, arm_reader = 0.01;
};

/// Declares `power` under `study`.
void declare_power(CLI::App& study, PowerOptions& options, CommonOptions& common);

}  // namespace rationale::ui
