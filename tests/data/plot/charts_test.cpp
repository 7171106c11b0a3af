// Charts: where their marks stand, and that no text leaves the picture, however long or extreme the
// data.
#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "data/plot/calibration.h"
#include "data/plot/cascade.h"
#include "data/plot/flow_chart.h"
#include "data/plot/intervals.h"
#include "data/plot/paired_readers.h"
#include "data/plot/roc.h"
#include "data/plot/score_histogram.h"
#include "data/plot/share_rows.h"
#include "data/plot/split_rates.h"
#include "data/plot/text_box.h"
#include "tests/support/catch.h"

namespace rationale {

namespace {

const std::string kLong = "Reader with a very long name, of a Wide University Hospital MWMW";

template <typename Mark>
std::vector<Mark> marks_of(const Plot& plot, const std::string& style) {
  std::vector<Mark> found;
  for (const PlotMark& mark : plot.marks) {
    const auto* one = std::get_if<Mark>(&mark);
    if (one != nullptr && one->style == style) found.push_back(*one);
  }
  return found;
}

void check_texts_inside(const Plot& plot) {
  REQUIRE(plot.width > 0);
  for (const TextBox& box : text_boxes(plot)) {
    INFO(plot.title << ": \"" << box.text << "\" " << box.left << " " << box.top << " " << box.right
                    << " " << box.bottom);
    CHECK(box.left >= -0.5);
    CHECK(box.top >= -0.5);
    CHECK(box.right <= plot.width + 0.5);
    CHECK(box.bottom <= plot.height + 0.5);
  }
}

/// No two texts of a plot lie on each other.
void check_texts_apart(const Plot& plot) {
  const auto boxes = text_boxes(plot);
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    for (std::size_t b = a + 1; b < boxes.size(); ++b) {
      const double across =
          std::min(boxes[a].right, boxes[b].right) - std::max(boxes[a].left, boxes[b].left);
      const double down =
          std::min(boxes[a].bottom, boxes[b].bottom) - std::max(boxes[a].top, boxes[b].top);
      INFO("\"" << boxes[a].text << "\" and \"" << boxes[b].text << "\"");
      CHECK((across <= 0.5 || down <= 0.5));
    }
  }
}

}  // namespace

TEST_CASE("a calibration plot puts each bin where it was stated and what happened", "[data][plot]") {
  CalibrationChart chart;
  chart.id = "c";
  chart.control_text = chart.treated_text = kLong;
  chart.control = {{0.0, 0.0, 90}, {0.5, 0.25, 9}, {1.0, 1.0, 40}};
  chart.treated = {{0.25, 0.75, 10}};
  const Plot plot = calibration_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  const auto rings = marks_of<PlotDot>(plot, "ph"), dots = marks_of<PlotDot>(plot, "pv");
  REQUIRE(rings.size() == 3);
  REQUIRE(dots.size() == 1);
  // The middle of the square's side, a quarter of its height up.
  CHECK(rings[1].x == Approx((rings[0].x + rings[2].x) / 2));
  CHECK(rings[1].y == Approx(rings[0].y + 0.25 * (rings[2].y - rings[0].y)));
  CHECK(dots[0].y == Approx(rings[0].y + 0.75 * (rings[2].y - rings[0].y)));
  CHECK(rings[0].radius / rings[2].radius == Approx(std::sqrt(90.0 / 40.0)));
  // Nine readings are too few for the line, and one point is none.
  REQUIRE(marks_of<PlotPath>(plot, "lh").size() == 1);
  CHECK(marks_of<PlotPath>(plot, "lh")[0].points.size() == 2);
  CHECK(marks_of<PlotPath>(plot, "lv").empty());
}

