#include "ui/reader/input.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>

#include "study/session/answer.h"

namespace rationale::ui {
namespace {

using Kind = InputEvent::Kind;
using study::QuestionType;

bool has_shortcut_modifier(const InputEvent& event) {
  return (event.modifiers & (GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER)) != 0;
}

std::string utf8(char32_t character) {
  std::string text;
  append_character(text, character);
  return text;
}

/// What a key means: the letter it writes in the reader's layout; where that is no Latin letter, the
/// letter that stands there on a US keyboard.
bool means(const InputEvent& event, const std::string& key) {
  if (key.empty()) return false;
  std::string lower = key;
  if (lower.size() == 1 && lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] + 32);
  if (event.character != 0 && utf8(event.character) == lower) return true;
  if (event.character != 0 && event.character < 0x80) return false;
  if (lower.size() != 1) return false;
  const char c = lower[0];
  if (c >= 'a' && c <= 'z') return event.code == GLFW_KEY_A + (c - 'a');
  return c >= '0' && c <= '9' && event.code == GLFW_KEY_0 + (c - '0');
}

std::optional<int> digit_of(const InputEvent& event) {
  if (event.character >= U'0' && event.character <= U'9') return static_cast<int>(event.character - U'0');
  if (event.code >= GLFW_KEY_KP_0 && event.code <= GLFW_KEY_KP_9) return event.code - GLFW_KEY_KP_0;
  // On layouts where digits need shift, the row still means digits.
  if (event.code >= GLFW_KEY_0 && event.code <= GLFW_KEY_9) return event.code - GLFW_KEY_0;
  return std::nullopt;
}

bool is_enter(const InputEvent& event) {
  return event.code == GLFW_KEY_ENTER || event.code == GLFW_KEY_KP_ENTER;
}

bool is_answered(const QuestionView& q) {
  return std::any_of(q.options.begin(), q.options.end(), [](const OptionView& o) { return o.is_chosen; });
}

bool takes_text(const QuestionView& q) {
  return q.type == QuestionType::kNumber || q.type == QuestionType::kText;
}

bool is_modifier(int code) { return code >= GLFW_KEY_LEFT_SHIFT && code <= GLFW_KEY_RIGHT_SUPER; }

}  // namespace

