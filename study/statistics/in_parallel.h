// A loop over independent parts on several threads; what each part computes must depend on its number only.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "data/base/interrupt.h"

namespace rationale::study {

/// Calls work(i) for i = 0 … n - 1. @param threads  0: as many as there are processors
/// @throws  the first exception of `work`, or Interrupted; the rest is then left out
template <typename Work>
void in_parallel(std::size_t n, int threads, const Work& work) {
  const std::size_t wanted =
      threads > 0 ? static_cast<std::size_t>(threads) : std::max(1U, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto run = [&] {
    for (std::size_t i = next++; i < n; i = next++) {
      try {
        check_interrupt();
        work(i);
      } catch (...) {
        const std::scoped_lock lock(guard);
        if (!failure) failure = std::current_exception();
        next = n;
      }
    }
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < std::min(wanted, n); ++t) others.emplace_back(run);
  run();
  for (std::thread& one : others) one.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace rationale::study