TEST_CASE("the readers' plot starts at zero and gives every reader a label", "[data][plot]") {
  const std::size_t n = GENERATE(1u, 2u, 3u, 8u, 20u);
  PairedReaders chart{"p", "t", "d", "caption", "hidden", "visible", {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    const double rate = 0.1 + 0.1 * std::sin(static_cast<double>(i));
    chart.readers.push_back({"R", rate, 0.12, "100 \u2192 100"});
  }
  chart.mean = PairedReader{"mean of readers", 0.1, 0.12, ""};
  const Plot plot = paired_readers_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  CHECK(marks_of<PlotDot>(plot, "ph").size() == n);
  CHECK(marks_of<PlotDot>(plot, "pv").size() == n);
  CHECK(marks_of<PlotLine>(plot, "linkb").size() == 1);
}

TEST_CASE("readers of one arm are dots without a line, named on their side", "[data][plot]") {
  PairedReaders chart{"p", "t", "d", "caption", "hidden", "visible", {}, {}};
  for (const double rate : {0.1, 0.2, 0.25}) chart.readers.push_back({"R0" + std::to_string(rate), rate, std::nullopt, ""});
  for (const double rate : {0.12, 0.3}) chart.readers.push_back({"R9", std::nullopt, rate, ""});
  chart.mean = PairedReader{"mean of readers", 0.18, 0.21, ""};
  const Plot plot = paired_readers_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  CHECK(marks_of<PlotDot>(plot, "ph").size() == 3);
  CHECK(marks_of<PlotDot>(plot, "pv").size() == 2);
  CHECK(marks_of<PlotLine>(plot, "link").empty());
  CHECK(marks_of<PlotLine>(plot, "linkb").size() == 1);
}

TEST_CASE("areas, points and seconds have their own scale in the readers' plot", "[data][plot]") {
  struct Scale {
    PairedUnit unit;
    double control, treated;
    std::string start;
  };
  const auto [unit, control, treated, start] =
      GENERATE(Scale{PairedUnit::kArea, 0.86, 0.91, "0.5"}, Scale{PairedUnit::kArea, 0.31, 0.4, "0.3"}, Scale{PairedUnit::kPoints, 65, 100, "50"}, Scale{PairedUnit::kPoints, 45, 80, "0"},
               Scale{PairedUnit::kProportion, 0.61, 0.875, "50"}, Scale{PairedUnit::kProportion, 0.49, 0.875, "0\u00a0%"},
               Scale{PairedUnit::kSeconds, 23.4, 130, "0\u00a0s"});
  PairedReaders chart{"p", "t", "d", "caption", "hidden", "visible", {{"R1", control, treated, ""}}, {}, unit};
  const Plot plot = paired_readers_plot(chart);
  check_texts_inside(plot);
  bool is_named = false;
  for (const PlotLabel& label : marks_of<PlotLabel>(plot, "s")) is_named = is_named || label.text == start;
  CHECK(is_named);
  const auto dot = marks_of<PlotDot>(plot, "pv");
  REQUIRE(dot.size() == 1);
  CHECK(dot[0].y >= 30);
}

TEST_CASE("rates of nothing and of everything fit the readers' plot", "[data][plot]") {
  const double rate = GENERATE(0.0, 1.0);
  PairedReaders chart{"p", "t", "d", kLong, kLong, kLong, {}, {}};
  chart.readers.assign(3, {kLong, rate, 1 - rate, "1000 \u2192 1000"});
  const Plot plot = paired_readers_plot(chart);
  check_texts_inside(plot);
  const auto axis = marks_of<PlotLine>(plot, "ax");
  REQUIRE(axis.size() == 1);
  // A rate of zero lies on the axis.
  const auto dots = marks_of<PlotDot>(plot, rate == 0 ? "ph" : "pv");
  REQUIRE(dots.size() == 3);
  CHECK(dots[0].y == Approx(axis[0].y1));
}

TEST_CASE("an empirical curve counts a tie one half", "[data][plot]") {
  // Two normals at 1 and 2, two diseased at 2 and 3: by hand.
  const auto points = empirical_roc({1, 2}, {2, 3});
  const std::vector<RocPoint> expected{{0, 0}, {0, 0.5}, {0.5, 1}, {1, 1}};
  CHECK(points == expected);
  double area = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    area += (points[i].first - points[i - 1].first) * (points[i].second + points[i - 1].second) / 2;
  }
  CHECK(area == Approx(0.875));  // pairs: 1<2, 1<3, 2=2 half, 2<3: 3.5 of 4
  CHECK(empirical_roc({}, {1}).empty());
}

TEST_CASE("points on a straight line are dropped and corners stay", "[data][plot]") {
  const std::vector<RocPoint> corner{{0, 0}, {0, 1}, {1, 1}};
  CHECK(drop_collinear({{0, 0}, {0, 0.25}, {0, 0.5}, {0, 1}, {0.5, 1}, {1, 1}}) == corner);
}

TEST_CASE("an ROC picture keeps its numbers clear of a curve in the lower right", "[data][plot]") {
  Roc roc{"r",
          "t",
          "d",
          kLong,
          {empirical_roc({3, 4}, {1, 2}), RocPoint{1, 0}, "hidden 0.000"},
          {empirical_roc({3, 4}, {1, 2}), RocPoint{1, 0}, "visible 0.000"},
          "difference 0.000"};
  const Plot plot = roc_plot(roc);
  check_texts_inside(plot);
  check_texts_apart(plot);
  for (const TextBox& box : text_boxes(plot)) {
    if (box.text.rfind("visible", 0) == 0) CHECK(box.right < 180);
  }
  roc.reader = "R1";
  roc.control.points = roc.treated.points = empirical_roc({1, 2}, {3, 4});
  for (const TextBox& box : text_boxes(roc_plot(roc))) {
    if (box.text.rfind("visible", 0) == 0) CHECK(box.top > 130);
  }
}

