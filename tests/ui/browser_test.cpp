// The browser's state and words, without a window.
#include "ui/studio/browser.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include "data/base/error.h"
#include "tests/support/catch.h"
#include "ui/studio/contributions.h"
#include "ui/studio/layout.h"

using namespace rationale;
using namespace rationale::ui;
using Kind = InputEvent::Kind;
using std::chrono::milliseconds;

namespace {

Browser make_browser() {
  return {{"alpha", "beta", "gamma", "delta"},
          {"Mass", "Effusion"},
          {{1.0F, 0.1F}, {3.0F, 0.4F}, {-2.0F, 0.3F}, {2.0F, 0.2F}}};
}

std::vector<std::string> listed_names(const Browser& browser) {
  std::vector<std::string> names;
  for (const std::size_t i : browser.listed()) names.push_back(browser.case_name(i));
  return names;
}

void press(Browser& browser, int code, int modifiers = 0) {
  browser.handle({.kind = Kind::kKeyDown, .code = code, .modifiers = modifiers});
  browser.handle({.kind = Kind::kKeyUp, .code = code, .modifiers = modifiers});
}

/// As a keyboard does it: the key, then its text, then the release `held` later.
Browser::Wish type(Browser& browser, char32_t character, milliseconds held = milliseconds(50)) {
  const auto start = std::chrono::steady_clock::time_point(std::chrono::seconds(1));
  auto wish = browser.handle({.kind = Kind::kKeyDown, .time = start, .character = character}).wish;
  const auto text =
      browser.handle({.kind = Kind::kCharacter, .time = start, .character = character}).wish;
  if (text != Browser::Wish::kNothing) wish = text;
  browser.handle({.kind = Kind::kKeyUp, .time = start + held, .character = character});
  return wish;
}

void type_text(Browser& browser, const std::u32string& text) {
  for (const char32_t c : text) type(browser, c);
}

}  // namespace

TEST_CASE("The browser begins with the highest logit of all and lists by that class",
          "[ui][studio]") {
  const Browser browser = make_browser();
  CHECK(browser.case_name(browser.chosen_case()) == "beta");
  CHECK(browser.chosen_class() == 0);
  CHECK(listed_names(browser) == std::vector<std::string>{"beta", "delta", "alpha", "gamma"});
}

TEST_CASE("Another class sorts anew and keeps the chosen case", "[ui][studio]") {
  Browser browser = make_browser();
  press(browser, GLFW_KEY_DOWN);
  REQUIRE(browser.case_name(browser.chosen_case()) == "delta");
  press(browser, GLFW_KEY_RIGHT);
  CHECK(browser.chosen_class() == 1);
  CHECK(listed_names(browser) == std::vector<std::string>{"beta", "gamma", "delta", "alpha"});
  CHECK(browser.case_name(browser.chosen_case()) == "delta");
  press(browser, GLFW_KEY_RIGHT);
  CHECK(browser.chosen_class() == 0);
  press(browser, GLFW_KEY_LEFT);
  CHECK(browser.chosen_class() == 1);
}

TEST_CASE("Arrows stop at both ends of the list", "[ui][studio]") {
  Browser browser = make_browser();
  press(browser, GLFW_KEY_UP);
  CHECK(browser.place_in_list() == 0);
  for (int i = 0; i < 9; ++i) press(browser, GLFW_KEY_DOWN);
  CHECK(browser.place_in_list() == 3);
  press(browser, GLFW_KEY_HOME);
  CHECK(browser.place_in_list() == 0);
  press(browser, GLFW_KEY_PAGE_DOWN);
  CHECK(browser.place_in_list() == 3);
}

