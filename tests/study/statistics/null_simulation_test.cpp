// Type-I errors against the reference's simulation: same model, other random numbers.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "study/statistics/null_simulation.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("rejection rates without effect are the reference's within Monte Carlo error", "[study][null]") {
  const auto file = test::shared("golden/statistics/expected/type1_error.json", 1);
  if (!file) return;
  const auto golden = nlohmann::json::parse(read_file(*file));
  int n = 0;
  for (const NullScenario& scenario : null_scenarios()) {
    for (const int readers : {3, 5}) {
      const NullStudy study{.readers = readers, .replicates = 3000, .seed = 20};
      const auto rates = null_rejections(scenario, study);
      for (const auto& row : golden) {
        if (row["scenario"] != scenario.name || row["J"] != readers) continue;
        for (const RejectionRate& one : rates) {
          if (!row["reject"].contains(one.test)) continue;
          INFO(scenario.name << ", " << readers << " readers, " << one.test);
          const double wanted = row["reject"][one.test];
          // The reference clamps Cov2 - Cov3 in its fixed-reader test, we do not (statistics.md, section 3): that
          // rejects up to 0.02 more often.
          const double clamp = one.test == "OR FRRC (fixed readers)" ? 0.02 : 0;
          CHECK(std::abs(one.rate - wanted) <= clamp + 4 * std::sqrt(wanted * (1 - wanted) * (1.0 / 3000 + 1.0 / 10000)));
          ++n;
        }
      }
    }
  }
  CHECK(n == 36);
}

TEST_CASE("the careful answers do not reject too often", "[study][null]") {
  for (const NullScenario& scenario : null_scenarios()) {
    const auto rates = null_rejections(scenario, {.readers = 6, .replicates = 2000, .seed = 3});
    const double margin = 4 * std::sqrt(0.05 * 0.95 / 2000);
    int n = 0;
    for (const RejectionRate& one : rates) {
      if (one.test != "max(RRRC, RRFC)" && one.test != "OR RRRC with df J - 1" && one.test != "sign-flip permutation") continue;
      INFO(scenario.name << ", " << one.test);
      CHECK(one.rate <= 0.05 + margin);
      CHECK(one.rate > 0.005);
      ++n;
    }
    CHECK(n == 3);
  }
}

TEST_CASE("a simulation depends on its seed and not on threads", "[study][null]") {
  const auto rates = [](std::uint64_t seed, int threads) {
    std::vector<int> rejected;
    for (const RejectionRate& one : null_rejections(null_scenarios()[1], {.readers = 4, .replicates = 300, .seed = seed, .threads = threads})) {
      rejected.push_back(one.rejected);
    }
    return rejected;
  };
  CHECK(rates(1, 1) == rates(1, 3));
  CHECK(rates(1, 1) != rates(2, 1));
}
