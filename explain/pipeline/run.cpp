#include "explain/pipeline/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "data/base/bounded_queue.h"
#include "data/base/error.h"

namespace rationale::explain {
namespace {

using Clock = std::chrono::steady_clock;

/// Stores films in a thread of its own, in the order that they come. Commits in groups: each one costs the disk about
/// as much as explaining a film.
class Writer {
 public:
  Writer(ExplanationStore& store, const std::function<std::string()>& now, StageClock& clock)
      : store_(store), now_(now), clock_(clock), thread_([this] { work(); }) {}
  ~Writer() { films_.cancel(); }  // not finished: what is not committed never happened
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// @throws what storing an earlier film threw
  void add(ExplainedCase one, Explanation explanation) {
    if (!films_.push({std::move(one), std::move(explanation)})) finish();
  }

  /// Waits until all is committed. @throws what storing threw
  void finish() {
    is_finishing_ = true;
    films_.close();
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Film = std::pair<ExplainedCase, Explanation>;

  void work() {
    try {
      while (std::optional<Film> film = films_.pop()) {
        const StageClock::Busy busy(clock_, Stage::kStore);
        store(*film);
      }
      if (is_finishing_) commit();
    } catch (...) {
      failure_ = std::current_exception();
      films_.cancel();
    }
    if (n_open_ > 0) store_.roll_back();
  }

  void store(const Film& film) {
    if (n_open_ == 0) store_.begin();
    ++n_open_;
    store_.add(film.first, film.second);
    if (n_open_ >= 256 || Clock::now() - committed_ > std::chrono::seconds(1)) commit();
  }

  void commit() {
    if (n_open_ == 0) return;
    store_.commit(now_());
    n_open_ = 0;
    committed_ = Clock::now();
  }

  // The thread's own, until finish has waited for it.
  ExplanationStore& store_;
  const std::function<std::string()>& now_;
  std::size_t n_open_ = 0;
  Clock::time_point committed_ = Clock::now();
  std::exception_ptr failure_;

  StageClock& clock_;
  std::atomic<bool> is_finishing_ = false;
  BoundedQueue<Film> films_{64};
  std::jthread thread_;  // last: joined before the rest goes
};

Explanation explanation_of(const DecodedCase& film, FilmResult result) {
  const Shape& shape = film.prepared.input.shape;
  Explanation e;
  e.pixel_sha256 = film.pixel_sha256;
  e.rows = film.rows;
  e.cols = film.cols;
  e.input_rows = static_cast<int>(shape[shape.size() - 2]);
  e.input_cols = static_cast<int>(shape[shape.size() - 1]);
  e.input_to_picture = film.prepared.input_to_picture;
  e.logits = std::move(result.logits);
  e.maps = std::move(result.maps);
  e.concepts = std::move(result.concepts);
  e.volume = film.volume;
  if (e.volume) {
    e.volume->map_slices = result.map_slices;
    for (const SliceEvidence& one : result.slices) {
      e.volume->evidence.push_back(slice_evidence_json(one, "output", e.volume->slices).dump());
    }
  }
  return e;
}

/// Takes films as they are decoded. What is explained is stored; what is stored stays, whatever ends the run.
class Run {
 public:
  Run(std::size_t n_cases, BatchExplainer& explainer, ExplanationStore& store, const std::function<std::string()>& now,
      StageClock& clock)
      : explainer_(explainer), clock_(clock), writer_(store, now, clock) {
    outcome.cases = n_cases;
  }

  void take(DecodedCase film) {
    for (std::string& note : film.notes) outcome.notes.push_back({film.one.name, std::move(note)});
    if (film.failure) {
      outcome.failed.push_back(failure_of(film.one.name, film.failure));
    } else if (film.is_known) {
      ++outcome.skipped;
    } else {
      waiting_.push_back(std::move(film));
      if (waiting_.size() >= explainer_.batch()) explain_waiting();
    }
    note_memory();
  }

