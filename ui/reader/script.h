// A script of input, played through the ring that the keyboard fills.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/widgets/input_ring.h"

namespace rationale::ui {

/// One line of a script. Waits, then acts; a line without an action only waits.
struct ScriptLine {
  enum class After { kNothing, kShown, kSaved, kCase };

  int number = 0;                     ///< in the file, from 1
  std::optional<std::int64_t> at_ms;  ///< since the first frame
  After after = After::kNothing;
  int position = 0;                   ///< After::kCase
  int section = 0;                    ///< the case it belongs to; 0: before the first
  int key = 0, modifiers = 0;         ///< GLFW's numbers
  char32_t key_character = 0;
  std::string text;                   ///< typed character by character
  std::vector<float> click, drag;     ///< logical pixels
  bool is_right_button = false;
  float wheel = 0;
  std::int64_t hold_ms = 0;
  std::string screenshot;
  std::string focus;                  ///< "lost" or "gained"
  bool passes_check = false;          ///< answers the display check as it is, if it is due, and leaves its page
};

/// JSON Lines; empty lines are left out. A case's lines begin with its wait for "case:N", or with a wait for
/// "shown" after the last case's Enter.
/// @throws Error (kInput, "bad_script") with file and line
std::vector<ScriptLine> read_script(const std::filesystem::path& path);
std::vector<ScriptLine> parse_script(std::string_view text, const std::string& where);

/// What a script waits for.
struct ScriptState {
  std::chrono::steady_clock::time_point now{};
  bool is_case_shown = false;  ///< a case's first frame was presented, and nothing covers it
  int position = 0;            ///< of that case
  bool is_saved = false;       ///< all input so far was taken in and what it led to is stored
  bool is_check = false;       ///< the display check asks for a side
  bool is_check_done = false;  ///< all sides were told, and its page waits for Enter
  bool is_check_over = false;  ///< its page is behind us, or was never due
  bool is_right = false;       ///< where the half-moon of the current patch is
};

class ScriptPlayer {
 public:
  /// @param is_confirmed  whether the case at a position was confirmed in an earlier session: its lines are
  ///   left out
  ScriptPlayer(std::vector<ScriptLine> lines, const std::function<bool(int)>& is_confirmed);

  /// Does what is due. @param scale  window units a logical pixel
  /// @return  the name of a screenshot that is to be taken before the next call
  /// @throws Error (kInput, "script_stuck") if a line has waited for two minutes
  std::optional<std::string> play(const ScriptState& state, InputRing& ring, float scale);

  bool is_done() const { return next_ == lines_.size() && !release_; }

 private:
  bool is_due(const ScriptLine& line, const ScriptState& state) const;
  void act(const ScriptLine& line, const ScriptState& state, InputRing& ring, float scale);

  std::vector<ScriptLine> lines_;
  std::size_t next_ = 0;
  std::optional<std::chrono::steady_clock::time_point> began_, waits_since_;
  std::optional<InputEvent> release_;  // of a held key or button
  std::chrono::steady_clock::time_point release_at_{};
};

}  // namespace rationale::ui
