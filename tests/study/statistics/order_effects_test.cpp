// Days since a case was last seen: a slope needs days that differ.
#include "study/statistics/order_effects.h"

#include <fmt/format.h>

#include "data/samples/stream.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// 3 readers x 60 normal cases, read again after days(reader, case); `drift` is what a day adds to the rate of calls.
template <typename Days>
Json effects_of(const Days& days, double drift = 0) {
  samples::Stream stream(7, 0, 9);
  std::string text = "reader,case,arm,truth,rating,positive,period,days_since_last\n";
  for (int j = 0; j < 3; ++j) {
    for (int k = 0; k < 60; ++k) {
      for (const int period : {1, 2}) {
        const double since = days(j, k);
        const int call = stream.bernoulli(0.3 + (period == 2 ? drift * since : 0)) ? 1 : 0;
        text += fmt::format("R{},c{},{},0,{},{},{},{}\n", j, k, (period + k + j) % 2 == 0 ? "hidden" : "visible", call, call, period,
                            period == 2 ? fmt::format("{:.5f}", since) : "");
      }
    }
  }
  const LoadedReadings readings = load_readings(parse_csv(text, "made.csv"), {});
  REQUIRE_FALSE(readings.error);
  return order_effects_json(readings.readings);
}

double hours(int j, int k) { return ((k * 7 + j * 3) % 24 - 12) / 24.0; }

}  // namespace

TEST_CASE("intervals that differ by hours carry no slope per day", "[study][order]") {
  const Json hours_apart = effects_of([](int j, int k) { return 29.995 + 0.03 * hours(j, k); });
  const Json& slope = hours_apart["fpr"]["days_since_last"];
  CHECK(slope["code"] == "too_little_spread");
  CHECK_FALSE(slope.contains("p"));
  CHECK(slope["reason"].get<std::string>().find("29.98 to 30.01 days, median 29.99") != std::string::npos);
  CHECK(hours_apart["days_since_last"]["median"].get<double>() == Approx(29.995).margin(0.01));
  CHECK(hours_apart["days_since_last"]["max"].get<double>() > hours_apart["days_since_last"]["min"].get<double>());
  // Nor do hours to either side of midnight, a reader's own interval, or one reading that came a month late.
  CHECK(effects_of([](int j, int k) { return 29.5 + 0.4 * hours(j, k); })["fpr"]["days_since_last"]["code"] == "too_little_spread");
  CHECK(effects_of([](int j, int k) { return 30 + 7 * j + 0.1 * hours(j, k); })["fpr"]["days_since_last"]["code"] == "too_little_spread");
  CHECK(effects_of([](int j, int k) { return j == 1 && k == 5 ? 60.0 : 30 + 0.1 * hours(j, k); })["fpr"]["days_since_last"]["code"] ==
        "too_little_spread");
}

TEST_CASE("intervals of several weeks have a slope near what the calls were made with", "[study][order]") {
  const Json weeks = effects_of([](int j, int k) { return 28 + 7 * (k % 4) + 0.1 * hours(j, k); }, 0.01);
  const Json& slope = weeks["fpr"]["days_since_last"];
  REQUIRE(slope["status"] == "ok");
  CHECK(slope["n_readings"] == 180);
  CHECK(slope["estimate"].get<double>() == Approx(0.01).margin(3 * slope["se"].get<double>()));
  CHECK(slope["se"].get<double>() < 0.01);
  // One day apart, at any hour, is enough.
  CHECK(effects_of([](int j, int k) { return 30 + k / 2 % 2 + 0.2 * hours(j, k); })["fpr"]["days_since_last"]["status"] == "ok");
}
