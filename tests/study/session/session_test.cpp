#include "study/session/session.h"

#include <fmt/format.h>

#include <random>

#include "data/base/error.h"
#include "data/base/utc.h"
#include "study/session/events.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

Protocol example() {
  Protocol p;
  p.design = {.arms = {"hidden", "visible"}, .periods = 2};
  p.arms = {{.id = "hidden", .label = "AI score", .shows = {"ai_label", "ai_score"}},
            {.id = "visible", .label = "AI score and heatmap", .shows = {"ai_label", "ai_score", "heatmap"}}};
  p.questions = {{.id = "finding", .text = "?", .levels = {"no", "yes"}},
                 {.id = "confidence", .text = "?", .type = QuestionType::kVas},
                 {.id = "side", .text = "?", .type = QuestionType::kChoice, .levels = {"left", "right"},
                  .show_if_question = "finding", .show_if_answer = "yes"}};
  p.flags = {{.id = "incoherent", .label = "?", .key = "x"}};
  p.display.has_pattern_check = false;
  p.session.max_readings = 1000;
  return p;
}

/// Keeps the events; refuses when told that the disk is full.
struct Memory : Journal {
  std::vector<Event> events;
  Head head{};
  int n_signed = 0;
  bool is_full = false, fails_to_sign = false;

  Head append(const Event& event) override {
    if (is_full) throw Error(Error::Kind::kEnvironment, "the disk is full").with_code("disk_full");
    events.push_back(event);
    events.back().seq = static_cast<std::int64_t>(events.size());
    head = next_head(head.seq == 0 ? genesis("s/r1/p1") : head, event_payload(event, head.seq + 1));
    return head;
  }
  void sign_head() override {
    if (fails_to_sign) throw Error(Error::Kind::kEnvironment, "the disk is full").with_code("disk_full");
    ++n_signed;
  }
};

/// A clock that the test winds.
struct Clock {
  std::int64_t ms = 1000, asleep_ms = 0;
  Stamp at(std::int64_t later_ms = 0) {
    ms += later_ms;
    return {.utc = format_utc(UtcTime(std::chrono::milliseconds(1'772'442'000'000 + ms))),
            .mono_us = (ms - asleep_ms) * 1000,
            .boot_us = ms * 1000,
            .boot = "b1"};
  }
};

struct Room {
  Protocol protocol = example();
  Memory journal;
  Clock clock;
  ReadingSession session{protocol, {.n_items = 300}, journal, {}};

  void begin() { session.open({}, clock.at()); }
  void open(const std::string& arm = "visible") {
    const int n = session.next_position();
    session.open_item({n, fmt::format("C{:05}", n), false, arm}, clock.at(10));
    session.image_shown(clock.at(10));
  }
  void answer_all() {
    session.answer("finding", Word{"no"}, clock.at(1000));
    session.answer("confidence", Ppm{500'000}, clock.at(1000));
  }
  std::string last_kind() const { return journal.events.back().kind; }
};

template <typename F>
std::string code_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code;
  }
  return "fine";
}

/// Everything that a window could show of it.
std::string picture_of(const ReadingSession& s) {
  std::string text = fmt::format("{} {} {}", s.next_position(), s.n_closed(), fmt::join(s.still_open(), ","));
  if (!s.reading()) return text;
  const Reading& r = *s.reading();
  text += fmt::format(" {} {} {} {} {} {} {}", r.position, r.code, r.note, r.is_not_assessable, r.is_seen_before,
                      r.revisions.size(), r.flags.size());
  for (const auto& [flag, seq] : r.flags) text += fmt::format(" {}@{}", flag, seq);
  for (const auto& [id, answer] : r.answers) text += id + answer_json(answer).dump();
  return text;
}

}  // namespace

TEST_CASE("a case is confirmed when its questions are answered", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  CHECK(room.session.still_open() == std::vector<std::string>{"finding", "confidence"});
  CHECK(code_of([&] { room.session.confirm(room.clock.at(10)); }) == "still_open");
  room.answer_all();
  CHECK(room.session.still_open().empty());
  room.session.confirm(room.clock.at(10));
  CHECK(room.session.n_closed() == 1);
  CHECK(room.session.next_position() == 2);
  CHECK(room.journal.n_signed == 1);
  CHECK(room.session.receipt().size() == 14);
}

