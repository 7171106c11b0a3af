// A display of its own for a test: Xvfb, started and ended by the test.
#pragma once

#include <sys/types.h>

#include <string>

namespace rationale::test {

/// While it lives, DISPLAY names a virtual screen of 1920 x 1200, drawn in software. Where Xvfb is
/// not installed the test says so and has to return.
class VirtualDisplay {
 public:
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;

  bool is_there() const { return server_ > 0; }
  const std::string& name() const { return name_; }

 private:
  pid_t server_ = -1;
  std::string name_;  ///< ":N"
  std::string display_before_;
};

/// Exit status of a command run by the shell, and what it wrote on stdout and stderr together.
struct Ran {
  int status = -1;
  std::string output;
};
Ran run_shell(const std::string& command);

/// True if `program` is in PATH; else says on stderr that the test is skipped without it.
bool has_program(const std::string& program);

}  // namespace rationale::test
