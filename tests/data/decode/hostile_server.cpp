// Stands in for rationale-decode in tests: what the film says is what happens to the process that decodes it.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "data/base/error.h"
#include "data/decode/film_server.h"

namespace {

using namespace rationale;

Picture small_picture(int value) {
  Picture picture;
  picture.rows = 1;
  picture.cols = 2;
  picture.stored = {value, value + 1};
  picture.format = "test";
  return picture;
}

/// Descriptors that the process has, one bit each: nothing of the parent's may be among them.
int open_files() {
  int n = 0;
  for (int file = 0; file < 64; ++file) n += ::fcntl(file, F_GETFD) != -1 ? 1 : 0;
  return n;
}

/// How many of the things that a hijacked decoder would try are possible.
int escapes() {
  int n = 0;
  n += ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 1 : 0;
  n += ::fork() >= 0 ? 1 : 0;
  n += ::execl("/bin/true", "true", nullptr) == 0 ? 1 : 0;
  n += ::open("/tmp/rationale-hostile", O_WRONLY | O_CREAT, 0600) >= 0 ? 1 : 0;
  n += ::open("/etc/passwd", O_RDONLY) >= 0 ? 1 : 0;
  n += ::kill(::getppid(), 0) == 0 ? 1 : 0;
  return n;
}

/// What a file says that does not depend on what was asked of it.
void act(std::string_view film, const std::string& name) {
  if (film == "refused") throw Error(Error::Kind::kInput, "no\x1b[31m film", "tag", "try another").with_code("bad_tag");
  if (film == "environment") throw Error(Error::Kind::kEnvironment, "stop the run", name);
  if (film == "abort") std::abort();
  if (film == "crash") ::raise(SIGSEGV);
  if (film == "killed") ::raise(SIGKILL);
  if (film == "leave") ::_exit(0);
  if (film == "spin") {
    for (std::atomic<unsigned> i = 0;; ++i) {
    }
  }
  if (film == "sleep") std::this_thread::sleep_for(std::chrono::hours(1));
  if (film == "bomb") {
    std::vector<std::vector<char>> all;
    while (true) all.emplace_back(std::size_t{1} << 20, 'x');
  }
  if (film == "flood") {  // takes over the pipe: more than was announced, and no end
    const std::string rubbish(1 << 16, '\xFF');
    for (int file = 3; file < 64; ++file) {
      while (::write(file, rubbish.data(), rubbish.size()) > 0) {
      }
    }
  }
  if (film == "unknown") throw std::runtime_error("unknown film");
}

Picture picture_of(std::string_view film, const std::string& name, int frame, Colour colour) {
  act(film, name);
  if (film == "escape") return small_picture(escapes());
  if (film == "files") return small_picture(open_files());
  if (film == "secret") return small_picture(std::getenv("RATIONALE_PASSPHRASE") != nullptr ? 1 : 0);
  Picture picture = small_picture(frame);
  picture.photometric = colour == Colour::kToGrey ? "grey" : "as it is";
  if (film == "forge") picture.rows = picture.cols = 70000;  // sizes that lie
  return picture;
}

std::vector<Slice> slices_of(std::string_view film, const std::string& name) {
  act(film, name);
  Slice slice;
  slice.series = "1.2.3";
  slice.rows = 1;
  slice.cols = 2;
  slice.position = Vector3{0, 0, 5};
  if (film == "forge") slice.rows = -1;
  return {slice};
}

}  // namespace

int main() {
  return rationale::serve_films(
      STDIN_FILENO, {.picture = picture_of, .slices = slices_of},
      {.memory = std::size_t{512} << 20, .processor_seconds = 1, .seconds = std::chrono::seconds(3)});
}
