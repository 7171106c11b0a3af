#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <random>
#include <stdexcept>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/records/explanations.h"
#include "data/samples/place.h"
#include "tests/end_to_end/reader_process.h"
#include "tests/faults/faults.h"

namespace rationale::faults {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Any command of the driver as a process of its own.
using DriverProcess = test::ReaderProcess;

constexpr auto kPatience = std::chrono::minutes(4);

/// Phantoms in a folder, and what an undisturbed run over them gives.
class ExplainTrial {
 public:
  explicit ExplainTrial(int n_films) : n_films_(static_cast<std::size_t>(n_films)) {
    DriverProcess making({"samples", "--count", std::to_string(n_films), "--seed", "3", "--out", at("films").string(), "--quiet"},
                          at("samples.log"));
    must_end_well(making, "samples.log");
    run_to_end("first");  // chooses the prefix, which all later runs follow
    const auto begin = Clock::now();
    run_to_end("undisturbed");
    whole_run_ = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    digest_ = ExplanationStore::open(store("undisturbed")).canonical_digest();
  }

  std::vector<std::string> arguments(const std::string& out) const {
    return {"explain", "--model", (samples::models_folder() / "honest.toml").string(),
            "--cases", (at("films") / "cases.csv").string(), "--out", at(out).string(), "--quiet"};
  }
  std::vector<std::string> environment() const { return {"XDG_CACHE_HOME=" + at("cache").string()}; }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  fs::path store(const std::string& out) const { return at(out) / "explanations.db"; }
  milliseconds whole_run() const { return whole_run_; }
  std::size_t n_films() const { return n_films_; }

  /// What does not hold of a store that is being made; empty if all does. @param n_before  films that it had before
  std::string fault_of(const std::string& out, std::size_t& n_before) const {
    if (!fs::exists(store(out))) return n_before == 0 ? "" : "the store is gone";
    try {
      const ExplanationStore there = ExplanationStore::open(store(out), ExplanationStore::Access::kAppend);
      if (const auto findings = there.verify(); !findings.empty()) return findings.front().what;
      const std::size_t n = there.cases().size();
      if (n < n_before) return fmt::format("{} films were stored, {} are left", n_before, n);
      n_before = n;
    } catch (const Error& error) {
      return fmt::format("{} ({})", error.what(), error.code);
    }
    return "";
  }

  /// What does not hold of a store that was finished.
  std::string fault_of_finished(const std::string& out) const {
    std::size_t n = 0;
    if (std::string fault = fault_of(out, n); !fault.empty()) return fault;
    if (n != n_films_) return fmt::format("{} of {} films are stored", n, n_films_);
    return ExplanationStore::open(store(out)).canonical_digest() == digest_ ? "" : "another digest than undisturbed";
  }

  /// The same command once more, left alone. @return  what does not hold
  std::string fault_of_rest(const std::string& out) const {
    try {
      run_to_end(out);
    } catch (const std::exception& error) {
      return error.what();
    }
    return fault_of_finished(out);
  }

  std::string log(const std::string& name) const { return read_file(at(name)); }

 private:
  void must_end_well(DriverProcess& process, const std::string& log_name) const {
    if (process.has_ended(kPatience) && process.exit_code() == 0) return;
    throw std::runtime_error("a run that nobody disturbs does not end well: " + log(log_name));
  }
  void run_to_end(const std::string& out) const {
    DriverProcess run(arguments(out), at(out + ".log"), environment());
    must_end_well(run, out + ".log");
  }

  TemporaryFolder folder_;
  std::size_t n_films_;
  milliseconds whole_run_{0};
  std::string digest_;
};

milliseconds random_moment(std::mt19937_64& random, const ExplainTrial& trial) {
  return milliseconds(std::uniform_int_distribution<int>(50, static_cast<int>(trial.whole_run().count()))(random));
}

}  // namespace

Outcome kill_explain(int n, int n_films, std::uint64_t seed, Quiet quiet) {
  Outcome outcome;
  const ExplainTrial trial(n_films);
  std::mt19937_64 random(seed);
  Progress progress("kills of explain", static_cast<std::size_t>(n), quiet);
  for (int store = 1; outcome.tried < n; ++store) {
    const std::string out = fmt::format("killed-{}", store);
    std::size_t n_stored = 0;
    bool is_over = false;
    while (!is_over && outcome.tried < n) {
      check_interrupt();
      DriverProcess explain(trial.arguments(out), trial.at(out + ".log"), trial.environment());
      is_over = explain.has_ended(random_moment(random, trial));
      if (is_over) {
        if (explain.exit_code() != 0) outcome.count("explain ended with " + trial.log(out + ".log"));
        continue;
      }
      explain.kill();
      outcome.count(trial.fault_of(out, n_stored));
      progress.update(static_cast<std::size_t>(outcome.tried));
    }
    const std::string fault = is_over ? trial.fault_of_finished(out) : trial.fault_of_rest(out);
    if (!fault.empty()) outcome.count("a store that was killed and finished: " + fault);
  }
  return outcome;
}

Outcome interrupt_explain(int n, int n_films, std::uint64_t seed, Quiet quiet) {
  Outcome outcome;
  const ExplainTrial trial(n_films);
  std::mt19937_64 random(seed);
  Progress progress("interrupts of explain", static_cast<std::size_t>(n), quiet);
  for (int store = 1; outcome.tried < n; ++store) {
    check_interrupt();
    const std::string out = fmt::format("interrupted-{}", store), log = out + ".log";
    DriverProcess explain(trial.arguments(out), trial.at(log), trial.environment());
    if (explain.has_ended(random_moment(random, trial))) continue;
    ::kill(explain.pid(), SIGINT);
    std::size_t n_stored = 0;
    std::string fault;
    if (!explain.has_ended(std::chrono::seconds(20))) {
      fault = "does not stop";
    } else if (explain.exit_code() != 0) {  // 0: it had just finished
      if (explain.exit_code() != 130) fault = fmt::format("ends with {}: {}", explain.exit_code(), trial.log(log));
      if (fault.empty()) fault = trial.fault_of(out, n_stored);
      // Before the run begins there is nothing to count; a process that has not yet come to itself just ends.
      const std::string said = trial.log(log);
      const std::string count = fmt::format("{} of {} cases are stored", n_stored, trial.n_films());
      if (fault.empty() && n_stored > 0 && said.find(count) == std::string::npos) {
        fault = "does not say \"" + count + "\": " + said;
      }
      if (fault.empty() && !said.empty() && said.find("run the same command again") == std::string::npos) {
        fault = "does not say how to go on: " + said;
      }
    }
    if (fault.empty()) fault = trial.fault_of_rest(out);
    outcome.count(fault);
    progress.update(static_cast<std::size_t>(outcome.tried));
  }
  return outcome;
}

}  // namespace rationale::faults
