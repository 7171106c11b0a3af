#include "ui/command/passphrase.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "data/base/error.h"

namespace rationale::ui {
namespace {

constexpr std::size_t kShortest = 8;

/// The controlling terminal, with the echo off while the object lives.
class SilentTerminal {
 public:
  SilentTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (file_ < 0 || ::tcgetattr(file_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= static_cast<tcflag_t>(~ECHO);
    is_silent_ = ::tcsetattr(file_, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (is_silent_) ::tcsetattr(file_, TCSAFLUSH, &before_);
    if (file_ >= 0) ::close(file_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

  bool is_ready() const { return is_silent_; }

  std::string ask(const std::string& question) {
    write(question);
    std::string line;
    char c = 0;
    while (::read(file_, &c, 1) == 1 && c != '\n') line += c;
    write("\n");
    return line;
  }

 private:
  void write(const std::string& text) {
    if (::write(file_, text.data(), text.size()) < 0) return;  // the question is a courtesy
  }

  int file_;
  termios before_{};
  bool is_silent_ = false;
};

std::optional<std::string> from_environment() {
  const char* words = std::getenv("RATIONALE_PASSPHRASE");
  if (words == nullptr) return std::nullopt;
  return words;
}

[[noreturn]] void throw_no_terminal(const std::string& what) {
  throw Error(Error::Kind::kUsage, fmt::format("no passphrase for {}", what), what,
              "run this on a terminal, or set RATIONALE_PASSPHRASE")
      .with_code("no_passphrase");
}

void check_length(const std::string& words, const std::string& what) {
  if (words.size() >= kShortest) return;
  throw Error(Error::Kind::kUsage,
              fmt::format("the passphrase has {} characters", words.size()), what,
              fmt::format("choose one of {} or more", kShortest))
      .with_code("short_passphrase");
}

}  // namespace

std::string passphrase(const std::string& what) {
  if (const auto words = from_environment()) return *words;
  SilentTerminal terminal;
  if (!terminal.is_ready()) throw_no_terminal(what);
  return terminal.ask(fmt::format("Passphrase of {}: ", what));
}

std::string new_passphrase(const std::string& what) {
  if (const auto words = from_environment()) {
    check_length(*words, what);
    return *words;
  }
  SilentTerminal terminal;
  if (!terminal.is_ready()) throw_no_terminal(what);
  const std::string words = terminal.ask(fmt::format("New passphrase of {}: ", what));
  check_length(words, what);
  if (terminal.ask("Once more: ") != words) {
    throw Error(Error::Kind::kUsage, "the two passphrases differ", what, "try again")
        .with_code("passphrase_differs");
  }
  return words;
}

}  // namespace rationale::ui
