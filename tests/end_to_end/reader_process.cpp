#include "tests/end_to_end/reader_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "data/base/file.h"

namespace rationale::test {

ReaderProcess::ReaderProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                             const std::vector<std::string>& environment) {
  std::vector<std::string> words{RATIONALE_DRIVER};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    ::execv(argv[0], argv.data());  // the driver becomes the reading app: one process
    ::_exit(127);
  }
}

ReaderProcess::~ReaderProcess() { kill(); }

bool ReaderProcess::has_ended(std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (pid_ > 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = -1;
      return true;
    }
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void ReaderProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int vas_of(int position) { return 10 + position * 7 % 80; }

void write_reading_script(const std::filesystem::path& file, int n) {
  std::string lines = "{\"key\":\"enter\"}\n{\"display_check\":\"pass\"}\n{\"key\":\"enter\"}\n";
  for (int position = 1; position <= n; ++position) {
    const int vas = vas_of(position);
    lines += fmt::format("{{\"after\":\"case:{}\",\"key\":\"{}\"}}\n", position, position % 2 == 1 ? "j" : "f");
    for (const std::string& key : {std::string("tab"), std::to_string(vas / 10), std::to_string(vas % 10),
                                   std::string("enter")}) {
      lines += fmt::format("{{\"after\":\"saved\",\"key\":\"{}\"}}\n", key);
    }
  }
  write_file(file, lines);
}

std::vector<std::string> read_arguments(const std::filesystem::path& package, const std::string& key,
                                        const std::filesystem::path& session, const std::filesystem::path& script,
                                        const std::string& now) {
  return {"read",     package.string(), "--key", key,     "--session", session.string(),
          "--script", script.string(),  "--now", now,     "--json"};
}

}  // namespace rationale::test
