// Runs the driver, `rationale`, as a program.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/catch.h"

namespace rationale::test {

struct Answer {
  int code = -1;
  std::string out;  ///< stdout
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

/// @param arguments  as a shell takes them
inline Answer run_driver(const std::string& arguments) {
  const std::string command = std::string(RATIONALE_DRIVER) + " " + arguments + " 2>/dev/null";
  Answer answer;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  std::size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0) answer.out.append(buffer, n);
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

}  // namespace rationale::test
