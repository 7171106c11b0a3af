// What is done to a session's folder, its clock and its place, through the driver.
#include <fmt/format.h>

#include <thread>

#include "data/base/error.h"
#include "study/exchange/bundle.h"
#include "study/exchange/reading_place.h"
#include "study/session/simulated_reader.h"
#include "tests/faults/faults.h"
#include "tests/ui/display.h"

namespace rationale::faults {
namespace {

namespace fs = std::filesystem;
using test::Answered;

std::string read_words(const Trial& trial, const fs::path& session, const std::string& now, int seed = 1) {
  const fs::path data = trial.study.study() / "data";
  return fmt::format("study simulate {} --key {} --cases {} --truth {} --now {} --out {} --seed {}",
                     trial.package.string(), trial.study.at("r1.key"), (data / "cases.csv").string(),
                     (data / "truth.csv").string(), now, session.string(), seed);
}

std::string expect(const Answered& answered, int status, const std::string& code) {
  if (answered.status == status && answered.code() == code) return "";
  return fmt::format("exit {} instead of {} {}: {}", answered.status, status, code, answered.text);
}

/// Opens the session, reads one case and is killed: the folder is left as a crash leaves it.
void begin_session(const Trial& trial, const fs::path& session, const std::string& now, const char* word) {
  using namespace study;
  const UtcTime begin = parse_utc(now, "now");
  ReadingPlace place(trial.package, trial.key, session, begin);
  VirtualClock clock(begin);
  ReadingSession& sitting = place.session();
  sitting.open({.width_px = 1920, .height_px = 1200, .monitor = "none"}, clock.now());
  sitting.display_check(18, 18, clock.now());
  const Item item = place.item(sitting.next_position());
  sitting.open_item({item.position, item.code, item.is_repeat, item.arm}, clock.now());
  sitting.image_shown(clock.now());
  sitting.answer("finding", Word{word}, clock.now());
}

}  // namespace

Outcome use_network_folder(const Trial& trial) {
  Outcome outcome;
  const std::string network = trial.study.at("network");
  const std::string preload =
      fmt::format("LD_PRELOAD={} NETWORK_FOLDER={} ", RATIONALE_NETWORK_STATFS, network);
  const auto run = [&](const std::string& words) {
    const test::Ran ran =
        test::run_shell(fmt::format("{}{} {} --json --quiet 2>/dev/null", preload, RATIONALE_DRIVER, words));
    return Answered{ran.status, ran.output};
  };
  outcome.count(expect(run(read_words(trial, network + "/session", "2026-03-03")), 4, "network_folder"));
  fs::create_directories(network);
  fs::copy(trial.study.at("release"), network + "/release", fs::copy_options::recursive);
  outcome.count(expect(run(fmt::format("study monitor --study {}/release", network)), 4, "network_folder"));
  return outcome;
}

Outcome race_for_session(const Trial& trial, int n) {
  Outcome outcome;
  for (int i = 0; i < n; ++i) {
    const fs::path session = trial.study.at(fmt::format("raced-{}", i));
    Answered answers[2];
    {
      std::jthread first([&] { answers[0] = trial.study.run(read_words(trial, session, "2026-03-03")); });
      std::jthread second([&] { answers[1] = trial.study.run(read_words(trial, session, "2026-03-03")); });
    }
    std::string fault;
    int n_done = 0;
    for (const Answered& answered : answers) {
      if (answered.status == 0) {
        ++n_done;
      } else if (answered.status == 4 && answered.code() == "clock_set_back") {
        // It came after the other had read everything, whose clock ran on: also a way of not reading at once.
      } else if (answered.status != 4 || answered.code() != "in_use" ||
                 answered.text.find("process ") == std::string::npos) {
        fault = fmt::format("exit {}: {}", answered.status, answered.text);
      }
    }
    // Both may succeed one after the other: the second finds everything read.
    if (fault.empty() && n_done == 0) fault = "nobody had the session";
    outcome.count(fault);
  }
  return outcome;
}

Outcome fork_session(const Trial& trial) {
  Outcome outcome;
  const fs::path here = trial.study.at("forked-here"), there = trial.study.at("forked-there");
  begin_session(trial, here, "2026-03-03T09:00:00Z", "yes");
  fs::copy(here, there, fs::copy_options::recursive);
  std::string bundles[2];
  for (const fs::path& folder : {here, there}) {
    const bool is_here = folder == here;
    const Answered read = trial.study.run(
        read_words(trial, folder, is_here ? "2026-03-03T10:00:00Z" : "2026-03-03T11:00:00Z", is_here ? 1 : 2));
    if (read.status != 0) {
      outcome.count("the copy does not go on: " + read.text);
      return outcome;
    }
    bundles[is_here ? 0 : 1] = read.json().at("bundle");
  }
  const fs::path copy = trial.study.at("fork-release");  // the trial's own study stays as it is
  fs::copy(trial.study.at("release"), copy, fs::copy_options::recursive);
  const auto merge = [&](const std::string& bundle) {
    return trial.study.run(fmt::format("study merge {} --study {} --now 2026-03-04", bundle, copy.string()));
  };
  const auto data = [&] {
    return trial.study.run("study verify --study " + copy.string()).json().at("data_sha256").get<std::string>();
  };
  if (merge(bundles[0]).status != 0) outcome.count("the first bundle is not merged");
  const std::string before = data();
  const std::string fault = expect(merge(bundles[1]), 3, "fork");
  outcome.count(!fault.empty() ? fault : before != data() ? "half of the second bundle was merged" : "");
  return outcome;
}

Outcome set_clock_back(const Trial& trial) {
  Outcome outcome;
  outcome.count(expect(trial.study.run(read_words(trial, trial.study.at("early"), "2026-02-27")), 4, "too_early"));
  const fs::path session = trial.study.at("back");
  begin_session(trial, session, "2026-03-05T09:00:00Z", "no");
  outcome.count(expect(trial.study.run(read_words(trial, session, "2026-03-04T09:00:00Z")), 4, "clock_set_back"));
  return outcome;
}

Outcome lose_log_tail(const Trial& trial) {
  using namespace study;
  Outcome outcome;
  const fs::path session = trial.study.at("tail"), copy = trial.study.at("tail-copy");
  {
    const UtcTime begin = parse_utc("2026-03-03T09:00:00Z", "now");
    ReadingPlace place(trial.package, trial.key, session, begin);
    VirtualClock clock(begin);
    place.session().open({.width_px = 1920, .height_px = 1200, .monitor = "none"}, clock.now());
    place.session().close(clock.now());  // signs the head
    fs::create_directories(copy);
    for (const char* name : {"session.db", "session.head"}) fs::copy_file(session / name, copy / name);
  }
  const Answered answered = trial.study.run(read_words(trial, copy, "2026-03-03T10:00:00Z"));
  // A database that never had its log written back is empty: then the head file alone says what is missing.
  outcome.count(expect(answered, 3, "CH04"));
  return outcome;
}

}  // namespace rationale::faults
