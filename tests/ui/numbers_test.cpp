#include "ui/widgets/numbers.h"

#include <cmath>
#include <numeric>
#include <random>

#include "tests/support/catch.h"
#include "ui/widgets/waterfall.h"

using namespace rationale::ui;

TEST_CASE("Numbers have a real minus sign and no negative zero", "[ui][numbers]") {
  CHECK(plain_number(-1.5) == "−1.50");
  CHECK(plain_number(-0.001) == "0.00");
  CHECK(signed_number(0.55) == "+0.55");
  CHECK(signed_number(0.001) == "0.00");
  CHECK(signed_number(-0.2) == "−0.20");
  CHECK(plain_number(12, 0) == "12");
}

TEST_CASE("Rounded parts add up to the rounded total and none moves by a whole unit",
          "[ui][numbers]") {
  const auto seed = GENERATE(range(0U, 50U));
  std::mt19937 random(seed);
  std::normal_distribution<double> draw(0, 2);
  std::vector<double> parts(1 + seed % 9);
  for (double& part : parts) part = draw(random);
  const double total = std::accumulate(parts.begin(), parts.end(), 0.0);
  const std::vector<double> rounded = rounded_to_sum(parts, total);
  CHECK(std::accumulate(rounded.begin(), rounded.end(), 0.0) ==
        Approx(std::round(total * 100) / 100).margin(1e-9));
  for (std::size_t i = 0; i < parts.size(); ++i) CHECK(std::abs(rounded[i] - parts[i]) < 0.01);
}

TEST_CASE("Ticks are round, cover the range and are told apart by their decimals",
          "[ui][numbers]") {
  CHECK(round_ticks(0, 2, 5) == std::vector<double>{0, 0.5, 1, 1.5, 2});
  CHECK(tick_decimals(round_ticks(0, 2, 5)) == 1);
  CHECK(round_ticks(0, 0.03, 4).size() == 4);
  CHECK(tick_decimals(round_ticks(0, 0.03, 4)) == 2);
  const auto across = round_ticks(-1.3, 3.2, 6);
  CHECK(across.front() == -1);
  CHECK(across.back() == 3);
}

namespace {

/// The mockup's case: 0.20 + 1.80 + 0.55 - 0.20 + 0.35 + 0.40 = 3.10.
Waterfall mockup_waterfall() {
  using Kind = WaterfallStep::Kind;
  Waterfall w;
  const auto add = [&](Kind kind, double value) {
    WaterfallStep step;
    step.kind = kind;
    step.value = value;
    w.steps.push_back(step);
  };
  add(Kind::kReference, 0.20);
  add(Kind::kConcept, 1.80);
  add(Kind::kConcept, 0.55);
  add(Kind::kConcept, -0.20);
  add(Kind::kOther, 0.35);
  add(Kind::kResidual, 0.40);
  add(Kind::kDecision, 3.10);
  return w;
}

}  // namespace

TEST_CASE("The waterfall runs from the reference to the decision without a gap",
          "[ui][waterfall]") {
  const Waterfall w = mockup_waterfall();
  const std::vector<WaterfallBar> bars = waterfall_bars(w);
  REQUIRE(bars.size() == 7);
  CHECK(bars[0].from == 0);
  for (std::size_t i = 0; i + 2 < bars.size(); ++i) CHECK(bars[i + 1].from == bars[i].to);
  CHECK(bars[5].to == Approx(3.10));
  CHECK(bars[6].from == 0);
  CHECK(bars[6].to == Approx(3.10));
}

TEST_CASE("The sum line prints numbers that add up", "[ui][waterfall]") {
  CHECK(sum_line(mockup_waterfall()) == "Adds up: 0.20 + 1.80 + 0.55 − 0.20 + 0.35 + 0.40 = 3.10");
}

TEST_CASE("A sum that is off is said, not hidden", "[ui][waterfall]") {
  Waterfall w = mockup_waterfall();
  w.steps[1].value += 0.01;
  CHECK_FALSE(adds_up(w));
  CHECK(sum_line(w).find("Does not add up") == 0);
  CHECK(sum_line(w).find("0.01000") != std::string::npos);
}
