#include "ui/reader/script.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::ui;

TEST_CASE("A script's lines belong to the case that they wait for", "[reader][script]") {
  const std::string text = R"({"key": "Enter"}
{"after": "case:1", "key": "f"}
{"key": "Enter"}

{"after": "shown", "key": "J"}
{"key": "Shift+Left", "hold_ms": 20}
{"key": "Enter"}
{"after": "case:7", "char": "ä"}
)";
  const std::vector<ScriptLine> lines = parse_script(text, "s");
  REQUIRE(lines.size() == 7);
  const std::vector<int> sections{0, 1, 1, 2, 2, 2, 7};
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(lines[i].section == sections[i]);
  CHECK(lines[3].key == GLFW_KEY_J);
  CHECK(lines[3].key_character == U'j');
  CHECK(lines[4].key == GLFW_KEY_LEFT);
  CHECK(lines[4].modifiers == GLFW_MOD_SHIFT);
  CHECK(lines[6].number == 8);

  SECTION("lines of confirmed cases are left out") {
    ScriptPlayer player(lines, [](int position) { return position <= 1; });
    InputRing ring;
    ScriptState state;
    state.now = std::chrono::steady_clock::time_point(std::chrono::seconds(1));
    player.play(state, ring, 1);  // Enter, from before the first case
    InputEvent event;
    REQUIRE(ring.pop(event));
    CHECK(event.code == GLFW_KEY_ENTER);
    while (ring.pop(event)) {
    }
    player.play(state, ring, 1);
    CHECK(ring.is_empty());  // waits for a case
    state.is_case_shown = true;
    state.position = 2;
    player.play(state, ring, 1);
    REQUIRE(ring.pop(event));
    CHECK(event.code == GLFW_KEY_J);
  }
}

TEST_CASE("A held key is let go after its time, not before", "[reader][script]") {
  ScriptPlayer player(parse_script(R"({"key": "h", "hold_ms": 400})", "s"), [](int) { return false; });
  InputRing ring;
  ScriptState state;
  state.now = std::chrono::steady_clock::time_point(std::chrono::seconds(1));
  player.play(state, ring, 1);
  InputEvent event;
  REQUIRE(ring.pop(event));
  CHECK(event.kind == InputEvent::Kind::kKeyDown);
  state.now += std::chrono::milliseconds(399);
  player.play(state, ring, 1);
  CHECK(ring.is_empty());
  CHECK_FALSE(player.is_done());
  state.now += std::chrono::milliseconds(1);
  player.play(state, ring, 1);
  REQUIRE(ring.pop(event));
  CHECK(event.kind == InputEvent::Kind::kKeyUp);
  CHECK(player.is_done());
}

TEST_CASE("A wrong script line is refused with its place", "[reader][script]") {
  for (const char* text : {"{\"key\": \"F99\"}", "{\"klick\": [1, 2]}", "[1]", "{\"after\": \"case:x\"}",
                           "{\"click\": [1]}", "{\"screenshot\": \"a/b\"}", "{\"wheel\": \"up\"}"}) {
    INFO(text);
    try {
      parse_script(std::string("{\"key\": \"f\"}\n") + text + "\n", "s.jsonl");
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.where == "s.jsonl:2");
      CHECK(error.code == "bad_script");
    }
  }
}
