// The clock that says how far decoding and network overlap.
#include "explain/pipeline/stages.h"

#include <chrono>
#include <optional>
#include <thread>

#include "tests/support/catch.h"

using namespace rationale::explain;

namespace {

void wait_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

}  // namespace

TEST_CASE("stages one after the other do not overlap", "[pipeline]") {
  StageClock clock;
  for (const Stage stage : {Stage::kDecode, Stage::kNetwork, Stage::kStore}) {
    const StageClock::Busy busy(clock, stage);
    wait_a_moment();
  }
  const StageTimes times = clock.times();
  CHECK(times.decode >= 0.02);
  CHECK(times.network >= 0.02);
  CHECK(times.store >= 0.02);
  CHECK(times.overlap == 0);
}

TEST_CASE("two threads in one stage count once, and beside the network they overlap", "[pipeline]") {
  StageClock clock;
  const auto begin = std::chrono::steady_clock::now();
  std::optional<StageClock::Busy> network(std::in_place, clock, Stage::kNetwork);
  {
    const StageClock::Busy one(clock, Stage::kDecode), two(clock, Stage::kDecode);
    wait_a_moment();
  }
  network.reset();
  const double whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const StageTimes times = clock.times();
  CHECK(times.decode >= 0.02);
  CHECK(times.decode <= whole);  // not twice
  CHECK(times.overlap == Approx(times.decode));
  CHECK(times.network >= times.overlap);
}
