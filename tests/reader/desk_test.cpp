// The reading app's window with a session on paper: what reaches the session, when, and what is seen.
#include "ui/reader/desk.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <thread>

#include "data/base/file.h"
#include "data/image/png.h"
#include "tests/reader/paper_door.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"

using namespace rationale;
using namespace rationale::ui;
using Kind = InputEvent::Kind;

namespace {

struct Desk {
  test::PaperDoor& door;
  StampMaker stamps;
  ReadingDesk desk;

  explicit Desk(test::PaperDoor& door_) : door(door_), desk(door, stamps, {.is_visible = false}) {}

  void key(int code, char32_t character = 0, int hold_ms = 0) {
    const auto now = std::chrono::steady_clock::now();
    desk.input().push({.kind = Kind::kKeyDown, .time = now, .code = code, .character = character});
    desk.input().push({.kind = Kind::kKeyUp, .time = now + std::chrono::milliseconds(hold_ms), .code = code, .character = character});
    desk.turn();
  }
  /// Until the case at `position` is on the screen.
  void wait_for(int position) {
    while (door.count("shown " + std::to_string(position)) == 0) {
      desk.turn();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  void begin() {
    key(GLFW_KEY_ENTER);
    key(GLFW_KEY_ENTER);
    wait_for(1);
  }
};

std::size_t differing(const Pixels& a, const Pixels& b) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < a.values.size(); i += 3) {
    n += a.values[i] != b.values[i] || a.values[i + 1] != b.values[i + 1] || a.values[i + 2] != b.values[i + 2] ? 1 : 0;
  }
  return n;
}

}  // namespace

TEST_CASE("All of 100 taps of 5 to 25 ms between frames that are 100 ms apart are answers", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  // What GLFW's callbacks put into the ring: stamps lie between frames, ten frames a second.
  const auto start = std::chrono::steady_clock::now();
  for (int frame = 0; frame < 20; ++frame) {
    for (int tap = 0; tap < 5; ++tap) {
      const auto down = start + std::chrono::milliseconds(100 * frame + 20 * tap);
      const auto up = down + std::chrono::milliseconds(5 + (frame * 5 + tap) % 21);
      const bool is_f = (frame * 5 + tap) % 2 == 0;
      const int code = is_f ? GLFW_KEY_F : GLFW_KEY_J;
      const char32_t character = is_f ? U'f' : U'j';
      desk.desk.input().push({.kind = Kind::kKeyDown, .time = down, .code = code, .character = character});
      desk.desk.input().push({.kind = Kind::kKeyUp, .time = up, .code = code, .character = character});
    }
    desk.desk.turn();
  }
  CHECK(door.count("answer 0") == 50);
  CHECK(door.count("answer 1") == 50);
  // Each with the time of its own press, not of the frame.
  std::vector<std::int64_t> times;
  for (const auto& one : door.stored) {
    if (one.what.rfind("answer", 0) == 0) times.push_back(one.at.mono_us);
  }
  REQUIRE(times.size() == 100);
  CHECK(times[1] - times[0] == 20000);
  CHECK(times[99] - times[0] == 1980000);
}

TEST_CASE("H hides at once, a tap leaves it so, the end of a hold shows it again", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  const Pixels with_map = desk.desk.picture();
  desk.key(GLFW_KEY_H, U'h', 120);
  CHECK(door.count("heatmap off") == 1);
  CHECK(door.count("heatmap on") == 0);
  const Pixels without = desk.desk.picture();
  CHECK(differing(with_map, without) > 5000);
  desk.key(GLFW_KEY_H, U'h', 900);  // shown by the press, a long one too
  CHECK(door.count("heatmap on") == 1);
  desk.key(GLFW_KEY_H, U'h', 900);
  CHECK(door.count("heatmap off") == 2);
  CHECK(door.count("heatmap on") == 2);
  CHECK(differing(with_map, desk.desk.picture()) == 0);
}

