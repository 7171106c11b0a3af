#include "study/session/simulated_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rationale::study {
namespace {

/// SplitMix64 (Steele, Lea & Flood 2014): equal on every platform.
class Draws {
 public:
  Draws(std::uint64_t seed, const std::string& label) : state_(seed ^ 0x9E3779B97F4A7C15ULL) {
    for (const char c : label) {
      state_ ^= static_cast<unsigned char>(c);
      static_cast<void>(next());
    }
  }
  double uniform() { return (static_cast<double>(next() >> 11) + 0.5) / 9007199254740992.0; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * M_PI * uniform());
  }
  bool happens(double rate) { return uniform() < rate; }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

double logit(double score) {
  const double inside = std::clamp(score, 1e-6, 1 - 1e-6);
  return std::clamp(std::log(inside / (1 - inside)), -4.0, 4.0);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// What a mind with this much suspicion answers. @param excess  suspicion above the threshold
std::optional<Answer> answer_to(const Question& question, double excess, Draws& draws) {
  switch (question.type) {
    case QuestionType::kBinary:
      return Word{question.levels[excess > 0 ? 1 : 0]};
    case QuestionType::kOrdinal: {
      const auto n = static_cast<double>(question.levels.size());
      const auto level = static_cast<std::size_t>(std::min(n - 1, std::floor(normal_cdf(excess) * n)));
      return Word{question.levels[level]};
    }
    case QuestionType::kVas: {
      const double sure = 2 * normal_cdf(std::abs(excess) * 1.2 + 0.15 * draws.normal()) - 1;
      return Ppm{std::llround(std::clamp(sure, 0.0, 1.0) * 1e6)};
    }
    case QuestionType::kChoice:
      return Word{question.levels[static_cast<std::size_t>(
          draws.uniform() * static_cast<double>(question.levels.size()))]};
    case QuestionType::kMultichoice:
      return Words{{question.levels.front()}};
    case QuestionType::kNumber:
      return Milli{std::llround((question.min + question.max) / 2 * 1000)};
    case QuestionType::kMarks:
      return NoMarks{};
    case QuestionType::kText:
      return Word{"nothing to add"};
  }
  return std::nullopt;
}

}  // namespace

Stamp VirtualClock::now() const {
  return {.utc = format_utc(start_ + std::chrono::milliseconds(ms_)),
          .mono_us = ms_ * 1000,
          .boot_us = ms_ * 1000,
          .boot = "simulated " + format_utc(start_)};
}

SimulatedReader::SimulatedReader(const SimulatedModel& model, std::uint64_t seed,
                                 std::string reader, int period)
    : model_(model), seed_(seed), reader_(std::move(reader)), period_(period) {
  Draws own(seed_, "reader " + reader_);
  threshold_ = model_.threshold + model_.reader_sd * own.normal();
  heatmap_shift_ = model_.heatmap_reader_sd * own.normal();
}

void SimulatedReader::read(ReadingSession& session, VirtualClock& clock, const Item& item,
                           const SimulatedCase& one, const Protocol& protocol) {
  Draws shared(seed_, "case " + one.key);
  Draws draws(seed_, fmt::format("reading {} {} {} {}", reader_, period_, one.key, item.is_repeat));
  const bool has_map = item.ai.heatmap.has_value();
  double suspicion = (one.is_diseased ? model_.separation : 0) + model_.case_sd * shared.normal() +
                     std::sqrt(std::max(0.0, 1 - model_.case_sd * model_.case_sd)) * draws.normal();
  if (item.ai.score) suspicion += model_.ai_weight * logit(*item.ai.score);
  if (has_map) {
    suspicion += heatmap_shift_ + (one.is_diseased ? model_.heatmap_diseased : model_.heatmap_normal);
  }
  const double excess = suspicion - threshold_;
  const double seconds = std::exp(model_.log_seconds_mean + model_.log_seconds_sd * draws.normal() +
                                  (has_map ? model_.heatmap_log_seconds : 0));
  const auto pass = [&](double share) {
    clock.advance_ms(std::max<std::int64_t>(1, std::llround(seconds * share * 1000)));
    return clock.now();
  };

  if (session.reading()) {
    session.resume_item({item.position, item.code, item.is_repeat, item.arm});
  } else {
    session.open_item({item.position, item.code, item.is_repeat, item.arm}, pass(0.01));
  }
  session.image_shown(pass(0.01));
  session.input(pass(0.3));
  if (draws.happens(model_.toggles)) {
    HeatmapLook look = session.look();
    look.is_on = !look.is_on;
    session.set_look(look, pass(0.05));
    look.is_on = !look.is_on;
    session.set_look(look, pass(0.05));
  }
  if (draws.happens(model_.loses_focus)) {
    session.focus(false, pass(0.02));
    session.focus(true, pass(0.5));
  }
  if (draws.happens(model_.pauses)) {
    session.pause(pass(0.02));
    session.resume(pass(2));
  }
  if (!protocol.flags.empty() && draws.happens(model_.flags)) {
    session.set_flag(protocol.flags.front().id, true, pass(0.02));
  }
  if (draws.happens(model_.seen_before)) session.set_seen_before(true, pass(0.02));
  if (draws.happens(model_.not_assessable)) session.set_not_assessable(true, pass(0.02));
  // An answer can bring a further question up.
  for (std::size_t k = 0; k < protocol.questions.size(); ++k) {
    for (const std::size_t i : session.asked()) {
      const Question& question = protocol.questions[i];
      if (session.reading()->answers.contains(question.id)) continue;
      session.answer(question.id, answer_to(question, excess, draws), pass(0.2));
    }
  }
  clock.advance_ms(protocol.session.min_view_ms);
  session.confirm(pass(0.05));
}

int SimulatedReader::read_session(ReadingSession& session, VirtualClock& clock,
                                  const Protocol& protocol,
                                  const std::function<Item(int)>& item,
                                  const std::function<SimulatedCase(const Item&)>& truth) {
  session.open({.width_px = protocol.display.min_width_px,
                .height_px = protocol.display.min_height_px,
                .bits = protocol.display.bits,
                .monitor = "simulated"},
               clock.now());
  int n = 0;
  while (!session.is_over(clock.now()) || session.reading()) {
    if (!session.reading() && session.needs_display_check(clock.now())) {
      clock.advance_ms(40'000);
      session.display_check(17, 18, clock.now());
    }
    const Item next = item(session.next_position());
    read(session, clock, next, truth(next), protocol);
    ++n;
    if (session.is_break_due(clock.now())) session.take_break(clock.now());
  }
  session.close(clock.now());
  return n;
}

}  // namespace rationale::study
