// What the reading app shows, as plain values, and what a reader can want of it. Panels draw the first and
// report the second; neither knows the session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/protocol/protocol.h"

namespace rationale::ui {

/// What a key or a click asks for. Whether it happens is for the session to say.
enum class Action {
  kChoose,        ///< option `option` of question `index`
  kPlace,         ///< position `ppm` on the line of question `index`
  kWrite,         ///< `text` is the answer to question `index`
  kMark,          ///< a mark on film `option` at (x_milli, y_milli) thousandths of a pixel; `steps` -1: take
                  ///< the one with event number `ppm` away
  kNothingToMark,
  kFocus,         ///< input goes to question `index`
  kConfirm,
  kUndo,
  kFlag,          ///< flag `index` of the page
  kComment,       ///< `steps` 0: begin to write; 1: `text` is the comment
  kHeatmap,       ///< `steps` 1: show it, 0: hide it
  kOutline,
  kBeside,
  kOpacity,       ///< `steps` of 5 % up (or down)
  kWindow,        ///< `index`: the arrow key that changes it, as GLFW numbers it
  kInvert,        ///< swaps black and white
  kResetView,
  kNextFilm,      ///< `steps` 1: the next one, -1: the last one
  kPause,
  kHelp,
  kGoOn,          ///< from a cover or a page without question
  kBreak,         ///< the second way on: end for now
  kSide,          ///< half-moon: `index` 0 left, 1 right
  kTryAgain,
};

struct Intent {
  Action action = Action::kGoOn;
  std::size_t index = 0;
  std::size_t option = 0;
  std::int64_t ppm = 0;
  int steps = 0;
  std::int64_t x_milli = 0, y_milli = 0;
  std::string text = {};
  bool operator==(const Intent&) const = default;
};
using Intents = std::vector<Intent>;

struct OptionView {
  std::string key;  ///< what stands on its key cap
  std::string label;
  bool is_chosen = false;
};

struct QuestionView {
  std::size_t index = 0;  ///< in the protocol
  int number = 1;         ///< as shown
  std::string text;
  study::QuestionType type = study::QuestionType::kBinary;
  std::vector<OptionView> options;
  std::optional<std::int64_t> ppm;     ///< vas: none until the reader placed it
  std::string left_word, right_word;   ///< vas
  std::string written;                 ///< number, text
  std::string unit;
  bool is_writing = false;             ///< keys write into it
  int n_marks = 0, most_marks = 0;
  bool has_no_marks = false;           ///< marks: "nothing to mark" was said
  bool is_focused = false;             ///< keys go to it
  bool is_frozen = false;              ///< answered in an earlier step; shown, not open
};

struct FlagView {
  std::string key, label;
  bool is_on = false;
};

/// What the AI card holds. Nothing in it: the arm without AI.
struct AiView {
  std::string finding;                ///< empty: not shown
  std::optional<double> score, threshold;
  bool has_heatmap = false;
  double scale = 1;                   ///< of the brightest colour, in units of the map
  std::string map_meaning;            ///< of a cell's value (data/image/map_meaning.h)
  bool has_toggle = true, is_opacity_adjustable = true;
  bool is_on = true, has_outline = false, is_beside = false;
  int opacity_percent = 40;
  bool is_waiting = false;            ///< shown only after the first answer

  bool shows_any() const { return !finding.empty() || score || has_heatmap; }
};

/// What lies over film and AI card.
enum class Cover { kNone, kPause, kHelp, kFocus, kAway, kFault };

struct ReadingPage {
  std::string code;
  int position = 1, n_readings = 1;
  study::ProgressStyle progress = study::ProgressStyle::kCount;
  AiView ai;
  std::vector<QuestionView> questions;
  std::vector<FlagView> flags;        ///< not assessable and seen before first, then the protocol's
  std::string comment;
  bool has_comments = true, is_commenting = false;
  std::string still_open;             ///< why Confirm is closed; empty: it is open
  bool is_confirm_focused = false;
  bool can_undo = false;
  Cover cover = Cover::kNone;
  std::string fault, fault_remedy;    ///< Cover::kFault
  std::size_t film = 0, n_films = 1;
  float scroll = 0;                   ///< of the questions, logical pixels
  bool is_focus_visible = false;      ///< after a key, not after a click
};

/// A page without a case: its words, and what goes on from it.
struct WordsPage {
  std::string small_title, title;
  std::vector<std::pair<std::string, std::string>> facts;  ///< label, value
  std::string highlight;            ///< large, above the paragraphs: the receipt
  std::vector<std::string> paragraphs;
  std::string note;                   ///< above the button
  std::string button;                 ///< on Enter; empty: none
  std::string second_key, second_label;
};

struct CheckPage {
  struct Patch {
    int level = 0, other = 0;         ///< 0-255: ground and half-moon
    bool is_right = false;
    std::optional<bool> answered_right;
  };
  struct Fact {
    std::string label, value;
    bool is_met = true;
  };
  std::vector<Patch> patches;
  std::vector<Fact> facts;
  std::size_t current = 0;
  int needed = 16;
  bool is_done() const { return current >= patches.size(); }
  int n_right() const;
};

}  // namespace rationale::ui