TEST_CASE("I swaps black and white under the heatmap, and 0 takes it back", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  for (const bool has_ai : {false, true}) {
    test::PaperDoor door;
    door.has_ai = has_ai;
    Desk desk(door);
    desk.begin();
    const Pixels first = desk.desk.picture();
    desk.key(GLFW_KEY_I, U'i');
    CHECK(door.count("window inverted") == 1);
    const Pixels swapped = desk.desk.picture();
    CHECK(differing(first, swapped) > 5000);
    if (!has_ai) {  // in the middle of the film nothing else is drawn
      const auto middle = static_cast<std::size_t>((first.rows / 2 * first.cols + first.cols / 3) * 3);
      CHECK(std::abs(first.values[middle] + swapped.values[middle] - 255) <= 1);
    }
    desk.key(GLFW_KEY_I, U'i');
    CHECK(door.count("window") == 2);  // each change is stored
    CHECK(differing(first, desk.desk.picture()) == 0);
    desk.key(GLFW_KEY_I, U'i');
    desk.key(GLFW_KEY_0, U'0');
    CHECK(door.count("window inverted") == 2);
    CHECK(door.count("window") == 4);
    CHECK(differing(first, desk.desk.picture()) == 0);
  }
}

TEST_CASE("Keys of AI tools do nothing in an arm without AI", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  door.has_ai = false;
  Desk desk(door);
  desk.begin();
  const std::size_t before = door.stored.size();
  const Pixels first = desk.desk.picture();
  desk.key(GLFW_KEY_H, U'h');
  desk.key(GLFW_KEY_U, U'u');
  desk.key(GLFW_KEY_B, U'b');
  desk.key(GLFW_KEY_MINUS, U'-');
  desk.key(GLFW_KEY_ENTER);  // Confirm is closed
  CHECK(door.stored.size() == before);
  CHECK(differing(first, desk.desk.picture()) == 0);
}

TEST_CASE("Tab and two digits place the mark, digits alone do not", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  desk.key(GLFW_KEY_7, U'7');
  desk.key(GLFW_KEY_3, U'3');
  CHECK(door.count("ppm") == 0);
  desk.key(GLFW_KEY_TAB);
  const Pixels focused = desk.desk.picture();
  desk.key(GLFW_KEY_7, U'7');
  CHECK(differing(focused, desk.desk.picture()) == 0);  // one digit shows nothing
  desk.key(GLFW_KEY_3, U'3');
  CHECK(door.count("ppm 730000") == 1);
  desk.key(GLFW_KEY_RIGHT);
  CHECK(door.count("ppm 740000") == 1);
  desk.key(GLFW_KEY_F, U'f');
  CHECK(door.count("answer 0") == 1);
  desk.key(GLFW_KEY_ENTER);
  CHECK(door.count("confirm 1") == 1);
  desk.wait_for(2);
}

TEST_CASE("A click on the line places the mark, a drag stores where it ends", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  auto& ring = desk.desk.input();
  ring.push({.kind = Kind::kButtonDown, .x = 1228 + 81, .y = 590});
  ring.push({.kind = Kind::kButtonUp, .x = 1228 + 81, .y = 590});
  desk.desk.turn();
  CHECK(door.count("ppm 250000") == 1);
  ring.push({.kind = Kind::kButtonDown, .x = 1228 + 81, .y = 590});
  ring.push({.kind = Kind::kMove, .x = 1228 + 162, .y = 590});
  desk.desk.turn();
  CHECK(door.count("ppm") == 1);  // not while it is dragged
  ring.push({.kind = Kind::kButtonUp, .x = 1228 + 243, .y = 590});
  desk.desk.turn();
  CHECK(door.count("ppm 750000") == 1);
  CHECK(door.count("ppm") == 2);
}

TEST_CASE("In a comment keys write, and Esc leaves it", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  desk.key(GLFW_KEY_N, U'n');
  for (const char32_t c : std::u32string(U"fjß")) {
    desk.desk.input().push({.kind = Kind::kKeyDown, .character = c});
    desk.desk.input().push({.kind = Kind::kCharacter, .character = c});
  }
  desk.desk.turn();
  CHECK(door.count("answer") == 0);
  desk.key(GLFW_KEY_ESCAPE);
  CHECK(door.count("comment fjß") == 1);
  desk.key(GLFW_KEY_J, U'j');
  CHECK(door.count("answer 1") == 1);
}

