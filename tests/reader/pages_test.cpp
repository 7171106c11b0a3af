// Every page of the reading app, drawn from plain values in a window of a virtual display.
#include <algorithm>
#include <set>

#include "data/image/colour_map.h"
#include "tests/reader/example_page.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"
#include "ui/reader/covers.h"
#include "ui/reader/film_area.h"
#include "ui/reader/panel.h"
#include "ui/reader/questions.h"
#include "ui/reader/screens.h"
#include "ui/widgets/window.h"

using namespace rationale;
using namespace rationale::ui;

namespace {

struct Bench {
  AppWindow window{{.title = "pages", .is_visible = false}};
  ColourTable colours = viridis_table();
  ImageView view{colours};
  Intents intents;

  Pixels reading(const ReadingPage& page) {
    return window.picture([&](Canvas& canvas) {
      const ReaderLayout l = reader_layout(window.width(), window.height());
      view.begin_frame();
      const bool has_map = page.ai.has_heatmap && page.ai.is_on;
      if (page.cover == Cover::kNone) {
        draw_film_area(canvas, l, page, view,
                       {.has_heatmap = has_map && !page.ai.has_outline,
                        .has_outline = has_map && page.ai.has_outline,
                        .opacity = static_cast<float>(page.ai.opacity_percent) / 100},
                       {}, intents);
      } else {
        draw_cover(canvas, l, page, intents);
      }
      draw_panel(canvas, l, page, colours, intents);
    });
  }
  template <typename Draw>
  Pixels other(Draw draw) {
    return window.picture([&](Canvas& canvas) {
      draw(canvas, reader_layout(window.width(), window.height()), intents);
    });
  }
};

int differing_outside(const Pixels& a, const Pixels& b, const std::vector<Rect>& allowed) {
  int n = 0;
  for (int row = 0; row < a.rows; ++row) {
    for (int col = 0; col < a.cols; ++col) {
      const auto at =
          (static_cast<std::size_t>(row) * static_cast<std::size_t>(a.cols) + static_cast<std::size_t>(col)) * 3;
      if (std::equal(&a.values[at], &a.values[at] + 3, &b.values[at])) continue;
      const Spot spot{static_cast<float>(col) + 0.5F, static_cast<float>(row) + 0.5F};
      n += std::none_of(allowed.begin(), allowed.end(), [&](const Rect& r) { return r.contains(spot); }) ? 1 : 0;
    }
  }
  return n;
}

std::size_t n_greys(const Pixels& pixels) {
  std::set<int> seen;
  for (std::size_t i = 0; i < pixels.values.size(); i += 3) seen.insert(pixels.values[i]);
  return seen.size();
}

}  // namespace

TEST_CASE("Arms differ in the AI card's inside and the overlay, in no other pixel", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  Bench bench;
  bench.view.show(test::example_film());
  ReadingPage page = test::example_page();
  const Pixels hidden = bench.reading(page);
  test::keep_picture(hidden, "hidden");
  page.ai = test::example_ai();
  bench.view.show_map(test::example_map());
  const Pixels visible = bench.reading(page);
  test::keep_picture(visible, "visible");

  const ReaderLayout l = reader_layout(1600, 1000);
  CHECK(l.ai.x == 1204);
  CHECK(l.ai.y == 100);
  CHECK(l.ai.height == 300);
  const Rect inside{l.ai.x + 1, l.ai.y + 1, l.ai.width - 2, l.ai.height - 2};
  const Rect film{110, 20, 960, 960};
  CHECK(differing_outside(hidden, visible, {inside, film}) == 0);
  CHECK(differing_outside(hidden, visible, {film}) > 500);    // the card's inside does differ
  CHECK(differing_outside(hidden, visible, {inside}) > 5000);  // and the overlay is there

  SECTION("under a cover they do not differ at all") {
    for (const Cover cover : {Cover::kPause, Cover::kHelp, Cover::kFocus, Cover::kAway, Cover::kFault}) {
      ReadingPage one = test::example_page(), other = page;
      one.cover = other.cover = cover;
      const Pixels a = bench.reading(one), b = bench.reading(other);
      CHECK(a.values == b.values);
      CHECK(n_greys(a) > 20);
    }
  }
}