  void finish() {
    explain_waiting();
    note_memory();
    keep();
  }

  /// What is explained is stored when this returns.
  void keep() { writer_.finish(); }

  std::size_t done() const {
    return outcome.explained + outcome.skipped + outcome.failed.size();
  }

  RunOutcome outcome;

 private:
  void explain_waiting() {
    const std::vector<DecodedCase> films = std::exchange(waiting_, {});
    if (films.empty()) return;
    if (explain(films) || films.size() == 1) return;
    for (const DecodedCase& film : films) explain({film});  // one of them is at fault: each answers for itself
  }

  /// @return  false if they cannot be explained: one alone is listed as failed
  bool explain(const std::vector<DecodedCase>& films) {
    std::vector<const FloatArray*> inputs;
    for (const DecodedCase& film : films) inputs.push_back(&film.prepared.input);
    std::vector<FilmResult> results;
    try {
      const StageClock::Busy busy(clock_, Stage::kNetwork);
      results = explainer_.explain(inputs);
    } catch (const Interrupted&) {
      throw;
    } catch (...) {
      if (films.size() == 1) outcome.failed.push_back(failure_of(films[0].one.name, std::current_exception()));
      return false;
    }
    for (std::size_t i = 0; i < films.size(); ++i) {
      writer_.add(films[i].one, explanation_of(films[i], std::move(results[i])));
      ++outcome.explained;
    }
    return true;
  }

  void note_memory() {
    if (outcome.cases == 0) return;  // a part of a list that is shorter than its parts are many
    const std::size_t hundredth = 100 * done() / outcome.cases;
    if (hundredth == last_hundredth_) return;
    last_hundredth_ = hundredth;
    outcome.resident_mb.resize(std::min<std::size_t>(hundredth / 10 + 1, 10), 0);
    outcome.resident_mb.back() = std::max(outcome.resident_mb.back(), resident_memory_mb());
  }

  BatchExplainer& explainer_;
  StageClock& clock_;
  Writer writer_;
  std::vector<DecodedCase> waiting_;
  std::size_t last_hundredth_ = 0;
};

}  // namespace

RunInterrupted::RunInterrupted(std::size_t n_stored, std::size_t n_cases)
    : what_(fmt::format("interrupted: {} of {} cases are stored; run the same command again to go on", n_stored, n_cases)) {}

RunOutcome explain_cases(const std::vector<Case>& cases, const ModelCard& card,
                         BatchExplainer& explainer, ExplanationStore& store, const LoadFilm& load,
                         const RunOptions& options, const std::function<std::string()>& now) {
  const Clock::time_point start = Clock::now();
  std::map<std::string, std::string> known;
  for (const ExplainedCase& one : store.cases()) known[one.name] = one.file_sha256;

  const std::size_t n_steps = explainer.memory_steps().size();
  StageClock clock;
  Run run(cases.size(), explainer, store, now, clock);
  try {
    Decoder decoder(cases, known, card, load, options.decode_workers, options.load_volume, &clock);
    Progress progress("cases", cases.size(), options.quiet);
    while (std::optional<DecodedCase> film = decoder.next()) {
      run.take(std::move(*film));
      progress.update(run.done());
      check_interrupt();
    }
    run.finish();
    progress.update(run.done());
  } catch (const Interrupted&) {
    run.keep();
    throw RunInterrupted(run.outcome.explained + run.outcome.skipped, cases.size());
  } catch (const Error& error) {
    if (error.code == "out_of_memory") run.keep();
    throw;
  }
  run.outcome.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  run.outcome.peak_mb = peak_memory_mb();
  run.outcome.memory_steps.assign(explainer.memory_steps().begin() + static_cast<std::ptrdiff_t>(n_steps),
                                  explainer.memory_steps().end());
  run.outcome.stages = clock.times();
  return std::move(run.outcome);
}

}  // namespace rationale::explain
