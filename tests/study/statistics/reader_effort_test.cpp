// Readings, hours and sessions by hand.
#include "study/statistics/reader_effort.h"

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("a reader reads every case in both arms, in sessions of one period each", "[study][power]") {
  // 60 readings of 90 s fill a session of 90 minutes: 180 cases are three sessions a period.
  const ReaderEffort whole = reader_effort(180, {});
  CHECK(whole.cases == 180);
  CHECK(whole.readings == 360);
  CHECK(whole.hours == 9);
  CHECK(whole.sessions == 6);
  CHECK(reader_effort(181, {}).sessions == 8);

  // 60 % of the cases count: 300 cases in all. 100 s: after 54 cases the 90 minutes are over.
  const ReaderEffort part = reader_effort(180, {.seconds = 100, .share = 0.6});
  CHECK(part.cases == 300);
  CHECK(part.readings == 600);
  CHECK(part.hours == Approx(600 * 100 / 3600.0));
  CHECK(part.sessions == 12);

  // A session ends after the case in which time runs out: 20 minutes are 3 cases of 7.
  CHECK(reader_effort(9, {.seconds = 420, .session_minutes = 20}).sessions == 6);
  CHECK(reader_effort(3, {.seconds = 36000}).sessions == 6);
  CHECK(reader_effort(100, {.share = 1.0 / 3}).cases == 300);
}

TEST_CASE("a reader's effort needs cases and time", "[study][power]") {
  CHECK_THROWS_AS(reader_effort(0, {}), Error);
  CHECK_THROWS_AS(reader_effort(10, {.seconds = 0}), Error);
  CHECK_THROWS_AS(reader_effort(10, {.share = 0}), Error);
  CHECK_THROWS_AS(reader_effort(10, {.share = 1.5}), Error);
  CHECK_THROWS_AS(reader_effort(10, {.session_readings = 0}), Error);
}
