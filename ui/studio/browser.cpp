#include "ui/studio/browser.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "data/base/text.h"

namespace rationale::ui {
namespace {

using Kind = InputEvent::Kind;

constexpr auto kTap = std::chrono::milliseconds(300);  // longer is a hold
constexpr long long kPage = 10;

void append_utf8(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

void remove_last_character(std::string& text) {
  while (!text.empty()) {
    const auto last = static_cast<unsigned char>(text.back());
    text.pop_back();
    if ((last & 0xC0U) != 0x80U) break;
  }
}

bool has_shortcut_modifier(const InputEvent& event) {
  return (event.modifiers & (GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER)) != 0;
}

}  // namespace

Browser::Browser(std::vector<std::string> cases, std::vector<std::string> classes,
                 std::vector<std::vector<float>> logits)
    : cases_(std::move(cases)), classes_(std::move(classes)), logits_(std::move(logits)) {
  // Begin with the strongest statement of all: its class, and within it its case.
  float highest = 0;
  bool is_first = true;
  for (std::size_t i = 0; i < logits_.size(); ++i) {
    for (std::size_t k = 0; k < logits_[i].size(); ++k) {
      if (!is_first && logits_[i][k] <= highest) continue;
      highest = logits_[i][k];
      case_ = i;
      class_ = k;
      is_first = false;
    }
  }
  list_anew();
}

void Browser::list_anew() {
  const std::string wanted = lower_case(searched_);
  listed_.clear();
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    if (lower_case(cases_[i]).find(wanted) != std::string::npos) listed_.push_back(i);
  }
  std::stable_sort(listed_.begin(), listed_.end(), [&](std::size_t a, std::size_t b) {
    return logits_[a][class_] > logits_[b][class_];
  });
}

void Browser::choose_class(std::size_t class_index) {
  class_ = class_index;
  list_anew();
}

bool Browser::choose_case(const std::string& name) {
  const auto found = std::find(cases_.begin(), cases_.end(), name);
  if (found == cases_.end()) return false;
  case_ = static_cast<std::size_t>(found - cases_.begin());
  return true;
}

bool Browser::choose_class(const std::string& name) {
  const auto found = std::find(classes_.begin(), classes_.end(), name);
  if (found == classes_.end()) return false;
  choose_class(static_cast<std::size_t>(found - classes_.begin()));
  return true;
}

std::size_t Browser::place_in_list() const {
  return static_cast<std::size_t>(std::find(listed_.begin(), listed_.end(), case_) -
                                  listed_.begin());
}

void Browser::change_opacity(int percent) {
  opacity_percent_ = std::clamp(opacity_percent_ + percent, 10, 100);
}

void Browser::move(long long steps) {
  if (listed_.empty()) return;
  const auto last = static_cast<long long>(listed_.size()) - 1;
  const std::size_t place = place_in_list();
  const long long to = place == listed_.size() ? 0 : static_cast<long long>(place) + steps;
  case_ = listed_[static_cast<std::size_t>(std::clamp(to, 0LL, last))];
}

void Browser::search_key(const InputEvent& event) {
  if (event.kind == Kind::kCharacter) {
    if (event.character >= 0x20) append_utf8(searched_, event.character);
  } else if (event.code == GLFW_KEY_BACKSPACE) {
    remove_last_character(searched_);
  } else if (event.code == GLFW_KEY_ESCAPE) {
    searched_.clear();
    is_searching_ = false;
  } else if (event.code == GLFW_KEY_ENTER || event.code == GLFW_KEY_KP_ENTER) {
    is_searching_ = false;
  } else {
    return;
  }
  list_anew();
  if (!listed_.empty() && place_in_list() == listed_.size()) case_ = listed_.front();
}

Browser::Answer Browser::arrow_key(const InputEvent& event) {
  const bool is_up = event.code == GLFW_KEY_UP, is_down = event.code == GLFW_KEY_DOWN;
  const bool is_left = event.code == GLFW_KEY_LEFT, is_right = event.code == GLFW_KEY_RIGHT;
  if ((event.modifiers & GLFW_MOD_SHIFT) != 0) {
    // Up is brighter, that is a lower level; right is a wider window.
    return {.wish = Wish::kWindow,
            .level_steps = is_up     ? -1.0
                           : is_down ? 1.0
                                     : 0.0,
            .width_steps = is_left    ? -2.0
                           : is_right ? 2.0
                                      : 0.0};
  }
  if (is_up) move(-1);
  if (is_down) move(1);
  if (is_left || is_right) {
    const std::size_t n = classes_.size();
    choose_class((class_ + (is_right ? 1 : n - 1)) % n);
  }
  return {};
}

void Browser::release_h(const InputEvent& event) {
  if (!is_hidden_while_held_) return;
  is_hidden_while_held_ = false;
  if (event.time - held_since_ < kTap) has_heatmap_ = false;
}

Browser::Answer Browser::handle(const InputEvent& event) {
  if (event.kind == Kind::kFocusLost) is_hidden_while_held_ = false;
  if (event.kind == Kind::kKeyUp && event.character == U'h') release_h(event);
  const bool is_press = event.kind == Kind::kKeyDown || event.kind == Kind::kKeyRepeat;
  if (!is_press && event.kind != Kind::kCharacter) return {};

  if (is_press) {
    switch (event.code) {
      case GLFW_KEY_UP:
      case GLFW_KEY_DOWN:
        return arrow_key(event);
      case GLFW_KEY_LEFT:
      case GLFW_KEY_RIGHT:
        if (!is_searching_) return arrow_key(event);
        break;
      case GLFW_KEY_PAGE_UP:
        move(-kPage);
        return {};
      case GLFW_KEY_PAGE_DOWN:
        move(kPage);
        return {};
      case GLFW_KEY_HOME:
        move(-static_cast<long long>(listed_.size()));
        return {};
      case GLFW_KEY_END:
        move(static_cast<long long>(listed_.size()));
        return {};
      default:
        break;
    }
  }
  if (is_searching_) {
    search_key(event);
    return {};
  }
  if (event.kind == Kind::kCharacter) {  // signs lie on other keys in other keyboard layouts
    if (event.character == U'/') is_searching_ = true;
    if (event.character == U'-' || event.character == U'−') change_opacity(-10);
    if (event.character == U'=' || event.character == U'+') change_opacity(10);
    if (event.character == U'0') return {.wish = Wish::kFit};
    return {};
  }
  if (event.kind != Kind::kKeyDown || has_shortcut_modifier(event)) return {};
  if (event.code == GLFW_KEY_ESCAPE && !searched_.empty()) {
    searched_.clear();
    list_anew();
  }
  switch (event.character) {
    case U'h':
      if (has_heatmap_) {
        is_hidden_while_held_ = true;  // a tap makes it stay so
        held_since_ = event.time;
      } else {
        has_heatmap_ = true;
      }
      break;
    case U'u':
      toggle_outline();
      break;
    case U'b':
      toggle_beside();
      break;
    case U's':
      toggle_own_scale();
      break;
    case U'c':
      return {.wish = Wish::kCopyText};
    default:
      break;
  }
  return {};
}

}  // namespace rationale::ui