TEST_CASE("all end points share the pixel of zero, each group its own unit", "[data][plot]") {
  const ForestColumns columns{"\u2212100.0", "\u2212100.0 to +100.0", "292", "<\u00a00.001"};
  ForestRow row{"False-positive rate",
                Interval{-4.8, -15.6, 6.0},
                Interval{-4.8, -8.5, -1.1},
                columns,
                columns,
                "",
                "",
                -5.0,
                "margin \u22125"};
  Forest forest{
      "f",           "t",           "d", "\u2190 less with heatmap", "more with heatmap \u2192",
      "\u2190 less", "more \u2192", {}};
  forest.groups.push_back({"percentage points", {row, row, row}, 100});
  ForestRow time{"Reading time", Interval{7.4, 1.3, 13.8}, {}, columns, {}, "", "", {}, ""};
  forest.groups.push_back({"% of hidden time", {time}, 0});
  ForestRow none{kLong, {}, {}, {}, {}, "not estimable: no such reading in one arm", "", {}, ""};
  forest.groups.push_back({"points of 100", {none}, 0});
  const Plot plot = forest_plot(forest);
  check_texts_inside(plot);
  check_texts_apart(plot);
  // Words in place of numbers are not cut.
  const auto words = marks_of<PlotLabel>(plot, "ne");
  REQUIRE(words.size() == 1);
  CHECK(words[0].text == none.thick_words);
  const auto zeros = marks_of<PlotLine>(plot, "zero");
  REQUIRE(zeros.size() == 3);
  CHECK(zeros[0].x1 == Approx(zeros[1].x1));
  CHECK(zeros[0].x1 == Approx(zeros[2].x1));
  const auto thick = marks_of<PlotLine>(plot, "ci1");
  REQUIRE(thick.size() == 4);
  CHECK(thick[0].x1 < zeros[0].x1);
  CHECK(thick[0].x2 > zeros[0].x1);
  CHECK(thick[3].x1 > zeros[0].x1);
  CHECK(marks_of<PlotLine>(plot, "marg").size() == 3);
}

TEST_CASE("an interval beyond the axis ends in an arrow head", "[data][plot]") {
  const Plot plot = interval_row({0.2, -1.5, 1.7}, -1, 1, true);
  const auto lines = marks_of<PlotLine>(plot, "ci1");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].x1 >= 0);
  CHECK(lines[0].x2 <= 230);
  CHECK(marks_of<PlotPath>(plot, "head").size() == 2);
  CHECK(plot.description.empty());
  CHECK(marks_of<PlotPath>(interval_row({0.2, -0.5, 0.7}, -1, 1, true), "head").empty());
}

TEST_CASE("split rates keep their numbers inside at both ends of the scale", "[data][plot]") {
  const double rate = GENERATE(0.0, 0.03, 0.5, 0.97, 1.0);
  SplitRates chart{
      "s", "t", "d", "caption", "hidden", "visible", "share of readings called positive", {}};
  const SplitRow row{"AI wrong",       "1000 \u2192 1000 of 1000", rate, 1 - rate,
                     "\u2212100.0 pp", "(\u2212100.0 to +100.0)",  true};
  chart.groups = {{"False-positive rate", {row, row}}, {"Sensitivity", {row}}};
  const Plot plot = split_rates_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  CHECK(marks_of<PlotLine>(plot, "linkw").size() == 3);
}

TEST_CASE("score panels share one scale, so that heights can be compared", "[data][plot]") {
  ScoreHistogram chart{"h", "t", "d", "caption", {}, {-100, -50, 50, 100}, true, {}};
  for (int edge = -100; edge <= 100; edge += 10) chart.edges.push_back(edge);
  ScorePanel hidden{"hidden",
                    false,
                    std::vector<std::size_t>(20, 0),
                    std::vector<std::size_t>(20, 0),
                    "92 false positives",
                    "108 missed"};
  ScorePanel visible = hidden;
  hidden.normal[0] = 100;
  visible.normal[0] = 50;
  visible.diseased[19] = 60;
  visible.normal[19] = 40;
  visible.is_treated = true;
  chart.panels = {hidden, visible};
  const Plot plot = score_histogram_plot(chart);
  check_texts_inside(plot);
  const auto bars = marks_of<PlotBar>(plot, "bn");
  REQUIRE(bars.size() == 3);
  CHECK(bars[0].height == Approx(2 * bars[1].height));
  CHECK(bars[0].y + bars[0].height == Approx(bars[1].y + bars[1].height));
  CHECK(marks_of<PlotBar>(plot, "bd").size() == 1);
}

