#include "ui/widgets/input_ring.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

namespace rationale::ui {
namespace {

/// GLFW names a printable key by the UTF-8 of what it writes; the first character of that.
char32_t first_character(const char* utf8) {
  if (utf8 == nullptr) return 0;
  const auto byte = [&](int i) { return static_cast<unsigned char>(utf8[i]); };
  if (byte(0) < 0x80) {
    const char32_t c = byte(0);
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }
  if (byte(0) >= 0xC0 && byte(0) < 0xE0) return ((byte(0) & 0x1FU) << 6) | (byte(1) & 0x3FU);
  return 0;
}

InputRing& ring_of(GLFWwindow* window) {
  return *static_cast<InputRing*>(glfwGetWindowUserPointer(window));
}

InputEvent event_now(GLFWwindow* window, InputEvent::Kind kind) {
  InputEvent event;
  event.kind = kind;
  event.time = std::chrono::steady_clock::now();
  double x = 0, y = 0;
  glfwGetCursorPos(window, &x, &y);
  event.x = static_cast<float>(x);
  event.y = static_cast<float>(y);
  return event;
}

void on_key(GLFWwindow* window, int key, int scancode, int action, int modifiers) {
  const auto kind = action == GLFW_PRESS    ? InputEvent::Kind::kKeyDown
                    : action == GLFW_REPEAT ? InputEvent::Kind::kKeyRepeat
                                            : InputEvent::Kind::kKeyUp;
  InputEvent event = event_now(window, kind);
  event.code = key;
  event.modifiers = modifiers;
  event.character = first_character(glfwGetKeyName(key, scancode));
  ring_of(window).push(event);
}

void on_character(GLFWwindow* window, unsigned int character) {
  InputEvent event = event_now(window, InputEvent::Kind::kCharacter);
  event.character = static_cast<char32_t>(character);
  ring_of(window).push(event);
}

void on_button(GLFWwindow* window, int button, int action, int modifiers) {
  InputEvent event = event_now(
      window, action == GLFW_PRESS ? InputEvent::Kind::kButtonDown : InputEvent::Kind::kButtonUp);
  event.code = button;
  event.modifiers = modifiers;
  ring_of(window).push(event);
}

void on_move(GLFWwindow* window, double x, double y) {
  InputEvent event = event_now(window, InputEvent::Kind::kMove);
  event.x = static_cast<float>(x);
  event.y = static_cast<float>(y);
  ring_of(window).push(event);
}

void on_wheel(GLFWwindow* window, double, double steps) {
  InputEvent event = event_now(window, InputEvent::Kind::kWheel);
  event.wheel = static_cast<float>(steps);
  ring_of(window).push(event);
}

void on_focus(GLFWwindow* window, int has_focus) {
  ring_of(window).push(event_now(
      window, has_focus == 0 ? InputEvent::Kind::kFocusLost : InputEvent::Kind::kFocusGained));
}

void on_expose(GLFWwindow* window) {
  ring_of(window).push(event_now(window, InputEvent::Kind::kExposed));
}

void on_resize(GLFWwindow* window, int, int) { on_expose(window); }
void on_rescale(GLFWwindow* window, float, float) { on_expose(window); }

}  // namespace

void InputRing::listen_to(GLFWwindow* window) {
  glfwSetWindowUserPointer(window, this);
  glfwSetKeyCallback(window, on_key);
  glfwSetCharCallback(window, on_character);
  glfwSetMouseButtonCallback(window, on_button);
  glfwSetCursorPosCallback(window, on_move);
  glfwSetScrollCallback(window, on_wheel);
  glfwSetWindowFocusCallback(window, on_focus);
  glfwSetWindowRefreshCallback(window, on_expose);
  glfwSetFramebufferSizeCallback(window, on_resize);
  glfwSetWindowContentScaleCallback(window, on_rescale);
}

void InputRing::push(InputEvent event) {
  if (event.time == std::chrono::steady_clock::time_point{}) {
    event.time = std::chrono::steady_clock::now();
  }
  if (count_ > 0 && event.kind == InputEvent::Kind::kMove) {
    InputEvent& last = events_[(first_ + count_ - 1) % kCapacity];
    if (last.kind == InputEvent::Kind::kMove) {
      last = event;
      return;
    }
  }
  if (count_ == kCapacity) {
    ++dropped_;
    return;
  }
  events_[(first_ + count_) % kCapacity] = event;
  ++count_;
}

bool InputRing::pop(InputEvent& event) {
  if (count_ == 0) return false;
  event = events_[first_];
  first_ = (first_ + 1) % kCapacity;
  --count_;
  return true;
}

}  // namespace rationale::ui
