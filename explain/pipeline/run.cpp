#include "explain/pipeline/run.h"

#include <chrono>
#include <map>
#include <utility>

#include "data/base/interrupt.h"

namespace rationale::explain {
namespace {

using Clock = std::chrono::steady_clock;

/// Commits in groups: each one costs the disk about as much as explaining a film.
class Writer {
 public:
  Writer(ExplanationStore& store, const std::function<std::string()>& now)
      : store_(store), now_(now) {}
  ~Writer() {
    if (is_open_) store_.roll_back();
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(const ExplainedCase& one, const Explanation& explanation) {
    if (!is_open_) {
      store_.begin();
      is_open_ = true;
      opened_ = Clock::now();
    }
    store_.add(one, explanation);
    ++n_open_;
    if (n_open_ >= 256 || Clock::now() - opened_ > std::chrono::seconds(1)) commit();
  }

  void commit() {
    if (!is_open_) return;
    store_.commit(now_());
    is_open_ = false;
    n_open_ = 0;
  }

 private:
  ExplanationStore& store_;
  const std::function<std::string()>& now_;
  bool is_open_ = false;
  std::size_t n_open_ = 0;
  Clock::time_point opened_;
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
    e.volume->evidence = std::move(result.slices);
  }
  return e;
}

class Run {
 public:
  Run(BatchExplainer& explainer, ExplanationStore& store, const std::function<std::string()>& now)
      : explainer_(explainer), store_(store), writer_(store, now) {}

  void take(DecodedCase film) {
    if (film.failure) {
      outcome.failed.push_back(failure_of(film.one.name, film.failure));
    } else if (film.is_known) {
      ++outcome.skipped;
    } else {
      waiting_.push_back(std::move(film));
      if (waiting_.size() >= explainer_.batch()) explain_waiting();
    }
  }

  void finish() {
    explain_waiting();
    writer_.commit();
  }

  std::size_t done() const {
    return outcome.explained + outcome.skipped + outcome.failed.size();
  }

  RunOutcome outcome;

 private:
  void explain_waiting() {
    std::vector<DecodedCase> films = std::exchange(waiting_, {});
    if (films.empty()) return;
    std::vector<const FloatArray*> inputs;
    for (const DecodedCase& film : films) inputs.push_back(&film.prepared.input);
    std::vector<FilmResult> results;
    try {
      results = explainer_.explain(inputs);
    } catch (...) {
      if (films.size() == 1) {
        outcome.failed.push_back(failure_of(films[0].one.name, std::current_exception()));
        return;
      }
      results.clear();
    }
    if (results.empty()) {  // one of them is at fault: each answers for itself
      for (DecodedCase& film : films) {
        waiting_.push_back(std::move(film));
        explain_waiting();
      }
      return;
    }
    for (std::size_t i = 0; i < films.size(); ++i) store(films[i], std::move(results[i]));
  }

  void store(const DecodedCase& film, FilmResult result) {
    writer_.add(film.one, explanation_of(film, std::move(result)));
    ++outcome.explained;
  }

  BatchExplainer& explainer_;
  ExplanationStore& store_;
  Writer writer_;
  std::vector<DecodedCase> waiting_;
};

}  // namespace

RunOutcome explain_cases(const std::vector<Case>& cases, const ModelCard& card,
                         BatchExplainer& explainer, ExplanationStore& store, const LoadFilm& load,
                         const RunOptions& options, const std::function<std::string()>& now) {
  const Clock::time_point start = Clock::now();
  std::map<std::string, std::string> known;
  for (const ExplainedCase& one : store.cases()) known[one.name] = one.file_sha256;

  Run run(explainer, store, now);
  run.outcome.cases = cases.size();
  {
    Decoder decoder(cases, known, card, load, options.decode_workers, options.load_volume);
    Progress progress("cases", cases.size(), options.quiet);
    while (std::optional<DecodedCase> film = decoder.next()) {
      run.take(std::move(*film));
      progress.update(run.done());
      if (is_interrupted()) {
        run.finish();
        throw Interrupted();
      }
    }
    run.finish();
    progress.update(run.done());
  }
  run.outcome.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  run.outcome.peak_mb = peak_memory_mb();
  return std::move(run.outcome);
}

}  // namespace rationale::explain
