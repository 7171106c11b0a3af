#include "ui/widgets/input_ring.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/format.h>

#include <thread>

#include "tests/support/catch.h"
#include "tests/ui/display.h"
#include "ui/widgets/window.h"

using namespace rationale;
using namespace rationale::ui;
using Kind = InputEvent::Kind;

TEST_CASE("The ring returns events in the order they came, with times that never run back",
          "[ui][input]") {
  InputRing ring;
  for (int i = 0; i < 100; ++i) {
    ring.push({.kind = i % 2 == 0 ? Kind::kKeyDown : Kind::kKeyUp, .code = i});
  }
  InputEvent event;
  auto last = std::chrono::steady_clock::time_point{};
  for (int i = 0; i < 100; ++i) {
    REQUIRE(ring.pop(event));
    CHECK(event.code == i);
    CHECK(event.time >= last);
    last = event.time;
  }
  CHECK_FALSE(ring.pop(event));
}

TEST_CASE("The ring keeps only the last of movements in a row, and never merges a key",
          "[ui][input]") {
  InputRing ring;
  for (int i = 0; i < 5000; ++i) ring.push({.kind = Kind::kMove, .x = static_cast<float>(i)});
  ring.push({.kind = Kind::kKeyDown, .code = 65});
  ring.push({.kind = Kind::kKeyDown, .code = 65});
  ring.push({.kind = Kind::kMove, .x = -1});
  InputEvent event;
  REQUIRE(ring.pop(event));
  CHECK(event.x == 4999);
  REQUIRE(ring.pop(event));
  CHECK(event.code == 65);
  REQUIRE(ring.pop(event));
  CHECK(event.code == 65);
  REQUIRE(ring.pop(event));
  CHECK(event.x == -1);
  CHECK_FALSE(ring.pop(event));
  CHECK(ring.dropped() == 0);
}

TEST_CASE("A full ring keeps the oldest events and counts what it had to drop", "[ui][input]") {
  InputRing ring;
  const int n = static_cast<int>(InputRing::kCapacity) + 7;
  for (int i = 0; i < n; ++i) ring.push({.kind = Kind::kKeyDown, .code = i});
  CHECK(ring.dropped() == 7);
  InputEvent event;
  REQUIRE(ring.pop(event));
  CHECK(event.code == 0);
}

// ImGui 1.86 sees 7 to 11 of these (research: platform, section 3).
TEST_CASE("100 key taps of 5 to 25 ms and 50 clicks are all seen at 10 frames a second",
          "[ui][input][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there() || !test::has_program("xdotool")) return;
  AppWindow window({.title = "ring", .width = 640, .height = 480});
  const auto draw = [](Canvas& canvas) { canvas.text(20, 20, "ring"); };
  window.frame(draw);
  window.wait(std::chrono::milliseconds(50));

  // Without a window manager nothing gives the window the focus; the chain waits before the first
  // tap.
  std::string chain =
      "xdotool search --sync --name '^ring$' windowfocus --sync mousemove 300 200 sleep 0.3";
  for (int i = 0; i < 100; ++i) {
    chain += fmt::format(" keydown a sleep {:.3f} keyup a sleep 0.010", 0.005 + 0.0002 * i);
  }
  for (int i = 0; i < 50; ++i) chain += " mousedown 1 sleep 0.008 mouseup 1 sleep 0.008";
  test::Ran ran;
  std::jthread typist([&] { ran = test::run_shell(chain + " keydown z keyup z"); });

  int n_down = 0, n_up = 0, n_clicks = 0, n_characters = 0;
  bool is_done = false, is_letter = true, is_in_time_order = true;
  auto last = std::chrono::steady_clock::time_point{};
  const auto start = std::chrono::steady_clock::now();
  while (!is_done && std::chrono::steady_clock::now() - start < std::chrono::seconds(60)) {
    window.frame(draw);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // a slow frame
    window.wait(std::chrono::milliseconds(1));
    InputEvent event;
    while (window.input().pop(event)) {
      is_in_time_order = is_in_time_order && event.time >= last;
      last = event.time;
      if (event.kind == Kind::kKeyDown && event.code == GLFW_KEY_A) {
        ++n_down;
        is_letter = is_letter && event.character == U'a';
      }
      n_up += event.kind == Kind::kKeyUp && event.code == GLFW_KEY_A ? 1 : 0;
      n_characters += event.kind == Kind::kCharacter && event.character == U'a' ? 1 : 0;
      n_clicks += event.kind == Kind::kButtonDown ? 1 : 0;
      is_done = is_done || (event.kind == Kind::kKeyUp && event.code == GLFW_KEY_Z);
    }
  }
  typist.join();
  INFO(ran.output);
  REQUIRE(ran.status == 0);
  CHECK(n_down == 100);
  CHECK(n_up == 100);
  CHECK(n_characters == 100);
  CHECK(n_clicks == 50);
  CHECK(is_letter);
  CHECK(is_in_time_order);
  CHECK(window.input().dropped() == 0);
}