TEST_CASE("While searching, letters write and do nothing else", "[ui][studio]") {
  Browser browser = make_browser();
  type(browser, U'/');
  REQUIRE(browser.is_searching());
  type_text(browser, U"HU");  // would switch heatmap and outline
  CHECK(browser.is_heatmap_on());
  CHECK_FALSE(browser.has_outline());
  CHECK(browser.listed().empty());
  press(browser, GLFW_KEY_BACKSPACE);
  press(browser, GLFW_KEY_BACKSPACE);
  type_text(browser, U"LT");
  CHECK(listed_names(browser) == std::vector<std::string>{"delta"});
  CHECK(browser.case_name(browser.chosen_case()) == "delta");
  press(browser, GLFW_KEY_ENTER);
  CHECK_FALSE(browser.is_searching());
  CHECK(browser.searched() == "LT");
  press(browser, GLFW_KEY_ESCAPE);
  CHECK(browser.listed().size() == 4);
  CHECK(browser.case_name(browser.chosen_case()) == "delta");
}

TEST_CASE("A tap on H switches the heatmap, a hold hides it only while held", "[ui][studio]") {
  Browser browser = make_browser();
  REQUIRE(browser.is_heatmap_visible());
  type(browser, U'h');
  CHECK_FALSE(browser.is_heatmap_visible());
  type(browser, U'h');
  CHECK(browser.is_heatmap_visible());

  const auto t = std::chrono::steady_clock::time_point(std::chrono::seconds(1));
  browser.handle({.kind = Kind::kKeyDown, .time = t, .character = U'h'});
  CHECK_FALSE(browser.is_heatmap_visible());
  browser.handle({.kind = Kind::kKeyRepeat, .time = t + milliseconds(500), .character = U'h'});
  CHECK_FALSE(browser.is_heatmap_visible());
  browser.handle({.kind = Kind::kKeyUp, .time = t + milliseconds(900), .character = U'h'});
  CHECK(browser.is_heatmap_visible());
}

TEST_CASE("A hold that loses the focus does not leave the heatmap hidden", "[ui][studio]") {
  Browser browser = make_browser();
  browser.handle({.kind = Kind::kKeyDown, .character = U'h'});
  browser.handle({.kind = Kind::kFocusLost});
  CHECK(browser.is_heatmap_visible());
}

TEST_CASE("Keys change the overlay and ask for what is not the browser's", "[ui][studio]") {
  Browser browser = make_browser();
  type(browser, U'u');
  type(browser, U'b');
  CHECK(browser.has_outline());
  CHECK(browser.is_beside());
  for (int i = 0; i < 20; ++i) type(browser, U'=');
  CHECK(browser.opacity_percent() == 100);
  for (int i = 0; i < 20; ++i) type(browser, U'-');
  CHECK(browser.opacity_percent() == 10);
  CHECK(type(browser, U'c') == Browser::Wish::kCopyText);
  CHECK(type(browser, U'0') == Browser::Wish::kFit);
  const auto answer =
      browser.handle({.kind = Kind::kKeyDown, .code = GLFW_KEY_UP, .modifiers = GLFW_MOD_SHIFT});
  CHECK(answer.wish == Browser::Wish::kWindow);
  CHECK(answer.level_steps < 0);
  CHECK(browser.place_in_list() == 0);
}

TEST_CASE("S changes between one scale for all cases and the image's own", "[ui][studio]") {
  Browser browser = make_browser();
  CHECK_FALSE(browser.has_own_scale());
  type(browser, U's');
  CHECK(browser.has_own_scale());
  type(browser, U's');
  CHECK_FALSE(browser.has_own_scale());
}

TEST_CASE("Ctrl+C is not the key C", "[ui][studio]") {
  Browser browser = make_browser();
  const auto answer = browser.handle({.kind = Kind::kKeyDown,
                                      .code = GLFW_KEY_C,
                                      .modifiers = GLFW_MOD_CONTROL,
                                      .character = U'c'});
  CHECK(answer.wish == Browser::Wish::kNothing);
}

TEST_CASE("A browser without cases takes every key", "[ui][studio]") {
  Browser browser({}, {"Mass"}, {});
  press(browser, GLFW_KEY_DOWN);
  press(browser, GLFW_KEY_RIGHT);
  press(browser, GLFW_KEY_END);
  CHECK(browser.is_empty());
}

