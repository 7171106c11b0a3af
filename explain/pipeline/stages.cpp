#include "explain/pipeline/stages.h"

namespace rationale::explain {

void StageClock::change(Stage stage, int by) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_).count();
  const auto [decode, network, store] = n_busy_;
  if (decode > 0) times_.decode += seconds;
  if (network > 0) times_.network += seconds;
  if (store > 0) times_.store += seconds;
  if (decode > 0 && network > 0) times_.overlap += seconds;
  last_ = now;
  n_busy_[static_cast<std::size_t>(stage)] += by;
}

StageTimes StageClock::times() const {
  const std::lock_guard lock(mutex_);
  return times_;
}

}  // namespace rationale::explain