TEST_CASE("a question that depends on another is asked only then, and counts only then", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  room.answer_all();
  CHECK(room.session.asked() == std::vector<std::size_t>{0, 1});
  room.session.answer("finding", Word{"yes"}, room.clock.at(10));
  CHECK(room.session.asked() == std::vector<std::size_t>{0, 1, 2});
  CHECK(room.session.still_open() == std::vector<std::string>{"side"});
  room.session.answer("side", Word{"left"}, room.clock.at(10));
  room.session.answer("finding", Word{"no"}, room.clock.at(10));
  CHECK(room.session.still_open().empty());
}

TEST_CASE("an answer that is none to its question is refused", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  const std::size_t n = room.journal.events.size();
  CHECK(code_of([&] { room.session.answer("finding", Word{"maybe"}, room.clock.at(1)); }) == "bad_answer");
  CHECK(code_of([&] { room.session.answer("confidence", Ppm{1'000'001}, room.clock.at(1)); }) == "bad_answer");
  CHECK(code_of([&] { room.session.answer("confidence", Word{"yes"}, room.clock.at(1)); }) == "bad_answer");
  CHECK(code_of([&] { room.session.answer("nothing", Word{"yes"}, room.clock.at(1)); }) == "bad_answer");
  CHECK(room.journal.events.size() == n);
}

TEST_CASE("revisions only grow, and undo takes the last change back", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  room.session.answer("finding", Word{"yes"}, room.clock.at(10));
  room.session.answer("finding", Word{"no"}, room.clock.at(10));
  room.session.answer("finding", Word{"no"}, room.clock.at(10));  // the same: no event
  CHECK(room.session.reading()->revisions.size() == 2);
  room.session.undo(room.clock.at(10));
  CHECK(says(room.session.reading()->answers.at("finding"), "yes"));
  CHECK(room.session.reading()->revisions.size() == 3);
  room.session.undo(room.clock.at(10));
  CHECK_FALSE(room.session.reading()->answers.contains("finding"));
  CHECK_FALSE(room.session.can_undo());
  CHECK(code_of([&] { room.session.undo(room.clock.at(10)); }) == "not_now");
  CHECK(room.session.reading()->revisions.back().revision == 4);
}

