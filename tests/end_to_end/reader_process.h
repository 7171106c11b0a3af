// The reading app as a process of its own: started with a script, killed, or left to end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace rationale::test {

class ReaderProcess {
 public:
  /// Starts `rationale read`; its output goes to `log`, a file that is written over.
  ReaderProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                const std::vector<std::string>& environment = {});
  ~ReaderProcess();  ///< kills it
  ReaderProcess(const ReaderProcess&) = delete;
  ReaderProcess& operator=(const ReaderProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// True once it has ended by itself. @param within  waits at most so long
  bool has_ended(std::chrono::milliseconds within);
  int exit_code() const { return exit_code_; }  ///< after has_ended
  void kill();                                  ///< kill -9, and waits until it is gone

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
};

/// Input that begins the session and reads `n` cases: finding yes in odd positions, no in even ones, confidence
/// `vas_of`. As a file in JSON Lines.
void write_reading_script(const std::filesystem::path& file, int n);
int vas_of(int position);  ///< 10 to 89, in hundredths of the line

/// "read PACKAGE …" as the arguments above.
std::vector<std::string> read_arguments(const std::filesystem::path& package, const std::string& key,
                                        const std::filesystem::path& session, const std::filesystem::path& script,
                                        const std::string& now);

}  // namespace rationale::test
