#include "data/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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
  const std::size_t total = std::max(total_, done);  // what was to come may have been too few
  const std::size_t tenth = 10 * done / total;
  if (is_terminal_ ? (now - last_ < std::chrono::milliseconds(200) && done < total)
                   : tenth == last_tenth_) {
    return;
  }
  last_ = now;
  last_tenth_ = tenth;
  has_printed_ = true;
  const double rate = static_cast<double>(done) / seconds;
  std::string line = fmt::format("{} of {} {}", done, total, what_);
  if (done > 0) line += fmt::format(", {:.3g}/s, {:.0f} s left", rate, static_cast<double>(total - done) / rate);
  // Not fmt::print, which throws: work goes on where nobody reads its progress any more.
  std::fputs(is_terminal_ ? ("\r\033[K" + line).c_str() : (line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace rationale
