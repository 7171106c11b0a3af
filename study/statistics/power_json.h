// Power tables as JSON; key names as in golden/statistics power.json.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "study/statistics/assurance.h"
#include "study/statistics/power.h"
#include "study/statistics/reader_effort.h"
#include "study/statistics/simulated_study.h"

namespace rationale::study {

struct PowerQuestion {
  std::vector<double> effects;
  std::vector<int> readers, cases;
  double target = 0.8, alpha = 0.05;
  double effect_sd = 0;  ///< > 0: with the assurance of every row, of a normal prior with that deviation
  std::optional<double> margin = {};  ///< of a claim of non-inferiority: the effects are then true losses
};

/// components, KStar, grid (every effect x readers x cases x RRRC, FRRC, RRFC; RRRC's rows with power_rrrc_rrfc_max) and
/// cases_for_80pct (RRRC; the number is the target's), by effect and readers; with one effect by readers alone; the same as
/// cases_for_80pct_rrrc_rrfc_max. With a deviation effect_prior, with a margin claim {aim, margin}.
nlohmann::ordered_json power_json(const PilotComponents& pilot, const PowerQuestion& question);

nlohmann::ordered_json to_json(const SimulatedPower& simulated);

/// "cases_for_80pct"
std::string cases_key(double target);
/// Cases needed, by an effect and a number of readers.
using NeededCases = std::function<std::variant<CasesNeeded, NotEstimable>(double effect, int n_readers)>;
/// What stands under cases_key, for any power: {J: {"status", "KRRRC", "powerRRRC"} or a verdict}, with several effects
/// by effect first. @param test  ends the names, such as "RRRC"
nlohmann::ordered_json cases_json(const PowerQuestion& question, const std::string& test, const NeededCases& needed);

/// Gives every row that has a number of cases, "K" of the grid or "K<test>" of the cases needed, what it asks of a reader:
/// cases_per_reader, readings_per_reader, hours_per_reader, sessions_per_reader.
void add_effort(nlohmann::ordered_json& answer, const ReadingPace& pace);

/// {"family", "sd", "by_effect": [{"effect", "other_sign", "cut"}]}: `prior_of` an effect.
nlohmann::ordered_json prior_json(const std::vector<double>& effects,
                                  const std::function<EffectPrior(double)>& prior_of);

}  // namespace rationale::study
