// Who is busy when in a run over cases: how far decoding, network and store work at the same time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>

namespace rationale::explain {

enum class Stage { kDecode, kNetwork, kStore };

/// Seconds of wall time in which at least one thread was in the stage; `overlap`: one was decoding while the
/// network worked.
struct StageTimes {
  double decode = 0, network = 0, store = 0, overlap = 0;
};

/// Every function may be called from any thread. Needs no memory for the length of a run.
class StageClock {
 public:
  /// In a stage as long as the object lives.
  class Busy {
   public:
    Busy(StageClock& clock, Stage stage) : clock_(clock), stage_(stage) { clock_.change(stage_, 1); }
    ~Busy() { clock_.change(stage_, -1); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    StageClock& clock_;
    Stage stage_;
  };

  StageTimes times() const;

 private:
  using Clock = std::chrono::steady_clock;

  void change(Stage stage, int by);

  mutable std::mutex mutex_;
  std::array<int, 3> n_busy_{};          // guarded by mutex_; threads in each stage since last_
  Clock::time_point last_ = Clock::now();  // guarded by mutex_
  StageTimes times_;                     // guarded by mutex_; up to last_
};

}  // namespace rationale::explain
