// Keys of the reading app: from what was pressed, and what was on the screen then, to what is wanted.
// Keeps only what is not an answer yet: focus, text being written, the first of two digits, a held H.
#pragma once

#include <optional>
#include <string>

#include "ui/reader/page.h"
#include "ui/widgets/input_ring.h"

namespace rationale::ui {

class ReaderInput {
 public:
  /// A key held longer than this is a hold: then its end takes back what its begin did.
  static constexpr std::chrono::milliseconds kTap{300};

  /// Keys and characters; other events only end what they end. @param page  what was shown
  void handle(const InputEvent& event, const ReadingPage& page, Intents& intents);

  /// A click moved the focus: the ring is not drawn.
  void focus_question(std::size_t index, const ReadingPage& page);
  void begin_comment(const ReadingPage& page);
  /// Ends writing; what was written becomes an intent.
  void leave_text(Intents& intents);
  /// A new case: nothing is focused, nothing is written.
  void reset();

  /// Writes focus and draft into a page that the session's view made.
  void apply_to(ReadingPage& page) const;

  bool is_writing() const { return draft_.has_value(); }

 private:
  enum class Place { kNone, kQuestion, kComment, kConfirm };

  void key_down(const InputEvent& event, const ReadingPage& page, Intents& intents);
  bool write(const InputEvent& event, Intents& intents);
  bool vas_key(const InputEvent& event, const ReadingPage& page, Intents& intents);
  bool option_key(const InputEvent& event, const ReadingPage& page, Intents& intents);
  bool flag_key(const InputEvent& event, const ReadingPage& page, Intents& intents);
  void fixed_key(const InputEvent& event, const ReadingPage& page, Intents& intents);
  void move_focus(int direction, const ReadingPage& page, Intents& intents);
  const QuestionView* focused(const ReadingPage& page) const;

  Place place_ = Place::kNone;
  std::size_t question_ = 0;  // Place::kQuestion: its index in the protocol
  bool is_ring_visible_ = false;
  std::optional<std::string> draft_;
  std::optional<int> first_digit_;
  bool is_holding_ = false;
  std::chrono::steady_clock::time_point held_since_{};
};

/// Text as it is typed, UTF-8.
void append_character(std::string& text, char32_t character);
void remove_last_character(std::string& text);

}  // namespace rationale::ui
