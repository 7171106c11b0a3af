#include "ui/command/power_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_power(CLI::App& study, PowerOptions& o, CommonOptions& common) {
  CLI::App* c = add_command(study, "power", "how likely a study of so many readers and cases finds an effect",
                            "study power --pilot pilot.csv --metric fpr --effect 0.05 --readers 3,5,8", common);
  // What a protocol says too: the command line wins.
  const auto note = [&o](const std::string& name) { return [&o, name](const std::string&) { o.given.insert(name); }; };
  c->add_option("--protocol", o.protocol, "metric, alpha, power, smallest effect or margin, and number of readers of its primary end "
                                          "point, where they are not given here");
  c->add_option("--pilot", o.pilot, "readings.csv of a pilot, as `rationale analyse` takes it");
  c->add_option("--metric", o.metric, "auc | fpr | sensitivity | specificity")
      ->capture_default_str()
      ->check(CLI::IsMember({"auc", "fpr", "sensitivity", "specificity"}))
      ->each(note("metric"));
  c->add_option("--arms", o.arms, "the pilot's arms in order (default: hidden,visible)")->delimiter(',');
  c->add_option("--positive-at", o.positive_at, "rating at or above counts as positive, in the pilot");
  c->add_option("--components", o.components, "in place of a pilot: VarTR,Var,Cov1,Cov2,Cov3 of the figure of merit")
      ->delimiter(',')
      ->expected(5);
  c->add_option("--pilot-cases", o.pilot_cases, "cases that these components come from");
  c->add_option("--effect", o.effects, "differences between the arms, comma separated")
      ->delimiter(',')
      ->capture_default_str()
      ->each(note("effect"));
  c->add_option("--margin", o.margin, "power of non-inferiority: that the loss is below this, one-sided at alpha/2; --effect is then "
                                      "the true loss (default 0)")
      ->check(CLI::Range(0.0001, 1.0));
  c->add_option("--effect-sd", o.effect_sd, "how uncertain the effect is (standard deviation, normal): gives the "
                                            "assurance, the power averaged over that")
      ->check(CLI::PositiveNumber);
  c->add_option("--readers", o.readers, "numbers of readers")
      ->delimiter(',')
      ->capture_default_str()
      ->each(note("readers"));
  c->add_option("--cases", o.cases, "numbers of cases that count: all for auc, normal for fpr, diseased for "
                                    "sensitivity")
      ->delimiter(',')
      ->capture_default_str();
  c->add_option("--power", o.target, "the power to reach")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 0.999))
      ->each(note("power"));
  c->add_option("--alpha", o.alpha, "two-sided")
      ->capture_default_str()
      ->check(CLI::Range(0.0001, 0.2))
      ->each(note("alpha"));
  c->add_option("--plot", o.plot, "writes an SVG: power over the cases, a line for each number of readers");
  c->add_option("--simulate", o.n_runs, "draw so many studies for each place of the table: with --metric auc from a "
                                        "Roe-Metz model (half the cases diseased), with fpr from a probit model")
      ->check(CLI::Range(1, 1000000));
  c->add_flag("--probit", o.is_probit, "no pilot: an fpr under the probit model of --simulate, by integration");
  c->add_option("--roe-metz", o.set, "HL | LL | HH | LH: correlation by cases, variance of readers")
      ->capture_default_str()
      ->check(CLI::IsMember({"HL", "LL", "HH", "LH"}));
  c->add_option("--auc", o.auc, "simulation: AUC in the first arm")->capture_default_str();
  c->add_option("--fpr", o.rate, "probit model: false-positive rate in the first arm")->capture_default_str();
  c->add_option("--reader-by-arm", o.arm_reader, "probit model: variance of the readers' own reaction, of 1 in all")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.3));
  c->add_option("--seconds", o.seconds, "a reading takes, with its questions (default: the pilot's mean time_s, else 90)")
      ->check(CLI::Range(1.0, 36000.0));
  c->add_option("--share", o.share, "fpr, sensitivity: share of all cases that count for it (default: the pilot's, else 1)")
      ->check(CLI::Range(0.01, 1.0));
  c->add_option("--session-readings", o.session_readings, "most readings of a session")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  c->add_option("--session-minutes", o.session_minutes, "most minutes of a session")
      ->capture_default_str()
      ->check(CLI::Range(5, 600));
  c->add_option("--seed", common.seed, "of the simulation")->capture_default_str();
}

}  // namespace rationale::ui
