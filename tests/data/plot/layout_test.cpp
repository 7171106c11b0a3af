#include <cmath>
#include <vector>

#include "data/plot/plot.h"
#include "data/plot/text_box.h"
#include "tests/support/catch.h"

namespace rationale {

TEST_CASE("labels that do not touch stay where they are", "[data][plot]") {
  const std::vector<double> wanted{100, 10, 50};
  CHECK(keep_apart(wanted, 15, 0, 200) == wanted);
}

TEST_CASE("labels at one place part evenly around it", "[data][plot]") {
  const auto settled = keep_apart({50, 50, 50}, 15, 0, 200);
  CHECK(settled[0] == Approx(35));
  CHECK(settled[1] == Approx(50));
  CHECK(settled[2] == Approx(65));
}

TEST_CASE("labels keep their order, their distance and their room", "[data][plot]") {
  const int seed = GENERATE(range(1, 20));
  std::vector<double> wanted;
  for (int i = 0; i < 12; ++i) wanted.push_back(150 + 150 * std::sin(seed * 1.7 + i * i * 0.9));
  const auto settled = keep_apart(wanted, 15, 20, 290);
  for (std::size_t a = 0; a < wanted.size(); ++a) {
    CHECK(settled[a] >= 20 - 1e-9);
    CHECK(settled[a] <= 290 + 1e-9);
    for (std::size_t b = 0; b < wanted.size(); ++b) {
      if (wanted[a] >= wanted[b]) continue;
      CHECK(settled[b] - settled[a] >= 15 - 1e-9);
    }
  }
}

TEST_CASE("too many labels share the room that there is", "[data][plot]") {
  const auto settled = keep_apart({10, 10, 10}, 15, 0, 20);
  CHECK(settled[0] == Approx(0));
  CHECK(settled[1] == Approx(10));
  CHECK(settled[2] == Approx(20));
}

TEST_CASE("a group is settled and other labels are left alone", "[data][plot]") {
  Plot plot;
  for (const char* group : {"a", "a", "b"}) {
    plot.marks.push_back(PlotLabel{0, 50, "x", Anchor::kStart, "", group});
  }
  settle_labels(plot, "a", 10, 0, 100);
  CHECK(std::get<PlotLabel>(plot.marks[0]).y == Approx(45));
  CHECK(std::get<PlotLabel>(plot.marks[1]).y == Approx(55));
  CHECK(std::get<PlotLabel>(plot.marks[2]).y == Approx(50));
}

TEST_CASE("ticks are round, inside, and not too many", "[data][plot]") {
  const auto ticks = round_ticks(-15.6, 13.4, 7);
  REQUIRE(ticks.size() == 6);
  CHECK(ticks.front() == Approx(-15));
  CHECK(ticks.back() == Approx(10));
  CHECK(round_ticks(0, 1, 5).size() <= 5);
  CHECK(round_ticks(2, 2, 5).size() == 1);
  CHECK(round_up(28.3) == Approx(30));
  CHECK(round_up(30) == Approx(30));
  CHECK(round_up(0.7) == Approx(1));
}

TEST_CASE("a long name is cut between letters and ends in dots", "[data][plot]") {
  CHECK(shorten("R01", 100, 12, true) == "R01");
  const std::string cut = shorten("Ünïversitätsklinikum", 60, 12, false);
  CHECK(text_width(cut, 12, false) <= 60);
  CHECK(cut.size() > 6);
  CHECK(cut.substr(cut.size() - 3) == "\u2026");
  // No letter of two bytes is cut in half: what is left of the dots begins the name.
  CHECK(std::string("Ünïversitätsklinikum").rfind(cut.substr(0, cut.size() - 3), 0) == 0);
}

}  // namespace rationale