void append_character(std::string& text, char32_t c) {
  const auto byte = [&](char32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

void remove_last_character(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
  if (!text.empty()) text.pop_back();
}

void ReaderInput::reset() { *this = ReaderInput{}; }

const QuestionView* ReaderInput::focused(const ReadingPage& page) const {
  if (place_ != Place::kQuestion) return nullptr;
  const auto found = std::find_if(page.questions.begin(), page.questions.end(),
                                  [&](const QuestionView& q) { return q.index == question_; });
  return found == page.questions.end() || found->is_frozen ? nullptr : &*found;
}

void ReaderInput::focus_question(std::size_t index, const ReadingPage& page) {
  place_ = Place::kQuestion;
  question_ = index;
  is_ring_visible_ = false;
  first_digit_.reset();
  draft_.reset();
  const QuestionView* q = focused(page);
  if (q != nullptr && takes_text(*q)) draft_ = q->written;
}

void ReaderInput::begin_comment(const ReadingPage& page) {
  if (!page.has_comments) return;
  place_ = Place::kComment;
  first_digit_.reset();
  draft_ = page.comment;
}

void ReaderInput::leave_text(Intents& intents) {
  if (!draft_) return;
  if (place_ == Place::kComment) {
    intents.push_back({.action = Action::kComment, .steps = 1, .text = *draft_});
  } else if (place_ == Place::kQuestion) {
    intents.push_back({.action = Action::kWrite, .index = question_, .text = *draft_});
  }
  draft_.reset();
  place_ = Place::kNone;
}

void ReaderInput::apply_to(ReadingPage& page) const {
  page.is_focus_visible = is_ring_visible_;
  page.is_confirm_focused = place_ == Place::kConfirm;
  page.is_commenting = place_ == Place::kComment && draft_;
  if (page.is_commenting) page.comment = *draft_;
  for (QuestionView& q : page.questions) {
    q.is_focused = place_ == Place::kQuestion && q.index == question_ && !q.is_frozen;
    q.is_writing = q.is_focused && draft_ && takes_text(q);
    if (q.is_writing) q.written = *draft_;
  }
}

void ReaderInput::handle(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  switch (event.kind) {
    case Kind::kKeyUp:
      if (is_holding_ && means(event, "h")) {
        is_holding_ = false;
        if (event.time - held_since_ >= kTap) {
          intents.push_back({.action = Action::kHeatmap, .steps = 1});
        }
      }
      break;
    case Kind::kFocusLost:
      // The key's end will not come: what was hidden while held is shown again.
      if (is_holding_) intents.push_back({.action = Action::kHeatmap, .steps = 1});
      is_holding_ = false;
      first_digit_.reset();
      leave_text(intents);
      break;
    case Kind::kCharacter:
      if (draft_ && event.character >= 0x20 && event.character != 0x7F &&
          draft_->size() + 4 <= study::kLongestText) {
        append_character(*draft_, event.character);
      }
      break;
    case Kind::kKeyRepeat:
      if (draft_ && event.code == GLFW_KEY_BACKSPACE) remove_last_character(*draft_);
      break;
    case Kind::kKeyDown:
      key_down(event, page, intents);
      break;
    default:
      break;
  }
}

void ReaderInput::key_down(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  if (is_modifier(event.code)) return;
  if (page.cover != Cover::kNone) {
    const bool is_own = (page.cover == Cover::kPause && means(event, "p")) ||
                        (page.cover == Cover::kHelp &&
                         (event.code == GLFW_KEY_F1 || event.code == GLFW_KEY_ESCAPE));
    if (page.cover == Cover::kFault) {
      if (is_enter(event)) intents.push_back({.action = Action::kTryAgain});
    } else if (is_own || (is_enter(event) && page.cover != Cover::kHelp)) {
      intents.push_back({.action = Action::kGoOn});
    }
    return;
  }
  if (event.code == GLFW_KEY_F1) {
    leave_text(intents);
    intents.push_back({.action = Action::kHelp});
    return;
  }
  if (event.code == GLFW_KEY_TAB) {
    move_focus((event.modifiers & GLFW_MOD_SHIFT) != 0 ? -1 : 1, page, intents);
    return;
  }
  if (write(event, intents)) return;
  if (has_shortcut_modifier(event)) return;
  if (vas_key(event, page, intents)) return;
  first_digit_.reset();
  if (option_key(event, page, intents) || flag_key(event, page, intents)) return;
  fixed_key(event, page, intents);
}

bool ReaderInput::write(const InputEvent& event, Intents& intents) {
  if (!draft_) return false;
  if (event.code == GLFW_KEY_BACKSPACE) {
    remove_last_character(*draft_);
  } else if (event.code == GLFW_KEY_ESCAPE || is_enter(event)) {
    leave_text(intents);
  }
  return true;
}

bool ReaderInput::vas_key(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  const QuestionView* q = focused(page);
  if (q == nullptr || q->type != QuestionType::kVas) return false;
  if (const std::optional<int> digit = digit_of(event)) {
    if (!first_digit_) {
      first_digit_ = digit;
    } else {
      intents.push_back({.action = Action::kPlace,
                         .index = q->index,
                         .ppm = (*first_digit_ * 10 + *digit) * 10000});
      first_digit_.reset();
    }
    return true;
  }
  const bool is_left = event.code == GLFW_KEY_LEFT, is_right = event.code == GLFW_KEY_RIGHT;
  if ((is_left || is_right) && (event.modifiers & GLFW_MOD_SHIFT) == 0) {
    // An empty line has no place to move from.
    if (q->ppm) {
      intents.push_back(
          {.action = Action::kPlace,
           .index = q->index,
           .ppm = std::clamp<std::int64_t>(*q->ppm + (is_right ? 10000 : -10000), 0, 1000000)});
    }
    return true;
  }
  return false;
}

bool ReaderInput::option_key(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  // A key that several questions have goes to the one in focus, else to the first open one.
  std::optional<Intent> found;
  int best = -1;
  for (const QuestionView& q : page.questions) {
    if (q.is_frozen) continue;
    for (std::size_t i = 0; i < q.options.size(); ++i) {
      if (!means(event, q.options[i].key)) continue;
      const int rank = q.is_focused ? 3 : (!is_answered(q) ? 2 : 1);
      if (rank > best) {
        best = rank;
        found = Intent{.action = Action::kChoose, .index = q.index, .option = i};
      }
    }
  }
  if (!found) return false;
  intents.push_back(*found);
  return true;
}

bool ReaderInput::flag_key(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  for (std::size_t i = 0; i < page.flags.size(); ++i) {
    if (!means(event, page.flags[i].key)) continue;
    intents.push_back({.action = Action::kFlag, .index = i});
    return true;
  }
  return false;
}

void ReaderInput::fixed_key(const InputEvent& event, const ReadingPage& page, Intents& intents) {
  const auto want = [&](Action action, int steps = 0) {
    intents.push_back({.action = action, .steps = steps});
  };
  const bool is_shift = (event.modifiers & GLFW_MOD_SHIFT) != 0;
  const AiView& ai = page.ai;
  if (is_enter(event)) {
    // Closed: nothing happens, and the line above Confirm says why.
    if (page.still_open.empty()) want(Action::kConfirm);
  } else if (is_shift && event.code >= GLFW_KEY_RIGHT && event.code <= GLFW_KEY_UP) {
    intents.push_back({.action = Action::kWindow, .index = static_cast<std::size_t>(event.code)});
  } else if (event.code == GLFW_KEY_PAGE_DOWN || event.code == GLFW_KEY_PAGE_UP) {
    if (page.n_films > 1) want(Action::kNextFilm, event.code == GLFW_KEY_PAGE_DOWN ? 1 : -1);
  } else if (event.code == GLFW_KEY_ESCAPE) {
    place_ = Place::kNone;
  } else if (means(event, "z")) {
    want(Action::kUndo);
  } else if (means(event, "p")) {
    want(Action::kPause);
  } else if (means(event, "n")) {
    begin_comment(page);
  } else if (means(event, "i")) {
    want(Action::kInvert);
  } else if (means(event, "0") || event.code == GLFW_KEY_KP_0) {
    want(Action::kResetView);
  } else if (ai.has_heatmap && ai.has_toggle && means(event, "h")) {
    want(Action::kHeatmap, ai.is_on ? 0 : 1);
    is_holding_ = ai.is_on;
    held_since_ = event.time;
  } else if (ai.has_heatmap && means(event, "u")) {
    want(Action::kOutline);
  } else if (ai.has_heatmap && means(event, "b")) {
    want(Action::kBeside);
  } else if (ai.has_heatmap && ai.is_opacity_adjustable) {
    if (event.code == GLFW_KEY_MINUS || event.character == U'-' || event.code == GLFW_KEY_KP_SUBTRACT) {
      want(Action::kOpacity, -1);
    } else if (event.code == GLFW_KEY_EQUAL || event.character == U'=' || event.character == U'+' ||
               event.code == GLFW_KEY_KP_ADD) {
      want(Action::kOpacity, 1);
    }
  }
}

void ReaderInput::move_focus(int direction, const ReadingPage& page, Intents& intents) {
  struct Stop {
    Place place;
    std::size_t question;
  };
  std::vector<Stop> stops;
  std::size_t at = 0, first = 0;
  bool is_in_stops = false, has_first = false;
  for (const QuestionView& q : page.questions) {
    if (q.is_frozen) continue;
    if (place_ == Place::kQuestion && question_ == q.index) {
      at = stops.size();
      is_in_stops = true;
    }
    // From nowhere, Tab goes to what has no keys of its own.
    if (!has_first && q.options.empty()) {
      first = stops.size();
      has_first = true;
    }
    stops.push_back({Place::kQuestion, q.index});
  }
  for (const Place place : {Place::kComment, Place::kConfirm}) {
    if (place == Place::kComment && !page.has_comments) continue;
    if (place_ == place) {
      at = stops.size();
      is_in_stops = true;
    }
    stops.push_back({place, 0});
  }
  leave_text(intents);
  const std::size_t n = stops.size();
  const std::size_t to = !is_in_stops ? (direction > 0 ? first : n - 1) : (at + (direction > 0 ? 1 : n - 1)) % n;
  first_digit_.reset();
  switch (stops[to].place) {
    case Place::kQuestion:
      focus_question(stops[to].question, page);
      break;
    case Place::kComment:
      begin_comment(page);
      break;
    default:
      place_ = Place::kConfirm;
      break;
  }
  is_ring_visible_ = true;
}

}  // namespace rationale::ui
