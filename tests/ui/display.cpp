#include "tests/ui/display.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace rationale::test {

bool has_program(const std::string& program) {
  if (run_shell("command -v " + program + " >/dev/null").status == 0) return true;
  fmt::print(stderr, "test skipped: {} is not installed\n", program);
  return false;
}

Ran run_shell(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ran.output.append(buffer.data(), n);
  }
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

VirtualDisplay::VirtualDisplay() {
  if (!has_program("Xvfb")) return;
  const char* before = std::getenv("DISPLAY");
  display_before_ = before == nullptr ? "" : before;
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) return;
  server_ = ::fork();
  if (server_ == 0) {
    ::close(ready[0]);
    const int silence = ::open("/dev/null", O_WRONLY);
    ::dup2(silence, STDOUT_FILENO);
    ::dup2(silence, STDERR_FILENO);
    const std::string descriptor = std::to_string(ready[1]);
    // The server chooses a free number and writes it when it is ready. Without -noreset it starts anew when its
    // last window goes, and a window that opens at that moment is turned away.
    ::execlp("Xvfb", "Xvfb", "-displayfd", descriptor.c_str(), "-screen", "0", "1920x1200x24",
             "-noreset", "-nolisten", "tcp", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ready[1]);
  std::string number;
  char c = 0;
  while (::read(ready[0], &c, 1) == 1 && c != '\n') number += c;
  ::close(ready[0]);
  if (number.empty()) {
    fmt::print(stderr, "test skipped: Xvfb does not start\n");
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
    return;
  }
  name_ = ":" + number;
  ::setenv("DISPLAY", name_.c_str(), 1);
  ::unsetenv("WAYLAND_DISPLAY");
  ::setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
}

VirtualDisplay::~VirtualDisplay() {
  if (server_ <= 0) return;
  ::kill(server_, SIGTERM);
  ::waitpid(server_, nullptr, 0);
  if (display_before_.empty()) {
    ::unsetenv("DISPLAY");
  } else {
    ::setenv("DISPLAY", display_before_.c_str(), 1);
  }
}

}  // namespace rationale::test
