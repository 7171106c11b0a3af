// What was pressed, clicked and turned, in order and with the time it arrived: nothing is lost
// between two frames. Dear ImGui 1.86 looks at the keyboard once a frame and misses up to 93 of 100
// short taps, so every shortcut and click is taken from here.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

struct GLFWwindow;

namespace rationale::ui {

struct InputEvent {
  enum class Kind {
    kKeyDown,
    kKeyRepeat,
    kKeyUp,
    kCharacter,  ///< text as typed; follows its kKeyDown
    kButtonDown,
    kButtonUp,
    kMove,
    kWheel,
    kFocusLost,
    kFocusGained,
    kExposed,  ///< the window has to be drawn anew: uncovered, resized, moved to another screen
  };
  Kind kind = Kind::kMove;
  std::chrono::steady_clock::time_point time =
      {};                  ///< when it arrived; push sets it where it is empty
  int code = 0;            ///< GLFW_KEY_… or GLFW_MOUSE_BUTTON_…
  int modifiers = 0;       ///< GLFW_MOD_…
  char32_t character = 0;  ///< kCharacter: the text; kKey…: what the key writes in the user's
                           ///< keyboard layout without shift, lower case; 0 if it writes nothing
  float x = 0, y = 0;      ///< pointer in window coordinates (all kinds)
  float wheel = 0;         ///< kWheel: steps, up is positive
};

/// A ring of fixed size. Filled by GLFW's callbacks inside glfwPollEvents, or by a script through
/// `push`; read by the same thread.
class InputRing {
 public:
  static constexpr std::size_t kCapacity = 1024;

  InputRing() = default;
  InputRing(const InputRing&) = delete;
  InputRing& operator=(const InputRing&) = delete;

  /// Takes the window's callbacks and its user pointer. Call it before Dear ImGui installs its own,
  /// which then call these. The ring must outlive the window.
  void listen_to(GLFWwindow* window);

  /// Movements in a row are kept as one (the last). When the ring is full the new event is dropped
  /// and counted.
  void push(InputEvent event);

  /// The oldest event. False if there is none.
  bool pop(InputEvent& event);

  bool is_empty() const { return count_ == 0; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::array<InputEvent, kCapacity> events_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace rationale::ui
