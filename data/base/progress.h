// Progress with time left, on stderr: one rewritten line on a terminal, one plain line a 10 % elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace rationale {

enum class Quiet { kNo, kYes };

class Progress {
 public:
  /// @param what  what is counted, such as "cases"
  Progress(std::string what, std::size_t total, Quiet quiet);
  /// Ends the line on a terminal.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Silent for the first two seconds: short work needs no progress.
  void update(std::size_t done);

 private:
  std::string what_;
  std::size_t total_;
  bool is_quiet_;
  bool is_terminal_;
  bool has_printed_ = false;
  std::size_t last_tenth_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace rationale
