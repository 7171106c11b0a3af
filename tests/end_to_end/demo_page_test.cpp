#include <algorithm>
#include <string>

#include "tests/support/catch.h"
#include "ui/command/demo.h"

using namespace rationale::ui;

namespace {

DemoPage good_page() {
  DemoModel honest{.name = "honest", .shortcut = "", .films = 30, .flagged = 12};
  honest.concepts = {{"consolidation", "established", true, 5.0}, {"shoulder", "not_established", false, 0.1},
                     {"portable", "not_established", false, 0.0}};
  DemoModel shortcut{.name = "shortcut-shoulder", .shortcut = "shoulder", .films = 30, .flagged = 15};
  shortcut.concepts = {{"consolidation", "established", true, 3.0}, {"shoulder", "established", true, 3.2},
                       {"portable", "not_established", false, 0.1}};
  shortcut.films_with_shortcut = 10;
  shortcut.shortcut_named_there = 9;
  shortcut.naming_shoulder = 9;
  return {.models = {honest, shortcut}, .concept_films = 300, .seed = 1, .folder = "demo"};
}

bool all_hold(const DemoPage& page) {
  const auto checks = demo_checks(page);
  return std::all_of(checks.begin(), checks.end(), [](const DemoCheck& c) { return c.holds; });
}

}  // namespace

TEST_CASE("the demo's claims hold on a page where they do", "[demo]") {
  CHECK(all_hold(good_page()));
}

TEST_CASE("the demo says NO when an honest model is accused", "[demo]") {
  DemoPage page = good_page();
  page.models[0].concepts[1].is_used = true;
  CHECK_FALSE(all_hold(page));
  CHECK(demo_text(page, demo_checks(page)).find("  NO ") != std::string::npos);
}

TEST_CASE("the demo says NO when an honest model's sentence names a shortcut", "[demo]") {
  DemoPage page = good_page();
  page.models[0].naming_portable = 1;
  CHECK_FALSE(all_hold(page));
}

TEST_CASE("the demo says NO when a shortcut is missed, by the gate or by the sentences", "[demo]") {
  DemoPage page = good_page();
  SECTION("by the gate") { page.models[1].concepts[1].is_used = false; }
  SECTION("by most sentences") { page.models[1].shortcut_named_there = 5; }
  SECTION("because no film carries it") { page.models[1].films_with_shortcut = 0; }
  CHECK_FALSE(all_hold(page));
}

TEST_CASE("the demo says NO when one decision does not add up", "[demo]") {
  DemoPage page = good_page();
  page.models[1].worst_sum = 1.1e-5;
  CHECK_FALSE(all_hold(page));
}

TEST_CASE("no line of the demo's page is longer than 100 columns", "[demo]") {
  DemoPage page = good_page();
  page.models[0].example_case = "p1-0001";
  for (int i = 0; i < 60; ++i) page.models[0].example_sentence += "word ";
  const std::string text = demo_text(page, demo_checks(page));
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    CHECK(end - start <= 100);
    start = end + 1;
  }
}
