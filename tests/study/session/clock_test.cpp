#include "study/session/clock.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Kind = ReadingEventKind;

TEST_CASE("event times are sorted into active, idle and hidden as in clocks.json",
          "[study][session][golden]") {
  const auto path = test::shared("golden/study/session/clocks.json", 8);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors.size() == 8);
  for (const auto& vector : vectors) {
    INFO(vector.dump());
    std::vector<ReadingEvent> events;
    for (const auto& event : vector["events"]) {
      events.push_back(
          {event[0].get<std::int64_t>(), parse_reading_event(event[1].get<std::string>())});
    }
    const ReadingTimes times = reading_times(events, vector["idle_ms"].get<std::int64_t>());
    const auto& expect = vector["expect"];
    CHECK(times.active_ms == expect["active"].get<std::int64_t>());
    CHECK(times.idle_ms == expect["idle"].get<std::int64_t>());
    CHECK(times.hidden_ms == expect["hidden"].get<std::int64_t>());
    CHECK(times.wall_ms == expect["wall"].get<std::int64_t>());
  }
}

TEST_CASE("the three clocks add up to the wall clock whatever the order of events",
          "[study][session][clock]") {
  const auto seed = GENERATE(range(1u, 200u));
  unsigned state = seed;
  const auto next = [&state](unsigned n) {
    state = state * 1664525u + 1013904223u;  // Knuth's linear congruential generator
    return (state >> 16) % n;
  };
  std::vector<ReadingEvent> events{{100, Kind::kShown}};
  for (int i = 0; i < 30; ++i) {
    events.push_back({events.back().at_ms + next(20000), static_cast<Kind>(1 + next(7))});
  }
  events.push_back({events.back().at_ms + next(20000), Kind::kConfirm});
  const ReadingTimes times = reading_times(events, 10000);
  CHECK(times.active_ms + times.idle_ms + times.hidden_ms == times.wall_ms);
  CHECK(times.wall_ms == events.back().at_ms - 100);
  CHECK(times.active_ms >= 0);
  CHECK(times.idle_ms >= 0);
  CHECK(times.hidden_ms >= 0);
}

TEST_CASE("a return from what is not in force is no restart", "[study][session][clock]") {
  // By hand: 10 s active, then idle to the end; focus_on at 15 s changes nothing.
  const std::vector<ReadingEvent> events{
      {0, Kind::kShown}, {15000, Kind::kFocusOn}, {20000, Kind::kConfirm}};
  CHECK(reading_times(events, 10000) == ReadingTimes{10000, 10000, 0, 20000});
}

TEST_CASE("a reading without begin or end, or with time going back, is refused",
          "[study][session][clock]") {
  const auto times = [](std::vector<ReadingEvent> events, std::int64_t idle_ms = 1000) {
    return reading_times(events, idle_ms);
  };
  CHECK_THROWS_AS(times({}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kInput}, {1, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}, {1, Kind::kInput}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}, {1, Kind::kShown}, {2, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}, {1, Kind::kConfirm}, {2, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{5, Kind::kShown}, {4, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{-5, Kind::kShown}, {4, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}, {INT64_MAX, Kind::kConfirm}}), Error);
  CHECK_THROWS_AS(times({{0, Kind::kShown}, {1, Kind::kConfirm}}, -1), Error);
  CHECK_THROWS_AS(parse_reading_event("blur"), Error);
}
