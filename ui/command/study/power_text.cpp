#include "ui/command/study/power_text.h"

#include <fmt/format.h>

#include <cmath>

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// Rows: cases. Columns: readers. What is asked for is reached where a star stands.
std::string table_text(const Json& grid, const PowerOptions& o, double effect, const std::string& key,
                       const std::string& title) {
  std::string text = "\n" + title + "\n  cases";
  for (const int n_readers : o.readers) text += fmt::format(" {:>11}", fmt::format("{} readers", n_readers));
  text += "\n";
  for (const int n_cases : o.cases) {
    text += fmt::format("  {:>5}", n_cases);
    for (const int n_readers : o.readers) {
      for (const Json& row : grid) {
        if (row.at("J") != n_readers || row.at("K") != n_cases || row.at("effect") != effect ||
            row.at("analysis") != "RRRC") {
          continue;
        }
        const double power = row.at(key);
        text += fmt::format(" {:>11}", fmt::format("{:.3f}{}", power, power >= o.target ? "*" : " "));
      }
    }
    text += "\n";
  }
  return text;
}

std::string effect_text(const PowerOptions& o, double effect) {
  return o.margin ? fmt::format("Loss {:g} against a margin of {:g}", effect, *o.margin) : fmt::format("Effect {:+g}", effect);
}

/// Power, and where the effect is uncertain its mean. @param key  what comes after "power" and "assurance"
std::string tables_text(const Json& grid, const PowerOptions& o, double effect, const std::string& key,
                        const std::string& what) {
  std::string text = table_text(grid, o, effect, "power" + key,
                                effect_text(o, effect) + fmt::format(": power of the test over readers and cases ({})", what));
  if (!grid.at(0).contains("assurance" + key)) return text;
  return text + table_text(grid, o, effect, "assurance" + key,
                           effect_text(o, effect) + fmt::format(", standard deviation {:g}: assurance ({})", o.effect_sd, what));
}

std::string all_tables_text(const Json& grid, const PowerOptions& o, double effect) {
  const bool is_simulated = o.n_runs > 0, has_probit = grid.at(0).contains("power_by_probit_model");
  std::string text;
  if (is_simulated || !has_probit) text += tables_text(grid, o, effect, "", is_simulated ? "RRRC, simulated" : "RRRC, by the formula");
  if (!has_probit) return is_simulated ? text : text + tables_text(grid, o, effect, "_rrrc_rrfc_max", "max(RRRC, RRFC), by integration");
  return text + tables_text(grid, o, effect, "_by_probit_model", "RRRC, by the probit model") +
         tables_text(grid, o, effect, "_rrrc_rrfc_max", "max(RRRC, RRFC), by the probit model") +
         tables_text(grid, o, effect, "_by_formula", "RRRC, by the formula of Hillis, Obuchowski & Berbaum 2011");
}

std::string prior_text(const Json& answer, const PowerOptions& o) {
  if (!answer.contains("effect_prior")) return {};
  std::string text = "Assurance: the power, averaged over what is believed of the effect; 0 where it has the other sign\n";
  for (const Json& one : answer.at("effect_prior").at("by_effect")) {
    text += fmt::format("  {} {:+g}: {} has a chance of {:.2g}", o.margin ? "loss" : "effect", one.at("effect").get<double>(),
                        o.margin ? "a loss beyond the margin" : "the other sign",
                        one.at("other_sign").get<double>());
    if (const double cut = one.at("cut"); cut > 0.0005) {
      text += fmt::format("; cut: {:.1f} % of the normal would take the rate out of its range", 100 * cut);
    }
    text += "\n";
  }
  return text;
}

/// What the numbers of cases ask of each reader.
std::string effort_text(const Json& grid, const PowerOptions& o, const Json& pace) {
  const std::string from = pace.at("seconds_from");
  std::string text = fmt::format(
      "\nOf each reader: every case in both arms, {:.4g} s a reading{}; a session ends after {} readings or {} minutes; "
      "{:.4g} % of all cases count\n  cases   all cases    readings       hours    sessions\n",
      pace.at("seconds").get<double>(), from == "pilot" ? ", the pilot's mean" : from == "default" ? ", taken as usual" : "",
      pace.at("session_readings").get<int>(), pace.at("session_minutes").get<int>(),
      100 * pace.at("share_that_counts").get<double>());
  for (const int n_cases : o.cases) {
    for (const Json& row : grid) {
      if (row.at("K") != n_cases) continue;
      text += fmt::format("  {:>5} {:>11} {:>11} {:>11.1f} {:>11}\n", n_cases, row.at("cases_per_reader").get<int>(),
                          row.at("readings_per_reader").get<int>(), row.at("hours_per_reader").get<double>(),
                          row.at("sessions_per_reader").get<int>());
      break;
    }
  }
  return text;
}

/// @param test  ends the names of the cases needed; `what` it is, and how its cases are known
std::string needed_text(const Json& part, const PowerOptions& o, double effect, const std::string& test,
                        const std::string& what) {
  const std::string key = fmt::format("cases_for_{}pct{}", std::lround(100 * o.target), test == "RRRC" ? "" : test);
  if (!part.contains(key)) return {};
  const Json& needed = o.effects.size() == 1 ? part.at(key) : part.at(key).at(fmt::format("{}", effect));
  std::string text = fmt::format("Cases for a power of {:g}{}:\n", o.target, what);
  for (const auto& [n_readers, one] : needed.items()) {
    text += fmt::format("  {:>3} readers: ", n_readers);
    if (one.at("status") != "ok") {
      text += one.at("reason").get<std::string>() + "\n";
      continue;
    }
    text += fmt::format("{} cases (power {:.3f}); {} readings, {:.1f} h, {} sessions a reader\n",
                        one.at("K" + test).get<int>(), one.at("power" + test).get<double>(),
                        one.at("readings_per_reader").get<int>(), one.at("hours_per_reader").get<double>(),
                        one.at("sessions_per_reader").get<int>());
  }
  return text;
}

}  // namespace

std::string power_text(const Json& answer, const PowerOptions& o) {
  const bool is_simulated = o.n_runs > 0;
  const Json& part = is_simulated ? answer.at("simulation") : o.is_probit ? answer.at("probit") : answer;
  std::string text = fmt::format("Figure of merit: {}. A star: {:g} or more.{}\n", o.metric, o.target,
                                 is_simulated ? fmt::format(" SIMULATED, {} studies each.", o.n_runs) : "");
  text += prior_text(part, o);
  for (const double effect : o.effects) {
    text += all_tables_text(part.at("grid"), o, effect);
    const char* how = is_simulated ? ", simulated, to about a twentieth" : o.is_probit ? " by RRRC" : "";
    text += needed_text(part, o, effect, "RRRC", how);
    text += needed_text(part, o, effect, "_rrrc_rrfc_max", " by max(RRRC, RRFC)");
  }
  return text + effort_text(part.at("grid"), o, part.at("reading_pace"));
}

}  // namespace rationale::ui
