// Films that break the process that decodes them are refused, one by one, and the next film is read.
#include "data/decode/film_decoders.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/sandbox.h"
#include "data/decode/picture_bytes.h"
#include "data/image/load.h"
#include "tests/support/catch.h"
#include "tests/support/in_child.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

std::filesystem::path write_film(const TemporaryFolder& folder, const std::string& bytes) {
  const auto file = folder.path() / (bytes + ".film");
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

enum class Ask { kPicture, kSlices };

std::string code_of(FilmDecoders& decoders, const std::filesystem::path& film, Ask ask = Ask::kPicture) {
  try {
    if (ask == Ask::kPicture) {
      decoders.load(film);
    } else {
      decoders.slices(film);
    }
    return "read";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);  // the film's fault: a run goes on
    CHECK_FALSE(error.where.empty());
    return error.code.empty() ? "no code" : error.code;
  }
}

/// Children of this process.
std::vector<pid_t> children() {
  std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::vector<pid_t> all;
  for (pid_t one = 0; list >> one;) all.push_back(one);
  return all;
}

void end(pid_t process) {
  ::kill(process, SIGKILL);
  siginfo_t how{};
  ::waitid(P_PID, static_cast<id_t>(process), &how, WEXITED | WNOWAIT);  // its socket is closed then
}

/// Whether this kernel can shut a process in.
bool can_confine() {
  return test::in_child([](test::ChildFacts& facts) {
           facts.check(restrict_files({}).is_on && restrict_calls(Calls::kDecoder).is_on, "on");
         }).empty();
}

}  // namespace

TEST_CASE("Whatever a film does to its decoder is one refused film", "[data][decode]") {
  const TemporaryFolder folder;
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 1);
  const auto good = write_film(folder, "good");
  const Ask ask = GENERATE(Ask::kPicture, Ask::kSlices);
  const struct {
    const char* film;
    const char* code;
  } cases[] = {{"refused", "bad_tag"},      {"environment", "no code"},      {"abort", "decoder_crashed"},
               {"crash", "decoder_crashed"}, {"killed", "decoder_crashed"}, {"leave", "decoder_crashed"},
               {"spin", "decode_timeout"},  {"sleep", "decode_timeout"},     {"bomb", "decode_memory"},
               {"forge", "decoder_forged"}, {"flood", "decoder_crashed"},    {"unknown", "no code"}};
  for (const auto& [film, code] : cases) {
    INFO(film);
    CHECK(code_of(decoders, write_film(folder, film), ask) == code);
    CHECK(decoders.slices(good).at(0).position == Vector3{0, 0, 5});
    CHECK(decoders.load(good, 7).stored == std::vector<std::int32_t>{7, 8});  // the next film is read
  }
  CHECK(code_of(decoders, folder.path() / "missing", ask) == "cannot_read");
  CHECK(code_of(decoders, folder.path(), ask) == "no code");  // a folder
}

TEST_CASE("Colour is made grey where somebody asks for it", "[data][decode]") {
  const TemporaryFolder folder;
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 1);
  const auto film = write_film(folder, "good");
  CHECK(decoders.load(film).photometric == "as it is");
  CHECK(decoders.load(film, 1, Colour::kToGrey).photometric == "grey");
}

TEST_CASE("What a decoder says is text, not commands for a terminal", "[data][decode]") {
  const TemporaryFolder folder;
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 1);
  try {
    decoders.load(write_film(folder, "refused"));
    FAIL("read");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "no [31m film");
    CHECK(error.where == "tag");
    CHECK(error.remedy == "try another");
  }
}

TEST_CASE("A decoder is not told a passphrase that is in the environment", "[data][decode][sandbox]") {
  const TemporaryFolder folder;
  ::setenv("RATIONALE_PASSPHRASE", "correct horse", 1);
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 1);
  ::unsetenv("RATIONALE_PASSPHRASE");
  CHECK(decoders.load(write_film(folder, "secret")).stored.front() == 0);
}

TEST_CASE("A hijacked decoder reaches no file, network, program or process", "[data][decode][sandbox]") {
  const TemporaryFolder folder;
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 1);
  if (can_confine()) CHECK(decoders.load(write_film(folder, "escape")).stored.front() == 0);
  // Standard output and error (nowhere), the film, the pipe: not the socket, and nothing of this process.
  CHECK(decoders.load(write_film(folder, "files")).stored.front() == 4);
}

TEST_CASE("Several films are decoded at once, and each gets its own picture", "[data][decode]") {
  const TemporaryFolder folder;
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 3);
  const auto good = write_film(folder, "good"), bad = write_film(folder, "abort");
  std::atomic<int> n_right = 0, n_refused = 0;
  {
    std::array<std::jthread, 6> threads;
    for (std::size_t t = 0; t < threads.size(); ++t) {
      threads[t] = std::jthread([&, t] {
        for (int i = 0; i < 30; ++i) {
          const int frame = static_cast<int>(t) * 1000 + i;
          if (decoders.load(good, frame).stored.front() == frame) ++n_right;
          if (i % 10 != 0) continue;
          try {
            decoders.load(bad);
          } catch (const Error&) {
            ++n_refused;
          }
        }
      });
    }
  }
  CHECK(n_right == 180);
  CHECK(n_refused == 18);
}

TEST_CASE("Decode processes that are ended from outside are replaced by those that are left", "[data][decode]") {
  const TemporaryFolder folder;
  const std::vector<pid_t> before = children();
  FilmDecoders decoders(RATIONALE_HOSTILE_SERVER, 2);
  std::vector<pid_t> ours = children();
  std::erase_if(ours, [&](pid_t one) { return std::find(before.begin(), before.end(), one) != before.end(); });
  REQUIRE(ours.size() == 2);
  const auto good = write_film(folder, "good");
  decoders.load(good);
  end(ours[0]);
  CHECK(decoders.load(good, 3).stored.front() == 3);
  CHECK(decoders.load(good, 4).stored.front() == 4);
  end(ours[1]);
  try {
    decoders.load(good);
    FAIL("read by nobody");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(error.code == "decoder_gone");
  }
}

TEST_CASE("A decoder that cannot be started is said at once", "[data][decode]") {
  try {
    FilmDecoders decoders("/no/such/program", 1);
    FAIL("started");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(error.code == "no_decoder");
  }
}

TEST_CASE("Public films and broken ones read apart as they read here", "[data][decode][golden]") {
  const auto folder = test::shared("public/dicom", 120);
  if (!folder) return;
  FilmDecoders decoders(RATIONALE_DECODE, 2);
  int n_read = 0, n_refused = 0;
  for (const char* part : {"files", "display", "broken"}) {
    for (const auto& entry : std::filesystem::directory_iterator(*folder / part)) {
      if (!entry.is_regular_file() || entry.path().extension() == ".csv") continue;
      INFO(entry.path().string());
      std::string here, apart, code_here, code_apart;
      try {
        here = picture_bytes(load_picture(entry.path()));
      } catch (const Error& error) {
        code_here = error.code + "|" + error.what() + "|" + error.where + "|" + error.remedy;
      }
      try {
        apart = picture_bytes(decoders.load(entry.path()));
      } catch (const Error& error) {
        code_apart = error.code + "|" + error.what() + "|" + error.where + "|" + error.remedy;
        CHECK(error.kind == Error::Kind::kInput);
      }
      const bool is_same = here == apart;
      CHECK(is_same);
      CHECK(code_here == code_apart);
      ++(here.empty() ? n_refused : n_read);
    }
  }
  CHECK(n_read > 20);
  CHECK(n_refused > 20);
}
