#include "ui/reader/desk_pages.h"

#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::ui;

namespace {

study::Arm arm(const std::string& id, std::vector<std::string> shows) {
  study::Arm one;
  one.id = id;
  one.shows = std::move(shows);
  return one;
}

}  // namespace

TEST_CASE("readers are told what every case shows and what some do, and no arm's name", "[reader]") {
  study::Protocol protocol;
  protocol.arms = {arm("plain", {"image"}), arm("bare", {"image"})};
  CHECK(ai_words(protocol).empty());

  protocol.arms = {arm("plain", {"image", "ai_score"}), arm("treated", {"image", "ai_score", "heatmap"})};
  CHECK(ai_words(protocol) ==
        "With every case you see an AI's score. With some cases, and not with others, you see a heatmap of what the "
        "AI goes by. Which ones was drawn by lot: it says nothing about the case.");

  protocol.arms = {arm("a", {"ai_label", "ai_score"}), arm("b", {"ai_label", "ai_score"})};
  CHECK(ai_words(protocol) == "With every case you see an AI's finding and an AI's score.");
}

TEST_CASE("the last page gives the receipt and what to send", "[reader]") {
  const WordsPage start{.small_title = "Reader r1", .title = "Before you read", .facts = {{"Study", "s"}}};
  const WordsPage end = end_page(start, {.receipt = "AB-12", .bundle = "/o/r1.rbundle", .n_confirmed = 1, .n_left = 4});
  CHECK(end.highlight == "AB-12");
  CHECK(end.paragraphs.at(0) == "1 reading is stored, 4 left. Above stands your receipt.");
  CHECK(end.paragraphs.at(2).find("/o/r1.rbundle") != std::string::npos);
  CHECK(end.facts.back() == std::pair<std::string, std::string>("Left", "4"));
  CHECK(end_page(start, {.receipt = "AB-12"}).paragraphs.at(2).empty());
  CHECK(ready_page(start).facts == start.facts);
  CHECK(break_page(start).second_key == "E");
  CHECK(fault_page("the disk is full", "make room").paragraphs == std::vector<std::string>{"the disk is full", "make room"});
}