namespace {

constexpr char kConcepts[] =
    R"({"sentence":"The model's output for Mass is above its reference because of
 lump: +1.00 (lump) +0.30 (other annotated concepts) +0.20 (not explained) = 1.50 above the reference 0.25.",
"logit":1.75,"reference":0.25,"residual":0.2,"residual_share":0.125,"check":0,"contributions":[
{"concept":"edema","version":1,"phi":0.1,"low":0,"high":0.2,"presence":0.6,"sign_stability":0.7,"verdict":"not_established","named":false},
{"concept":"haze","version":2,"phi":-0.3,"low":-0.5,"high":-0.1,"presence":0.2,"sign_stability":0.96,"verdict":"suggestive","named":false},
{"concept":"lump","version":1,"phi":1.0,"low":0.5,"high":1.5,"presence":0.9,"sign_stability":1.0,"verdict":"established","named":true},
{"concept":"rest","version":0,"phi":0.5,"low":0.5,"high":0.5,"presence":0.5,"sign_stability":0.5,"verdict":"not_established","named":false}]})";

std::string concepts_json() {
  std::string text = kConcepts;
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

}  // namespace

TEST_CASE("The waterfall shows gated concepts by size and sums up all others", "[ui][studio]") {
  const Waterfall w = make_waterfall(parse_contributions(concepts_json()));
  std::vector<std::string> names;
  for (const WaterfallStep& step : w.steps) names.push_back(step.name);
  CHECK(names == std::vector<std::string>{"Reference", "lump", "haze", "Other annotated",
                                          "Not explained", "Decision"});
  CHECK(w.steps[3].value == Approx(0.6));
  CHECK(w.steps[3].note == "2 concepts, not established");
  CHECK(w.steps[2].note == "suggestive; reads absent, 0.20");
  CHECK(adds_up(w));
  CHECK(sum_line(w) == "Adds up: 0.25 + 1.00 − 0.30 + 0.60 + 0.20 = 1.75");
}

TEST_CASE("What the page has no room for is summed up, so the waterfall still adds up",
          "[ui][studio]") {
  const Waterfall w = make_waterfall(parse_contributions(concepts_json()), 1);
  REQUIRE(w.steps.size() == 5);
  CHECK(w.steps[1].name == "lump");
  CHECK(w.steps[2].value == Approx(0.3));
  CHECK(w.steps[2].note == "3 concepts");  // one of them is not "not established"
  CHECK(adds_up(w));
}

TEST_CASE("A stored concept result without its keys is refused", "[ui][studio]") {
  CHECK_THROWS_AS(parse_contributions("{}"), Error);
  CHECK_THROWS_AS(parse_contributions("no json"), Error);
}

TEST_CASE("A sentence is split where its figures begin", "[ui][studio]") {
  const SplitSentence s = split_sentence("Above its reference because of A: +2.10 (A) = 2.10.");
  CHECK(s.claim == "Above its reference because of A.");
  CHECK(s.support == "+2.10 (A) = 2.10.");
  CHECK(split_sentence("Nothing to split: at all.").claim == "Nothing to split: at all.");
}

TEST_CASE("Panels lie inside the window and do not overlap, at every size", "[ui][studio]") {
  const auto width = GENERATE(1280.0F, 1440.0F, 1600.0F, 2560.0F);
  const auto height = GENERATE(800.0F, 1000.0F, 1440.0F);
  const auto n_classes = GENERATE(std::size_t{1}, std::size_t{5}, std::size_t{15});
  const auto aspect = GENERATE(0.8, 1.0, 1.3);
  const auto right = GENERATE(RightColumn::kWords, RightColumn::kWaterfall);
  const Layout l = layout(width, height, aspect, n_classes, right);
  CHECK(l.image.y >= l.top_bar.bottom());
  CHECK(l.controls.y > l.image.bottom());
  CHECK(l.scale.y > l.controls.bottom());
  CHECK(l.classes.y > l.scale.bottom());
  CHECK(l.classes.bottom() <= height);
  CHECK(l.image.x >= l.rail.right());
  CHECK(l.sentence.x > l.image.right());
  CHECK(l.sentence.right() <= width);
  CHECK(l.decision.bottom() <= height);
}
