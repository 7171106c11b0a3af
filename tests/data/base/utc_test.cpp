#include "data/base/utc.h"

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("points in time read back as they are written", "[data][utc]") {
  const std::string text = "2026-03-02T09:15:04.120Z";
  CHECK(format_utc(parse_utc(text, "here")) == text);
  CHECK(format_utc(parse_utc("2026-02-28", "here")) == "2026-02-28T00:00:00.000Z");
  CHECK(format_utc(parse_utc("2024-02-29T23:59:59Z", "here")) == "2024-02-29T23:59:59.000Z");
  CHECK(format_utc(parse_utc("2024-02-29T23:59:59.5Z", "here")) == "2024-02-29T23:59:59.500Z");
  CHECK(format_utc_day(parse_utc(text, "here")) == "2026-03-02");
}

TEST_CASE("what is no point in time is refused", "[data][utc]") {
  const std::string text =
      GENERATE("", "2026", "2026-02-29", "2026-13-01", "2026-03-02T24:00:00Z", "2026-03-02T09:15Z",
               "2026-03-02T09:15:04", "2026-03-02T09:15:04.Z", "2026-03-02 09:15:04Z", "1969-12-31");
  CHECK_THROWS_AS(parse_utc(text, "here"), Error);
}
