// All cases of a list: decode → prefix → suffix → store.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/base/interrupt.h"
#include "data/base/progress.h"
#include "data/cases/cases.h"
#include "data/records/explanations.h"
#include "explain/model/card.h"
#include "explain/pipeline/batch.h"
#include "explain/pipeline/decode.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// Ctrl-C in a run: says how many cases are stored.
class RunInterrupted : public Interrupted {
 public:
  RunInterrupted(std::size_t n_stored, std::size_t n_cases);
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

struct RunOptions {
  std::size_t decode_workers = 1;
  Quiet quiet = Quiet::kNo;
};

/// Explains every case that the store lacks. A case that fails is listed and the run goes on; a full disk,
/// too little memory or Ctrl-C ends it, with everything committed that was complete.
/// @param now  the time as UTC text, for the records
/// @throws Error (kEnvironment), RunInterrupted
RunOutcome explain_cases(const std::vector<Case>& cases, const ModelCard& card,
                         BatchExplainer& explainer, ExplanationStore& store, const LoadFilm& load,
                         const RunOptions& options, const std::function<std::string()>& now);

}  // namespace rationale::explain
