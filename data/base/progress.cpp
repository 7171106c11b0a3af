#include "data/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace rationale {

Progress::Progress(std::string what, std::size_t total, Quiet quiet)
    : what_(std::move(what)),
      total_(total),
      is_quiet_(quiet == Quiet::kYes),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (has_printed_ && is_terminal_) std::fputs("\n", stderr);
}

void Progress::update(std::size_t done) {
  if (is_quiet_ || total_ == 0) return;
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (seconds < 2.0) return;
  const std::size_t tenth = 10 * done / total_;
  if (is_terminal_ ? (now - last_ < std::chrono::milliseconds(200) && done < total_)
                   : tenth == last_tenth_) {
    return;
  }
  last_ = now;
  last_tenth_ = tenth;
  has_printed_ = true;
  const double left =
      done == 0 ? 0.0 : seconds / static_cast<double>(done) * static_cast<double>(total_ - done);
  const std::string line =
      fmt::format("{} of {} {}, {:.0f} s left", done, total_, what_, left);
  if (is_terminal_) {
    fmt::print(stderr, "\r\033[K{}", line);
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

}  // namespace rationale
