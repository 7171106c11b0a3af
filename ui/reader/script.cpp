#include "ui/reader/script.h"

#define GLFW_INCLUDE_NONE
#include <fmt/format.h>

#include <GLFW/glfw3.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::ui {
namespace {

using Kind = InputEvent::Kind;
using json = nlohmann::json;

constexpr std::chrono::minutes kLongestWait{2};

constexpr std::pair<std::string_view, int> kNamedKeys[] = {
    {"enter", GLFW_KEY_ENTER},   {"escape", GLFW_KEY_ESCAPE},       {"esc", GLFW_KEY_ESCAPE},
    {"tab", GLFW_KEY_TAB},       {"backspace", GLFW_KEY_BACKSPACE}, {"space", GLFW_KEY_SPACE},
    {"left", GLFW_KEY_LEFT},     {"right", GLFW_KEY_RIGHT},         {"up", GLFW_KEY_UP},
    {"down", GLFW_KEY_DOWN},     {"pageup", GLFW_KEY_PAGE_UP},      {"pagedown", GLFW_KEY_PAGE_DOWN},
    {"f1", GLFW_KEY_F1},
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::vector<char32_t> characters_of(const std::string& text) {
  std::vector<char32_t> characters;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t n = lead < 0x80 ? 1 : (lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4));
    char32_t c = n == 1 ? lead : lead & (0x7FU >> n);
    for (std::size_t k = 1; k < n && i + k < text.size(); ++k) {
      c = (c << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    characters.push_back(c);
    i += n;
  }
  return characters;
}

int code_of(char32_t c) {
  if (c >= U'a' && c <= U'z') return GLFW_KEY_A + static_cast<int>(c - U'a');
  if (c >= U'A' && c <= U'Z') return GLFW_KEY_A + static_cast<int>(c - U'A');
  // GLFW numbers these keys as ASCII does.
  constexpr std::u32string_view kSame = U"0123456789 '-=,./;[]\\`";
  return kSame.find(c) == std::u32string_view::npos ? GLFW_KEY_UNKNOWN : static_cast<int>(c);
}

char32_t lower(char32_t c) { return c >= U'A' && c <= U'Z' ? c + 32 : c; }

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(Error::Kind::kInput, what, where,
              R"(a line is one object, such as {"after": "case:1", "key": "f"})")
      .with_code("bad_script");
}

void read_key(ScriptLine& line, std::string name, const std::string& where) {
  for (const auto& [prefix, modifier] :
       {std::pair{"shift+", GLFW_MOD_SHIFT}, std::pair{"control+", GLFW_MOD_CONTROL}}) {
    if (lower(name).rfind(prefix, 0) == 0) {
      line.modifiers |= modifier;
      name.erase(0, std::string(prefix).size());
    }
  }
  const std::string wanted = lower(name);
  for (const auto& [known, code] : kNamedKeys) {
    if (wanted == known) {
      line.key = code;
      return;
    }
  }
  const std::vector<char32_t> characters = characters_of(name);
  if (characters.size() != 1) refuse("no key is called \"" + name + "\"", where);
  line.key_character = lower(characters[0]);
  line.key = code_of(characters[0]);
}

void read_wait(ScriptLine& line, const std::string& after, const std::string& where) {
  if (after == "shown") {
    line.after = ScriptLine::After::kShown;
  } else if (after == "saved") {
    line.after = ScriptLine::After::kSaved;
  } else if (after.rfind("case:", 0) == 0 && after.size() > 5 && after.size() < 12 &&
             after.find_first_not_of("0123456789", 5) == std::string::npos) {
    line.after = ScriptLine::After::kCase;
    line.position = std::stoi(after.substr(5));
  } else {
    refuse("\"after\" is shown, saved or case:N, not \"" + after + "\"", where);
  }
}

ScriptLine read_line(const std::string& text, int number, const std::string& where) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) refuse("this line is no JSON object", where);
  ScriptLine line;
  line.number = number;
  try {
    for (const auto& [name, value] : object.items()) {
      if (name == "at_ms") {
        line.at_ms = value.get<std::int64_t>();
      } else if (name == "after") {
        read_wait(line, value.get<std::string>(), where);
      } else if (name == "key") {
        read_key(line, value.get<std::string>(), where);
      } else if (name == "char") {
        line.text = value.get<std::string>();
      } else if (name == "click") {
        line.click = value.get<std::vector<float>>();
        if (line.click.size() != 2) refuse("\"click\" has two numbers", where);
      } else if (name == "drag") {
        line.drag = value.get<std::vector<float>>();
        if (line.drag.size() != 4) refuse("\"drag\" has four numbers", where);
      } else if (name == "button") {
        line.is_right_button = value.get<std::string>() == "right";
      } else if (name == "wheel") {
        line.wheel = value.get<float>();
      } else if (name == "hold_ms") {
        line.hold_ms = value.get<std::int64_t>();
        if (line.hold_ms < 0 || line.hold_ms > 600000) refuse("\"hold_ms\" is 0 to 600000", where);
      } else if (name == "screenshot") {
        line.screenshot = value.get<std::string>();
        if (line.screenshot.empty() || line.screenshot.find('/') != std::string::npos) {
          refuse("\"screenshot\" is a name without folder", where);
        }
      } else if (name == "focus") {
        line.focus = value.get<std::string>();
      } else if (name == "display_check") {
        line.passes_check = value.get<std::string>() == "pass";
      } else {
        refuse("a script line has no \"" + name + "\"", where);
      }
    }
  } catch (const json::exception&) {
    refuse("a value of this line has the wrong type", where);
  }
  return line;
}

