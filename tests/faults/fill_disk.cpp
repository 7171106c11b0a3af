#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>

#include "data/base/error.h"
#include "study/exchange/reading_place.h"
#include "tests/faults/faults.h"
#include "tests/end_to_end/reader_process.h"
#include "tests/ui/display.h"

namespace rationale::faults {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kNow = "2026-03-03T09:00:00Z";
constexpr int kNoMount = 77;

std::size_t lines_of(const fs::path& trace) {
  if (!fs::exists(trace)) return 0;
  const std::string text = read_file(trace);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool wait_until(const std::function<bool()>& holds, std::chrono::seconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

/// In a process with mounts of its own: the session lies on a disk of 2 MB. @return  what does not hold
std::string read_on_small_disk(const Trial& trial) {
  const fs::path disk = trial.study.at("small-disk"), session = disk / "session";
  const fs::path trace = trial.study.at("small-disk.trace"), log = trial.study.at("small-disk.log");
  fs::create_directories(disk);
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0) {
    ::_exit(kNoMount);
  }
  const fs::path script = trial.study.at("small-disk.jsonl");
  test::write_reading_script(script, trial.study.n_films());
  std::vector<std::string> arguments =
      test::read_arguments(trial.package, trial.study.at("r1.key"), session, script, kNow);
  arguments.insert(arguments.end(), {"--trace", trace.string()});
  test::ReaderProcess reader(arguments, log);
  if (!wait_until([&] { return lines_of(trace) >= 12; }, 60s)) return "the session does not begin: " + read_file(log);
  {  // what is left of the disk goes
    std::ofstream ballast(disk / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), 4096).flush()) {
    }
  }
  std::size_t before = 0;
  const bool has_stopped = wait_until([&] {
    before = lines_of(trace);
    std::this_thread::sleep_for(1500ms);
    return lines_of(trace) == before;
  }, 60s);
  if (!has_stopped) return "it goes on with a full disk";
  if (reader.has_ended(0ms)) return "it ended on a full disk: " + read_file(log);
  fs::remove(disk / "ballast");
  // The film is covered until the reader presses Enter: a real key, as the script waits for what is stored.
  const bool goes_on = wait_until([&] {
    test::run_shell("xdotool search --name '^Rationale Reader$' windowfocus --sync key Return");
    std::this_thread::sleep_for(300ms);
    return lines_of(trace) > before;
  }, 30s);
  if (!goes_on) return "it does not go on when there is room again";
  if (!reader.has_ended(2min) || reader.exit_code() != 0) return "the session does not end: " + read_file(log);
  const study::ReadingPlace place(trial.package, trial.key, session, parse_utc(kNow, "now"));
  if (place.session().n_closed() < trial.study.n_films()) return "cases are missing";
  study::EventStore store = study::EventStore::open(session / "session.db", study::Role::kReader);
  const auto stored = store.head(place.package().facts().chain_id()).seq;
  if (stored < static_cast<std::int64_t>(lines_of(trace))) return "acknowledged events are missing";
  return "";
}

}  // namespace

Outcome fill_disk(const Trial& trial) {
  Outcome outcome;
  const test::VirtualDisplay display;
  if (!display.is_there() || !test::has_program("xdotool")) {
    outcome.not_tried = "Xvfb or xdotool is not there";
    return outcome;
  }
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    std::string fault;
    try {
      fault = read_on_small_disk(trial);
    } catch (const std::exception& error) {
      fault = error.what();
    }
    const bool is_told = ::write(ends[1], fault.data(), fault.size()) == static_cast<ssize_t>(fault.size());
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string fault;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) fault.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMount) {
    outcome.not_tried = "a small disk needs the right to mount";
  } else {
    outcome.count(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? fault : "the check itself broke");
  }
  return outcome;
}

}  // namespace rationale::faults
