#include "ui/reader/stamps.h"

#include <time.h>

#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/utc.h"

namespace rationale::ui {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::int64_t clock_us(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000000 + time.tv_nsec / 1000;
}

/// Linux makes a new id at each start.
std::string boot_id() {
  try {
    std::string id = read_file("/proc/sys/kernel/random/boot_id");
    while (!id.empty() && (id.back() == '\n' || id.back() == ' ')) id.pop_back();
    return id;
  } catch (const Error&) {
    return "unknown";
  }
}

}  // namespace

StampMaker::StampMaker(std::optional<std::int64_t> synthetic_now_ms)
    : synthetic_now_ms_(synthetic_now_ms), made_(std::chrono::steady_clock::now()), boot_(boot_id()) {}

study::Stamp StampMaker::at(std::chrono::steady_clock::time_point time) const {
  const auto now = std::chrono::steady_clock::now();
  const std::int64_t age_us = duration_cast<microseconds>(now - time).count();
  study::Stamp stamp;
  stamp.boot = boot_;
  stamp.mono_us = duration_cast<microseconds>(time.time_since_epoch()).count();
  stamp.boot_us = clock_us(CLOCK_BOOTTIME) - age_us;
  const std::int64_t utc_us = synthetic_now_ms_
                                  ? *synthetic_now_ms_ * 1000 + duration_cast<microseconds>(time - made_).count()
                                  : clock_us(CLOCK_REALTIME) - age_us;
  stamp.utc = format_utc(UtcTime(std::chrono::milliseconds(utc_us / 1000)));
  return stamp;
}

}  // namespace rationale::ui
