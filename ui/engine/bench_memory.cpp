#include "ui/engine/bench_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

namespace rationale::ui {
namespace {

double resident_now() {
  std::ifstream statm("/proc/self/statm");
  double whole = 0, resident = 0;
  statm >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

double resident_bytes() {
  malloc_trim(0);
  return resident_now();
}

double growth_while(const std::function<void()>& work) {
  std::atomic<bool> is_over{false};
  const double before = resident_bytes();
  double most = before;
  std::thread watch([&] {
    while (!is_over) {
      most = std::max(most, resident_now());
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  });
  try {
    work();
  } catch (...) {
    is_over = true;
    watch.join();
    throw;
  }
  is_over = true;
  watch.join();
  return most - before;
}

}  // namespace rationale::ui