TEST_CASE("an empty histogram draws no bar and divides by nothing", "[data][plot]") {
  ScoreHistogram chart{"h", "t", "d", "c", {0, 1, 2}, {0, 1, 2}, false, {}};
  chart.panels.push_back({"hidden", false, {0, 0}, {0, 0}, "0 false positives", "0 missed"});
  const Plot plot = score_histogram_plot(chart);
  check_texts_inside(plot);
  CHECK(marks_of<PlotBar>(plot, "bn").empty());
}

TEST_CASE("Shares in a region stand on one axis that starts at zero", "[plot]") {
  ShareRows chart;
  chart.id = "localisation";
  chart.title = "Localisation per finding";
  chart.hits_title = "peak in region";
  chart.caption = kLong;
  ShareRow row;
  row.name = GENERATE(std::string("Nodule"), kLong);
  row.counts = "14 films";
  row.share = GENERATE(0.0, 0.24, 1.0);
  row.interval = std::pair{*row.share / 2, *row.share};
  row.area = 0.098;
  row.centre = 0.47;
  row.edges = 0.15;
  row.hits = "14 of 14";
  row.hits_interval = "80 to 100\u00a0%";
  ShareRow missing;
  missing.name = "Mass";
  missing.words = "not estimable: " + kLong;
  missing.hits = "0 of 1";
  missing.hits_interval = "not estimable";
  chart.rows = {row, missing};
  const Plot plot = share_rows_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  const auto dots = marks_of<PlotDot>(plot, "pv");
  REQUIRE(dots.size() == 1);  // the missing one is words
  const auto grid = marks_of<PlotLine>(plot, "gr");
  CHECK(grid.front().x1 == Approx(178));
  if (*row.share == 0) CHECK(dots.front().x == Approx(178));
  CHECK(marks_of<PlotLabel>(plot, "ne").size() == 1);
}

TEST_CASE("A flow chart puts what is left out between the boxes it parts, with every word inside", "[plot]") {
  const FlowChart chart{"flow", "Flow", "from 600 to 590", {{"Allocated: 600 readings", {"hidden 300, visible 300"}, {}},
                                                           {"Started: 598 readings", {}, {"2: case not reached"}},
                                                           {"Analysed: 590 readings", {kLong}, {"7: not assessable, the reader said", "1: " + kLong}}}};
  const Plot plot = flow_chart_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  const auto boxes = marks_of<PlotBar>(plot, "fb"), sides = marks_of<PlotBar>(plot, "fl");
  REQUIRE(boxes.size() == 3);
  REQUIRE(sides.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(sides[i].x > boxes[i].x + boxes[i].width);
    CHECK(sides[i].y > boxes[i].y + boxes[i].height);
    CHECK(sides[i].y + sides[i].height < boxes[i + 1].y);
  }
  CHECK(plot.height == Approx(boxes[2].y + boxes[2].height + 1));
}

TEST_CASE("A cascade draws each method from one to its end, and the names keep apart", "[plot]") {
  Cascade chart;
  chart.id = "gate";
  chart.title = "Randomisation gate";
  chart.limit = 0.4;
  chart.limit_text = "must end below 0.40";
  chart.caption = kLong;
  chart.stages = {"trained", "1", "2", "3", "20", "40", "60", "80", "121"};
  for (const double end : {0.16, 0.17, 0.24}) {
    std::vector<double> values(9, 0.5);
    values.front() = 1;
    values.back() = end;
    chart.lines.push_back({end < 0.165 ? kLong : "LayerCAM 0.24", values, end < 0.165});
  }
  const Plot plot = cascade_plot(chart);
  check_texts_inside(plot);
  check_texts_apart(plot);
  const auto lead = marks_of<PlotPath>(plot, "lv");
  REQUIRE(lead.size() == 1);
  CHECK(lead.front().points.size() == 9);
  CHECK(lead.front().points.front().second == Approx(12));
  CHECK(marks_of<PlotPath>(plot, "lh").size() == 2);
  const auto limit = marks_of<PlotLine>(plot, "marg");
  REQUIRE(limit.size() == 1);
  CHECK(limit.front().y1 == Approx(208 - 0.4 * 196));
}

}  // namespace rationale
