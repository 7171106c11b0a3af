#include "ui/reader/desk_pages.h"

#include <fmt/format.h>

#include <algorithm>

namespace rationale::ui {

std::string ai_words(const study::Protocol& protocol) {
  std::vector<std::string> always, sometimes;
  for (const auto& [what, name] : {std::pair{"ai_label", "an AI's finding"},
                                   {"ai_score", "an AI's score"},
                                   {"heatmap", "a heatmap of what the AI goes by"}}) {
    const auto n = std::count_if(protocol.arms.begin(), protocol.arms.end(),
                                 [&, what = what](const study::Arm& arm) { return arm.shows_what(what); });
    if (n == 0) continue;
    (n == static_cast<std::ptrdiff_t>(protocol.arms.size()) ? always : sometimes).emplace_back(name);
  }
  std::string words;
  if (!always.empty()) words += fmt::format("With every case you see {}. ", fmt::join(always, " and "));
  if (!sometimes.empty()) {
    words += fmt::format("With some cases, and not with others, you see {}. Which ones was drawn by lot: it says "
                         "nothing about the case. ",
                         fmt::join(sometimes, " and "));
  }
  if (!words.empty()) words.pop_back();
  return words;
}

WordsPage ready_page(const WordsPage& start) {
  return {.small_title = start.small_title,
          .title = "Ready",
          .facts = start.facts,
          .paragraphs = {"The next Enter opens the first case; from then on its reading time counts.",
                         "P pauses and covers the film. F1 shows all keys."},
          .note = "The film is next.",
          .button = "Open the first case"};
}

WordsPage break_page(const WordsPage& start) {
  return {.small_title = start.small_title,
          .title = "A break?",
          .facts = start.facts,
          .paragraphs = {"No case is open and no time counts. Look away from the screen for a while.",
                         "You can also end here and go on another day: everything is stored."},
          .note = "No case is open.",
          .button = "Open the next case",
          .second_key = "E",
          .second_label = "End for now"};
}

WordsPage end_page(const WordsPage& start, const SessionDoor::Ending& ending) {
  return {.small_title = start.small_title,
          .title = "Session closed",
          .facts = {{"Receipt", ending.receipt},
                    {"Stored", std::to_string(ending.n_confirmed)},
                    {"Left", std::to_string(ending.n_left)}},
          .highlight = ending.receipt,
          .paragraphs = {fmt::format("{} reading{} stored, {} left. Above stands your receipt.", ending.n_confirmed,
                                     ending.n_confirmed == 1 ? " is" : "s are", ending.n_left),
                         "Note it down: it proves later that what was stored is what you read.",
                         ending.bundle.empty() ? "" : "To be sent to the coordinator:\n" + ending.bundle},
          .note = "Nothing is open.",
          .button = "Close the window"};
}

WordsPage fault_page(const std::string& what, const std::string& remedy) {
  return {.small_title = "Rationale",
          .title = "This could not be stored",
          .paragraphs = {what, remedy},
          .note = "All that was stored before is safe.",
          .button = "Try again"};
}

}  // namespace rationale::ui
