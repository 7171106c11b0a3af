#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "study/exchange/reading_place.h"
#include "tests/faults/faults.h"
#include "tests/end_to_end/reader_process.h"
#include "tests/ui/display.h"

namespace rationale::faults {
namespace {

namespace fs = std::filesystem;
using namespace study;

constexpr const char* kNow = "2026-03-03T09:00:00Z";

struct Acknowledged {
  std::int64_t seq = 0;
  std::string hash;
};

/// The last whole line of a trace.
Acknowledged last_acknowledged(const fs::path& trace) {
  Acknowledged last;
  if (!fs::exists(trace)) return last;
  const std::string text = read_file(trace);
  std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
  for (Acknowledged one; lines >> one.seq >> one.hash;) last = one;
  return last;
}

/// What does not hold of a session that was killed; empty if all does.
std::string fault_of(const Trial& trial, const fs::path& session, const fs::path& trace) {
  const Acknowledged last = last_acknowledged(trace);
  if (!fs::exists(session / "session.db")) return last.seq == 0 ? "" : "the store is gone";
  try {
    int next = 0, n_closed = 0;
    std::string chain;
    std::int64_t idle_ms = 0;
    {
      // Opens package, store and chain as the reading app does, and refuses what it refuses.
      const ReadingPlace place(trial.package, trial.key, session, parse_utc(kNow, "now"));
      next = place.session().next_position();
      n_closed = place.session().n_closed();
      chain = place.package().facts().chain_id();
      idle_ms = place.protocol().session.idle_s * 1000;
    }
    EventStore store = EventStore::open(session / "session.db", Role::kReader);
    const std::vector<StoredEvent> events = store.events(chain);
    if (std::ssize(events) < last.seq) {
      return fmt::format("event {} was acknowledged, but only {} are stored", last.seq, events.size());
    }
    if (last.seq > 0 && to_hex(events[static_cast<std::size_t>(last.seq - 1)].hash) != last.hash) {
      return fmt::format("event {} is another one than was acknowledged", last.seq);
    }
    std::vector<Event> past;
    for (const StoredEvent& one : events) past.push_back(open_own(parse_event(one.payload), trial.key));
    const std::vector<Reading> readings = readings_of(past, idle_ms);
    const auto n_confirmed = std::ranges::count_if(readings, &Reading::is_closed);
    if (n_confirmed != n_closed) return "the session and its log count different cases";
    if (next != 0 && next != n_closed + 1) return fmt::format("goes on at case {} after {}", next, n_closed);
    for (const Reading& reading : readings) {
      if (!reading.is_closed()) continue;
      const Answer finding = Word{reading.position % 2 == 1 ? "yes" : "no"};
      const auto confidence = reading.answers.find("confidence");
      if (reading.answers.at("finding") != finding || confidence == reading.answers.end() ||
          std::abs(std::get<Ppm>(confidence->second).ppm - test::vas_of(reading.position) * 10'000) > 1'000) {
        return fmt::format("case {} has other answers than were given", reading.position);
      }
    }
  } catch (const Error& error) {
    return fmt::format("{} ({})", error.what(), error.code);
  }
  return "";
}

}  // namespace

Outcome kill_reader(const Trial& trial, int n, std::uint64_t seed, Quiet quiet) {
  Outcome outcome;
  const test::VirtualDisplay display;
  if (!display.is_there()) {
    outcome.not_tried = "Xvfb is not there";
    return outcome;
  }
  const fs::path script = trial.study.at("script.jsonl");
  test::write_reading_script(script, trial.study.n_films());
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> moment(200, 4000);  // the whole run takes about 6 s
  Progress progress("kills of the reading app", static_cast<std::size_t>(n), quiet);
  int n_finished = 0;
  for (int session = 1; outcome.tried < n; ++session) {
    const fs::path folder = trial.study.at(fmt::format("killed-{}", session));
    const fs::path trace = folder.string() + ".trace";
    std::vector<std::string> arguments =
        test::read_arguments(trial.package, trial.study.at("r1.key"), folder, script, kNow);
    arguments.insert(arguments.end(), {"--trace", trace.string()});
    for (bool is_over = false; !is_over && outcome.tried < n;) {
      check_interrupt();
      test::ReaderProcess reader(arguments, folder.string() + ".log");
      if (reader.has_ended(std::chrono::milliseconds(moment(random)))) {
        is_over = true;
        ++n_finished;
        if (reader.exit_code() != 0) {
          outcome.count("the app ended with " + read_file(folder.string() + ".log"));
        } else if (const std::string fault = fault_of(trial, folder, trace); !fault.empty()) {
          outcome.count("a whole session: " + fault);
        }
        continue;
      }
      reader.kill();
      outcome.count(fault_of(trial, folder, trace));
      progress.update(static_cast<std::size_t>(outcome.tried));
    }
    if (outcome.tried < n) continue;
    // The last session reads on to its end.
    test::ReaderProcess reader(arguments, folder.string() + ".log");
    if (!reader.has_ended(std::chrono::minutes(2)) || reader.exit_code() != 0) {
      outcome.count("a killed session does not come to its end: " + read_file(folder.string() + ".log"));
    } else if (const std::string fault = fault_of(trial, folder, trace); !fault.empty()) {
      outcome.count("a session read to its end: " + fault);
    }
  }
  return outcome;
}

}  // namespace rationale::faults
