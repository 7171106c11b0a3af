// `rationale-faults`: does to a study what machines and people do, and prints what was survived.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>

#include "data/base/interrupt.h"
#include "tests/faults/faults.h"

namespace {

using namespace rationale;
using faults::Outcome;

struct Row {
  const char* name;
  const char* what;
  std::function<Outcome()> run;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Faults that a study must survive, done to real programs and files; the table says how often all held.\n"
               "Example: rationale-faults --kills 50 --flips 1000");
  int kills = 50, flips = 1000, events = 50, races = 20, films = 12, explain_kills = 20, explain_films = 2000;
  std::uint64_t seed = 1;
  std::vector<std::string> only;
  bool json = false, quiet = false;
  app.add_option("--kills", kills, "kill -9 of the reading app in its window")->capture_default_str();
  app.add_option("--flips", flips, "flipped bits of log, bundle, package, store")->capture_default_str();
  app.add_option("--events", events, "events of the session whose power is cut at every change of a file")->capture_default_str();
  app.add_option("--races", races, "pairs of processes on one session")->capture_default_str();
  app.add_option("--films", films, "films of the study")->check(CLI::Range(8, 300))->capture_default_str();
  app.add_option("--explain-kills", explain_kills, "kill -9 of explain; a fifth as many times Ctrl-C")->capture_default_str();
  app.add_option("--explain-films", explain_films, "films of the runs that are killed")->capture_default_str()->check(CLI::Range(50, 1000000));
  app.add_option("--only", only, "only these: kill, flip, disk, power, network, race, fork, clock, tail, explain, ctrl-c")->delimiter(',');
  app.add_option("--seed", seed, "of moments, bits and lost sectors")->capture_default_str();
  app.add_flag("--json", json, "one JSON object");
  app.add_flag("--quiet", quiet, "no progress");
  CLI11_PARSE(app, argc, argv);
  install_signal_handlers();
  const Quiet silence = quiet ? Quiet::kYes : Quiet::kNo;
  const auto is_wanted = [&](const std::string& name) {
    return only.empty() || std::ranges::find(only, name) != only.end();
  };

  std::optional<faults::Trial> made;
  const auto trial = [&]() -> const faults::Trial& {
    if (!made) made.emplace(films);
    return *made;
  };
  const std::vector<Row> rows{
      {"power", "power cut, or disk full, at every change of a file", [&] { return faults::cut_power(events, seed, silence); }},
      {"kill", "kill -9 of the reading app in its window", [&] { return faults::kill_reader(trial(), kills, seed, silence); }},
      {"disk", "disk full while the reading app reads", [&] { return faults::fill_disk(trial()); }},
      {"tail", "write-ahead log lost", [&] { return faults::lose_log_tail(trial()); }},
      {"race", "two processes on one session", [&] { return faults::race_for_session(trial(), races); }},
      {"fork", "session folder copied and read on twice", [&] { return faults::fork_session(trial()); }},
      {"clock", "package before its date, clock set back", [&] { return faults::set_clock_back(trial()); }},
      {"network", "session or study on a network folder", [&] { return faults::use_network_folder(trial()); }},
      {"explain", "kill -9 of explain, resumed to the same digest",
       [&] { return faults::kill_explain(explain_kills, explain_films, seed, silence); }},
      {"ctrl-c", "Ctrl-C of explain, resumed to the same digest",
       [&] { return faults::interrupt_explain((explain_kills + 4) / 5, explain_films, seed, silence); }},
      {"flip", "one flipped bit of log, bundle, package, store", [&] { return faults::flip_bits(trial(), flips, seed, silence); }},
  };
  nlohmann::ordered_json table = nlohmann::ordered_json::array();
  int n_lost = 0;
  if (!json) fmt::print("{:<54}{:>8}{:>10}{:>9}\n", "fault", "tried", "survived", "seconds");
  for (const Row& row : rows) {
    if (!is_wanted(row.name)) continue;
    const auto begin = std::chrono::steady_clock::now();
    Outcome outcome;
    try {
      outcome = row.run();
    } catch (const std::exception& error) {
      outcome.count(error.what());
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    n_lost += outcome.tried - outcome.held;
    table.push_back({{"fault", row.name}, {"what", row.what}, {"tried", outcome.tried}, {"survived", outcome.held},
                     {"seconds", seconds}, {"not_tried", outcome.not_tried}, {"failures", outcome.failures}});
    if (json) continue;
    fmt::print("{:<54}{:>8}{:>10}{:>9.1f}{}\n", row.what, outcome.tried, outcome.held, seconds,
               outcome.not_tried.empty() ? "" : "   not tried: " + outcome.not_tried);
    for (const std::string& failure : outcome.failures) fmt::print("    {}\n", failure);
    std::fflush(stdout);
  }
  if (json) fmt::print("{}\n", nlohmann::ordered_json{{"schema", "rationale.faults"}, {"version", 1}, {"faults", table}}.dump(2));
  return n_lost == 0 ? 0 : 1;
}