TEST_CASE("a case that cannot be assessed needs no answers", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  room.session.set_not_assessable(true, room.clock.at(10));
  room.session.set_seen_before(true, room.clock.at(10));
  CHECK(room.session.still_open().empty());
  room.session.confirm(room.clock.at(10));
  const Reading reading = readings_of(room.journal.events, 60'000).front();
  CHECK(reading.is_not_assessable);
  CHECK(reading.is_seen_before);
  CHECK(reading.answers.empty());
}

TEST_CASE("in the arm without heatmap nothing about one is written", "[study][session]") {
  Room room;
  room.begin();
  room.open("hidden");
  const std::size_t n = room.journal.events.size();
  room.session.set_look({.is_on = false}, room.clock.at(10));
  CHECK(room.session.look().is_on);
  CHECK(room.journal.events.size() == n);
}

TEST_CASE("every arm has as many events, whatever is done to the heatmap", "[study][session]") {
  std::vector<std::size_t> sizes;
  for (const char* arm : {"hidden", "visible"}) {
    Room room;
    room.begin();
    room.open(arm);
    for (const bool is_on : {false, true, false}) room.session.set_look({.is_on = is_on}, room.clock.at(10));
    room.answer_all();
    room.session.confirm(room.clock.at(1));
    sizes.push_back(room.journal.events.size());
    const Reading reading = readings_of(room.journal.events, 60'000).at(0);
    const bool has_map = std::string(arm) == "visible";
    CHECK(reading.n_look_changes == (has_map ? 3 : 0));
    CHECK(reading.look_changes.size() == (has_map ? 3 : 0));
    if (!has_map) continue;
    CHECK_FALSE(reading.look_changes[0].look.is_on);
    CHECK(reading.look_changes[1].look.is_on);
    CHECK(reading.look_changes[2].ms == reading.look_changes[0].ms + 20);
  }
  CHECK(sizes[0] == sizes[1]);
}

TEST_CASE("a confirm whose signature failed is signed when it is given again", "[study][session]") {
  Room room;
  room.begin();
  room.open("visible");
  room.answer_all();
  room.journal.fails_to_sign = true;
  CHECK(code_of([&] { room.session.confirm(room.clock.at(1)); }) == "disk_full");
  CHECK(room.session.is_unsigned());
  const std::size_t n = room.journal.events.size();
  room.journal.fails_to_sign = false;
  room.session.confirm(room.clock.at(1));
  CHECK_FALSE(room.session.is_unsigned());
  CHECK(room.journal.n_signed == 1);
  CHECK(room.journal.events.size() == n);  // nothing is confirmed twice
  CHECK(room.session.n_closed() == 1);
  room.journal.fails_to_sign = true;
  CHECK(code_of([&] { room.session.close(room.clock.at(1)); }) == "disk_full");
  room.journal.fails_to_sign = false;
  room.session.close(room.clock.at(1));
  CHECK(room.journal.n_signed == 2);
}

TEST_CASE("one case is called differently each time it is shown", "[study][session]") {
  CHECK(showing_code("cxr-01/r1/p1", 3).size() == 6);
  CHECK(showing_code("cxr-01/r1/p1", 3) != showing_code("cxr-01/r1/p2", 3));
  CHECK(showing_code("cxr-01/r1/p1", 3) != showing_code("cxr-01/r1/p1", 4));
}

TEST_CASE("the arm stands in no event", "[study][session]") {
  Room room;
  room.begin();
  room.open("hidden");
  room.answer_all();
  room.session.confirm(room.clock.at(1));
  for (const Event& event : room.journal.events) {
    CHECK(event_payload(event, 1).find("hidden") == std::string::npos);
  }
}

TEST_CASE("what could not be stored did not happen", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  room.session.answer("finding", Word{"yes"}, room.clock.at(10));
  const std::string before = picture_of(room.session);
  room.journal.is_full = true;
  CHECK(code_of([&] { room.session.answer("finding", Word{"no"}, room.clock.at(10)); }) == "disk_full");
  CHECK(code_of([&] { room.session.set_flag("incoherent", true, room.clock.at(10)); }) == "disk_full");
  CHECK(picture_of(room.session) == before);
  room.journal.is_full = false;
  room.session.answer("finding", Word{"no"}, room.clock.at(10));
  CHECK(says(room.session.reading()->answers.at("finding"), "no"));
}

TEST_CASE("time is sorted into active, idle and hidden, and adds up", "[study][session]") {
  Room room;
  room.begin();
  room.open();                                                        // shown at 0
  room.session.answer("finding", Word{"no"}, room.clock.at(5'000));   // 5 s active
  room.session.focus(false, room.clock.at(5'000));                    // 5 s active
  room.session.focus(true, room.clock.at(20'000));                    // 20 s hidden
  room.session.pause(room.clock.at(1'000));                           // 1 s active
  room.session.resume(room.clock.at(9'000));                          // 9 s hidden
  room.session.answer("confidence", Ppm{1}, room.clock.at(90'000));   // 60 s active, 30 s idle
  room.clock.asleep_ms += 7'200'000;                                  // two hours of sleep
  room.session.tick(room.clock.at(7'200'000));
  CHECK(room.session.is_asleep());
  room.session.input(room.clock.at(0));
  room.session.confirm(room.clock.at(2'000));                         // 2 s active
  const ReadingTimes times = readings_of(room.journal.events, 60'000).front().times;
  CHECK(times.active_ms == 73'000);
  CHECK(times.idle_ms == 30'000);
  CHECK(times.hidden_ms == 20'000 + 9'000 + 7'200'000);
  CHECK(times.wall_ms == times.active_ms + times.idle_ms + times.hidden_ms);
}

TEST_CASE("input that leaves no event of its own still is no idleness", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  for (int k = 0; k < 10; ++k) room.session.input(room.clock.at(50'000));  // drags, every 50 s
  room.answer_all();
  room.session.confirm(room.clock.at(0));
  const ReadingTimes times = readings_of(room.journal.events, 60'000).front().times;
  CHECK(times.idle_ms == 0);
  CHECK(times.active_ms == 502'000);
}

TEST_CASE("a gap of centuries is counted without being filled", "[study][session]") {
  std::int64_t us = 0;
  std::vector<Event> events;
  const auto add = [&](const std::string& kind, nlohmann::json body) {
    Event event;
    event.seq = static_cast<std::int64_t>(events.size()) + 1;
    event.at = {.utc = "2026-03-03T09:00:00.000Z", .mono_us = us, .boot_us = us, .boot = "one"};
    event.kind = kind;
    event.body = std::move(body);
    events.push_back(event);
  };
  add("reading_open", {{"code", "ABC123"}, {"position", 1}, {"repeat", false}});
  add("image_shown", nlohmann::json::object());
  us = (std::int64_t{1} << 53) - 1;
  add("zoom", {{"zoom_ppm", 1}});
  add("confirm", nlohmann::json::object());
  const ReadingTimes times = readings_of(events, 60'000).front().times;
  CHECK(times.active_ms == us / 1000);
  CHECK(times.active_ms + times.idle_ms + times.hidden_ms == times.wall_ms);
}

TEST_CASE("a wall clock that was set is noted and changes no time", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  Stamp jumped = room.clock.at(1000);
  jumped.utc = "2026-04-01T00:00:00.000Z";
  room.session.tick(jumped);
  CHECK(room.last_kind() == "clock_jump");
  room.session.tick(room.clock.at(1000));
  CHECK(room.last_kind() == "clock_jump");  // and back
  room.answer_all();
  room.session.confirm(room.clock.at(0));
  CHECK(readings_of(room.journal.events, 60'000).front().times.wall_ms == 4000);
}

TEST_CASE("a session that died goes on with the same case and the same answers", "[study][session]") {
  Room room;
  room.begin();
  room.open();
  room.session.answer("finding", Word{"yes"}, room.clock.at(1000));
  // The program dies; an hour later it is started again.
  Memory again = room.journal;
  ReadingSession session(room.protocol, {.n_items = 300}, again, room.journal.events);
  CHECK(session.phase() == SessionPhase::kClosed);
  session.open({}, room.clock.at(3'600'000));
  CHECK(session.phase() == SessionPhase::kReading);
  CHECK(session.next_position() == 1);
  session.resume_item({1, "C00001", false, "visible"});
  CHECK(code_of([&] { session.resume_item({1, "C00009", false, "visible"}); }) == "other_package");
  session.image_shown(room.clock.at(10));
  CHECK(says(session.reading()->answers.at("finding"), "yes"));
  session.answer("side", Word{"left"}, room.clock.at(1000));
  session.answer("confidence", Ppm{1}, room.clock.at(1000));
  session.confirm(room.clock.at(0));
  const Reading reading = readings_of(again.events, 60'000).front();
  CHECK(reading.times.hidden_ms == 3'600'010);
  CHECK(reading.times.active_ms == 3000);
  CHECK(reading.n_resumes == 1);
}

TEST_CASE("resuming after any event gives the state that was", "[study][session]") {
  const unsigned seed = GENERATE(range(1U, 13U));
  std::mt19937 random(seed);
  const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Room room;
  room.begin();
  for (int step = 0; step < 200; ++step) {
    ReadingSession& s = room.session;
    const Stamp at = room.clock.at(draw(90'000));
    if (s.phase() == SessionPhase::kBetween) {
      room.open(draw(2) == 0 ? "hidden" : "visible");
    } else {
      switch (draw(10)) {
        case 0: s.answer("finding", Word{draw(2) == 0 ? "no" : "yes"}, at); break;
        case 1: s.answer("confidence", Ppm{draw(1'000'001)}, at); break;
        case 2: s.answer("side", Word{"left"}, at); break;
        case 3: s.set_flag("incoherent", draw(2) == 0, at); break;
        case 4: s.set_look({.is_on = draw(2) == 0, .opacity_percent = 10 * draw(11)}, at); break;
        case 5: s.set_note(fmt::format("note {}", draw(3)), at); break;
        case 6: s.focus(draw(2) == 0, at); break;
        case 7: draw(2) == 0 ? s.pause(at) : s.resume(at); break;
        case 8: if (s.can_undo()) s.undo(at); break;
        default: if (s.still_open().empty()) s.confirm(at); break;
      }
    }
    Memory other;
    const ReadingSession resumed(room.protocol, {.n_items = 300}, other, room.journal.events);
    REQUIRE(picture_of(resumed) == picture_of(s));
  }
  for (const Reading& reading : readings_of(room.journal.events, 60'000)) {
    if (!reading.is_closed()) continue;
    const ReadingTimes& t = reading.times;
    CHECK(t.active_ms + t.idle_ms + t.hidden_ms == t.wall_ms);
    CHECK(t.active_ms >= 0);
  }
}

TEST_CASE("a session ends after its readings or minutes, with the case that is open", "[study][session]") {
  Room room;
  room.protocol.session.max_readings = 2;
  room.begin();
  room.open();
  room.answer_all();
  room.session.confirm(room.clock.at(0));
  CHECK_FALSE(room.session.is_over(room.clock.at(0)));
  room.open();
  room.answer_all();
  room.session.confirm(room.clock.at(0));
  CHECK(room.session.is_over(room.clock.at(0)));
  room.session.close(room.clock.at(0));
  room.begin();
  CHECK_FALSE(room.session.is_over(room.clock.at(0)));
  CHECK(room.session.is_over(room.clock.at(91 * 60'000)));
}

TEST_CASE("a break is offered each half hour", "[study][session]") {
  Room room;
  room.begin();
  CHECK_FALSE(room.session.is_break_due(room.clock.at(29 * 60'000)));
  CHECK(room.session.is_break_due(room.clock.at(60'000)));
  room.session.take_break(room.clock.at(0));
  CHECK_FALSE(room.session.is_break_due(room.clock.at(60'000)));
}

TEST_CASE("no case is opened on a display that was not checked", "[study][session]") {
  Room room;
  room.protocol.display.has_pattern_check = true;
  room.begin();
  CHECK(code_of([&] { room.open(); }) == "not_now");
  room.session.display_check(15, 18, room.clock.at(1000));
  CHECK(code_of([&] { room.open(); }) == "not_now");
  room.session.display_check(16, 18, room.clock.at(1000));
  CHECK(code_of([&] { room.open(); }) == "fine");
  CHECK(room.session.needs_display_check(room.clock.at(25LL * 3'600'000)));
}

TEST_CASE("three hundred readings leave no trace in memory but their number", "[study][session]") {
  Room room;
  room.begin();
  for (int k = 0; k < 300; ++k) {
    room.open(k % 2 == 0 ? "hidden" : "visible");
    room.answer_all();
    room.session.confirm(room.clock.at(10));
  }
  CHECK(room.session.next_position() == 0);
  CHECK(room.session.n_closed() == 300);
  CHECK_FALSE(room.session.reading());
  CHECK(readings_of(room.journal.events, 60'000).size() == 300);
}

TEST_CASE("commands that do not fit the state are refused", "[study][session]") {
  Room room;
  CHECK(code_of([&] { room.open(); }) == "not_now");
  room.begin();
  CHECK(code_of([&] { room.begin(); }) == "not_now");
  CHECK(code_of([&] { room.session.answer("finding", Word{"no"}, room.clock.at(0)); }) == "not_now");
  CHECK(code_of([&] { room.session.open_item({5, "C00005", false, "hidden"}, room.clock.at(0)); }) == "not_now");
  room.open();
  CHECK(code_of([&] { room.open(); }) == "not_now");
  CHECK(code_of([&] { room.session.set_flag("other", true, room.clock.at(0)); }) == "not_now");
  CHECK(code_of([&] { room.session.add_mark(0, 1, 1, room.clock.at(0)); }) == "not_now");
  room.protocol.design.kind = DesignKind::kSequential;
  CHECK(code_of([&] { ReadingSession(room.protocol, {.n_items = 1}, room.journal, {}); }) == "not_supported");
}