TEST_CASE("What could not be stored is not drawn as done, and the film is covered until it could",
          "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  const Pixels open = desk.desk.picture();
  door.is_disk_full = true;
  desk.key(GLFW_KEY_J, U'j');
  CHECK(door.count("answer") == 0);
  const Pixels covered = desk.desk.picture();
  CHECK(differing(open, covered) > 500000);
  desk.key(GLFW_KEY_F, U'f');  // nothing else is taken in
  desk.key(GLFW_KEY_ENTER);    // still full
  CHECK(differing(covered, desk.desk.picture()) == 0);
  door.is_disk_full = false;
  desk.key(GLFW_KEY_ENTER);
  CHECK(door.count("answer 1") == 1);
  CHECK(door.count("answer 0") == 0);
  CHECK(differing(open, desk.desk.picture()) > 100);  // the answer's own look
}

TEST_CASE("Lost focus covers film and panel until the reader goes on", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  test::PaperDoor door;
  Desk desk(door);
  desk.begin();
  const Pixels open = desk.desk.picture();
  desk.desk.input().push({.kind = Kind::kFocusLost});
  desk.desk.turn();
  CHECK(differing(open, desk.desk.picture()) > 500000);
  desk.desk.input().push({.kind = Kind::kFocusGained});
  desk.desk.turn();
  desk.key(GLFW_KEY_J, U'j');
  CHECK(door.count("answer") == 0);
  desk.key(GLFW_KEY_ENTER);
  CHECK(differing(open, desk.desk.picture()) == 0);
}

TEST_CASE("A script plays a session: check, answers, screenshots, the end", "[reader][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  const TemporaryFolder folder;
  test::PaperDoor door;
  door.checks_display = true;
  door.break_after = 2;
  const StampMaker stamps;
  ReadingDesk desk(door, stamps, {.is_visible = false, .screenshots = folder.path()});
  const std::string text = R"({"screenshot": "start"}
{"key": "Enter"}
{"screenshot": "check"}
{"display_check": "pass"}
{"screenshot": "passed"}
{"key": "Enter"}
{"screenshot": "ready"}
{"key": "Enter"}
{"after": "case:1", "screenshot": "one"}
{"key": "j"}
{"key": "Tab"}
{"key": "8"}
{"key": "1"}
{"key": "h", "hold_ms": 30}
{"wheel": 2}
{"drag": [500, 500, 560, 560], "button": "right"}
{"after": "saved", "screenshot": "answered"}
{"key": "Enter"}
{"after": "case:2", "key": "f"}
{"click": [1400, 590]}
{"key": "n"}
{"char": "hazy"}
{"key": "Esc"}
{"key": "Enter"}
{"screenshot": "break"}
{"key": "Enter"}
{"after": "shown", "key": "j"}
{"click": [1300, 590]}
{"key": "Enter"}
{"screenshot": "end"}
)";
  const SessionDoor::Ending ending =
      desk.run(ScriptPlayer(parse_script(text, "script"), [](int) { return false; }));
  CHECK(ending.n_confirmed == 3);
  CHECK(door.count("display check 18") == 1);
  CHECK(door.count("confirm") == 3);
  CHECK(door.count("ppm 810000") == 1);
  CHECK(door.count("comment hazy") == 1);
  CHECK(door.count("heatmap off") == 1);
  CHECK(door.count("zoom") == 1);
  CHECK(door.count("window") == 1);
  CHECK(desk.first_frame_ms().has_value());
  for (const char* name : {"start", "check", "passed", "ready", "one", "answered", "break", "end"}) {
    INFO(name);
    const std::filesystem::path file = folder.path() / (std::string(name) + ".png");
    REQUIRE(std::filesystem::exists(file));
    CHECK(std::filesystem::file_size(file) > 5000);
    if (std::getenv("RATIONALE_PICTURES") != nullptr) {
      std::filesystem::copy_file(file, std::filesystem::path(std::getenv("RATIONALE_PICTURES")) / ("script-" + file.filename().string()),
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
}