TEST_CASE("A line shows nothing before it is answered, and one mark after", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  Bench bench;
  bench.view.show(test::example_film());
  ReadingPage page = test::example_page();
  const Pixels empty = bench.reading(page);
  std::vector<VasLine> lines;
  bench.other([&](Canvas& canvas, const ReaderLayout& l, Intents&) { lines = vas_lines(canvas, l.middle, page); });
  REQUIRE(lines.size() == 1);
  const Rect line = lines[0].line;
  CHECK(line.width == 324);
  // Above and below the line, between the card's borders, every column is the card's own grey.
  int marks = 0;
  for (int col = static_cast<int>(line.x) - 8; col < static_cast<int>(line.right()) + 8; ++col) {
    for (const int dy : {-10, -5, 6, 11}) {
      const auto at = (static_cast<std::size_t>(static_cast<int>(line.y) + dy) * 1600 + static_cast<std::size_t>(col)) * 3;
      marks += empty.values[at] != theme::kCard.red ? 1 : 0;
    }
  }
  CHECK(marks == 0);

  page.questions[1].ppm = 250000;
  const Pixels answered = bench.reading(page);
  const Rect mark{line.x + 81 - 1, line.y - 11, 2, 24};
  CHECK(differing_outside(empty, answered, {mark}) == 0);
  CHECK(differing_outside(empty, answered, {}) == 48 );
  CHECK(lines[0].ppm_at(line.x + 81) == 250000);
  CHECK(lines[0].ppm_at(line.x - 50) == 0);
  CHECK(lines[0].ppm_at(line.right() + 50) == 1000000);
}

TEST_CASE("Every page of the reading app has its words", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  Bench bench;
  bench.view.show(test::example_film());
  bench.view.show_map(test::example_map());
  ReadingPage page = test::example_page();
  page.ai = test::example_ai();

  const auto look = [&](const Pixels& pixels, const char* name) {
    INFO(name);
    CHECK(n_greys(pixels) > 20);
    test::keep_picture(pixels, name);
  };
  for (const auto& [cover, name] : {std::pair{Cover::kPause, "pause"}, std::pair{Cover::kHelp, "help"},
                                    std::pair{Cover::kFault, "fault"}}) {
    ReadingPage covered = page;
    covered.cover = cover;
    covered.fault = "the disk is full: session.db could not grow";
    covered.fault_remedy = "make room on it";
    look(bench.reading(covered), name);
  }
  ReadingPage outline = page;
  outline.ai.has_outline = true;
  look(bench.reading(outline), "outline");
  ReadingPage beside = page;
  beside.ai.is_beside = true;
  look(bench.reading(beside), "beside");

  ReadingPage full = page;
  QuestionView ordinal{.index = 2, .number = 3, .text = "How likely is malignancy, given all that the film shows?",
                       .type = study::QuestionType::kOrdinal};
  ordinal.options = {{"1", "very unlikely", false}, {"2", "unlikely", false}, {"3", "undecided", true},
                     {"4", "likely", false}, {"5", "very likely", false}};
  QuestionView number{.index = 3, .number = 4, .text = "Largest diameter", .type = study::QuestionType::kNumber,
                      .written = "23", .unit = "mm", .is_writing = true, .is_focused = true};
  QuestionView marks{.index = 4, .number = 5, .text = "Mark the finding", .type = study::QuestionType::kMarks,
                     .n_marks = 2, .most_marks = 20};
  full.questions.insert(full.questions.end(), {ordinal, number, marks});
  full.flags[2].label = "Heatmap looks clinically incoherent";
  full.comment = "ribs overlap the apex";
  full.is_focus_visible = true;
  full.questions[1].ppm = 730000;
  look(bench.reading(full), "full");
  full.scroll = 300;
  look(bench.reading(full), "full-scrolled");

  WordsPage words{.small_title = "Reader r2", .title = "Before you read", .facts = {{"Study", "Mass on chest films"}, {"Cases", "60"}},
                  .paragraphs = {"You will read 60 chest films."}, .note = "Next: the display check", .button = "Go on"};
  look(bench.other([&](Canvas& canvas, const ReaderLayout& l, Intents& intents) {
    draw_words_page(canvas, l, words, intents);
  }), "words");
  CheckPage check;
  for (int i = 0; i < 18; ++i) check.patches.push_back({8 + 13 * i, 12 + 13 * i, i % 3 == 0, std::nullopt});
  for (std::size_t i = 0; i < 6; ++i) check.patches[i].answered_right = i % 2 == 0;
  check.current = 6;
  check.facts = {{"Monitor", "1920 × 1200, 60 Hz", true}, {"Pixels", "1:1, content scale 1", true},
                 {"Grey levels", "8 bit", true}, {"Gamma ramp", "identity", true}, {"Window", "in front", false}};
  look(bench.other([&](Canvas& canvas, const ReaderLayout& l, Intents& intents) {
    draw_check_page(canvas, l, check, intents);
  }), "check");
}