InputEvent key_event(Kind kind, const ScriptLine& line) {
  InputEvent event;
  event.kind = kind;
  event.code = line.key;
  event.modifiers = line.modifiers;
  event.character = line.key_character;
  return event;
}

InputEvent pointer_event(Kind kind, float x, float y, bool is_right) {
  InputEvent event;
  event.kind = kind;
  event.code = is_right ? GLFW_MOUSE_BUTTON_RIGHT : GLFW_MOUSE_BUTTON_LEFT;
  event.x = x;
  event.y = y;
  return event;
}

}  // namespace

std::vector<ScriptLine> parse_script(std::string_view text, const std::string& where) {
  std::vector<ScriptLine> lines;
  int number = 0, section = 0;
  bool has_confirmed = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string one(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (one.find_first_not_of(" \t\r") == std::string::npos) continue;
    ScriptLine line = read_line(one, number, fmt::format("{}:{}", where, number));
    if (line.after == ScriptLine::After::kCase) {
      section = line.position;
      has_confirmed = false;
    } else if (line.after == ScriptLine::After::kShown && (section == 0 || has_confirmed)) {
      ++section;
      has_confirmed = false;
    }
    line.section = section;
    has_confirmed = has_confirmed || line.key == GLFW_KEY_ENTER;
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<ScriptLine> read_script(const std::filesystem::path& path) {
  return parse_script(read_file(path), path.string());
}

ScriptPlayer::ScriptPlayer(std::vector<ScriptLine> lines, const std::function<bool(int)>& is_confirmed)
    : lines_(std::move(lines)) {
  std::erase_if(lines_, [&](const ScriptLine& line) { return line.section > 0 && is_confirmed(line.section); });
}

bool ScriptPlayer::is_due(const ScriptLine& line, const ScriptState& state) const {
  using After = ScriptLine::After;
  if (line.at_ms && state.now < *began_ + std::chrono::milliseconds(*line.at_ms)) return false;
  if (line.passes_check && !state.is_check && !state.is_check_done && !state.is_check_over) return false;
  if (!line.screenshot.empty() && !state.is_saved) return false;
  switch (line.after) {
    case After::kShown:
      return state.is_case_shown;
    case After::kSaved:
      return state.is_saved;
    case After::kCase:
      return state.is_case_shown && state.position == line.position;
    default:
      return true;
  }
}

std::optional<std::string> ScriptPlayer::play(const ScriptState& state, InputRing& ring, float scale) {
  if (!began_) began_ = state.now;
  if (release_) {
    if (state.now < release_at_) return std::nullopt;
    ring.push(*release_);
    release_.reset();
    return std::nullopt;
  }
  // One line at a time, and only into an empty ring: what a line waits for is what the last one did.
  if (next_ == lines_.size() || !ring.is_empty()) return std::nullopt;
  const ScriptLine& line = lines_[next_];
  if (!is_due(line, state)) {
    if (!waits_since_) waits_since_ = state.now;
    if (!line.at_ms && state.now - *waits_since_ > kLongestWait) {
      throw Error(Error::Kind::kInput, "the script's line has waited for two minutes for what does not come",
                  fmt::format("line {}", line.number), "look at its \"after\", and what the line before does")
          .with_code("script_stuck");
    }
    return std::nullopt;
  }
  waits_since_.reset();
  if (line.passes_check && !state.is_check_over) {
    InputEvent event;
    event.kind = Kind::kKeyDown;
    event.code = state.is_check_done ? GLFW_KEY_ENTER : state.is_right ? GLFW_KEY_RIGHT : GLFW_KEY_LEFT;
    ring.push(event);
    event.kind = Kind::kKeyUp;
    ring.push(event);
    return std::nullopt;  // again for the next patch: the line is over when the page is
  }
  act(line, state, ring, scale);
  const std::string name = line.screenshot;
  ++next_;
  return name.empty() ? std::nullopt : std::optional(name);
}

void ScriptPlayer::act(const ScriptLine& line, const ScriptState& state, InputRing& ring, float scale) {
  const auto hold = [&](const InputEvent& down, const InputEvent& up) {
    ring.push(down);
    if (line.hold_ms == 0) {
      ring.push(up);
    } else {
      release_ = up;
      release_at_ = state.now + std::chrono::milliseconds(line.hold_ms);
    }
  };
  if (line.key != 0) hold(key_event(Kind::kKeyDown, line), key_event(Kind::kKeyUp, line));
  for (const char32_t c : characters_of(line.text)) {
    ScriptLine key;
    key.key = code_of(c);
    key.key_character = lower(c);
    ring.push(key_event(Kind::kKeyDown, key));
    InputEvent typed;
    typed.kind = Kind::kCharacter;
    typed.character = c;
    ring.push(typed);
    ring.push(key_event(Kind::kKeyUp, key));
  }
  const bool is_right = line.is_right_button;
  if (!line.click.empty()) {
    const float x = line.click[0] * scale, y = line.click[1] * scale;
    ring.push(pointer_event(Kind::kMove, x, y, is_right));
    hold(pointer_event(Kind::kButtonDown, x, y, is_right), pointer_event(Kind::kButtonUp, x, y, is_right));
  }
  if (!line.drag.empty()) {
    const float x0 = line.drag[0] * scale, y0 = line.drag[1] * scale;
    const float x1 = line.drag[2] * scale, y1 = line.drag[3] * scale;
    ring.push(pointer_event(Kind::kMove, x0, y0, is_right));
    ring.push(pointer_event(Kind::kButtonDown, x0, y0, is_right));
    ring.push(pointer_event(Kind::kMove, x1, y1, is_right));
    ring.push(pointer_event(Kind::kButtonUp, x1, y1, is_right));
  }
  if (line.wheel != 0) {
    // Without a click the wheel turns over the middle of where the film lies at 1600 x 1000.
    const float x = line.click.empty() ? 590 * scale : line.click[0] * scale;
    const float y = line.click.empty() ? 500 * scale : line.click[1] * scale;
    InputEvent event = pointer_event(Kind::kWheel, x, y, false);
    event.code = 0;
    event.wheel = line.wheel;
    ring.push(event);
  }
  if (!line.focus.empty()) {
    InputEvent event;
    event.kind = line.focus == "lost" ? Kind::kFocusLost : Kind::kFocusGained;
    ring.push(event);
  }
}

}  // namespace rationale::ui
