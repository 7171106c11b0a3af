// How much memory a piece of work takes, beside the time that bench_time.h takes.
#pragma once

#include <functional>

namespace rationale::ui {

/// Memory of this process now, what the allocator holds in reserve given back: bytes.
double resident_bytes();

/// The most that `work` adds to the memory of this process while it runs, in bytes (sampled every half millisecond).
double growth_while(const std::function<void()>& work);

}  // namespace rationale::ui
