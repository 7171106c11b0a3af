// One process a session: the second is told who has it.
#pragma once

#include <filesystem>

namespace rationale::study {

/// Held as long as the object lives; goes with the process, however it ends.
class SessionLock {
 public:
  /// @param folder  of the session; a file session.lock is made there
  /// @throws Error (kRefused, "in_use") with the holder's process id; (kEnvironment) if the file cannot be
  ///   made
  explicit SessionLock(const std::filesystem::path& folder);
  ~SessionLock();
  SessionLock(SessionLock&& other) noexcept;
  SessionLock& operator=(SessionLock&&) = delete;

 private:
  int file_ = -1;
};

}  // namespace rationale::study
