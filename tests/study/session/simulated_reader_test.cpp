#include "study/session/simulated_reader.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

struct Memory : Journal {
  std::vector<Event> events;
  Head head = genesis("s/r1/p1");
  Head append(const Event& event) override {
    events.push_back(event);
    events.back().seq = static_cast<std::int64_t>(events.size());
    head = next_head(head, event_payload(event, head.seq + 1));
    return head;
  }
  void sign_head() override {}
};

Protocol example() {
  Protocol p;
  p.design = {.arms = {"hidden", "visible"}, .periods = 2};
  p.arms = {{.id = "hidden", .label = "a"}, {.id = "visible", .label = "b", .shows = {"heatmap"}}};
  p.questions = {{.id = "finding", .text = "?", .levels = {"no", "yes"}},
                 {.id = "confidence", .text = "?", .type = QuestionType::kVas}};
  p.flags = {{.id = "odd", .label = "?", .key = "x"}};
  p.session.max_readings = 1000;
  p.session.max_minutes = 600;
  return p;
}

Item item_at(int position) {
  Item item{.position = position, .code = fmt::format("C{:05}", position)};
  const bool has_map = position % 2 == 0;
  item.arm = has_map ? "visible" : "hidden";
  if (has_map) item.ai.heatmap = ItemHeatmap{.cells = {1, 1, {1.0F}}};
  return item;
}

SimulatedCase case_of(const Item& item) {
  return {.is_diseased = item.position % 3 == 0, .key = item.code};
}

std::vector<Reading> simulate(std::uint64_t seed, const SimulatedModel& model, int n) {
  const Protocol protocol = example();
  Memory journal;
  VirtualClock clock(parse_utc("2026-03-02", "t"));
  SimulatedReader reader(model, seed, "r1", 1);
  ReadingSession session(protocol, {.n_items = n}, journal, {});
  while (session.next_position() != 0) reader.read_session(session, clock, protocol, item_at, case_of);
  return readings_of(journal.events, 60'000);
}

double positive_rate(const std::vector<Reading>& readings, bool diseased, bool has_map) {
  double positive = 0, n = 0;
  for (const Reading& one : readings) {
    if ((one.position % 3 == 0) != diseased || (one.position % 2 == 0) != has_map) continue;
    if (!one.answers.contains("finding")) continue;
    positive += says(one.answers.at("finding"), "yes") ? 1 : 0;
    n += 1;
  }
  return positive / n;
}

}  // namespace

TEST_CASE("a simulated reader reads everything, the same for the same seed", "[study][session]") {
  const auto one = simulate(7, {}, 120), again = simulate(7, {}, 120), other = simulate(8, {}, 120);
  REQUIRE(one.size() == 120);
  int n_same = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].is_closed());
    CHECK(one[i].times == again[i].times);
    CHECK(one[i].answers == again[i].answers);
    n_same += one[i].times == other[i].times ? 1 : 0;
    CHECK(one[i].times.active_ms + one[i].times.idle_ms + one[i].times.hidden_ms == one[i].times.wall_ms);
  }
  CHECK(n_same < 5);
}

TEST_CASE("rates are the model's, and a heatmap moves them where it is shown", "[study][session]") {
  SimulatedModel model{.reader_sd = 0, .heatmap_normal = -0.6, .heatmap_diseased = 0.3, .heatmap_reader_sd = 0};
  const auto readings = simulate(3, model, 6000);
  // Phi(-0.75) = 0.227 and Phi(-1.35) = 0.089; 2,000 normals an arm: 3 standard errors are 0.028 and 0.019.
  CHECK(positive_rate(readings, false, false) == Approx(0.227).margin(0.028));
  CHECK(positive_rate(readings, false, true) == Approx(0.089).margin(0.019));
  // Phi(0.95) = 0.829 and Phi(1.25) = 0.894; 1,000 diseased an arm.
  CHECK(positive_rate(readings, true, false) == Approx(0.829).margin(0.036));
  CHECK(positive_rate(readings, true, true) == Approx(0.894).margin(0.029));
}
