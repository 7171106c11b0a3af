// What a process may no longer do, enforced by the kernel: write but beneath its output folders (Landlock), open a
// connection, start a program, touch another process (seccomp). Linux on x86-64 and 64-bit Arm; needs no
// privilege; cannot be undone, and what the process starts inherits it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rationale {

/// One restriction: in force, or why it is not.
struct Restriction {
  bool is_on = false;
  std::string why_not;  ///< empty if it is on
};

struct FileRules {
  std::vector<std::filesystem::path> writable;  ///< folders, with all beneath; a missing one grants nothing
  std::vector<std::filesystem::path> devices;   ///< a device may be written and asked, nothing made there
  /// Empty: everything may be read. Else only what lies beneath these.
  std::vector<std::filesystem::path> readable;
};

/// From here on this thread, and every thread and process that it starts, follows the rules. Threads that are
/// there already do not: then it is done, but not said to be on. Call before libraries start theirs.
Restriction restrict_files(const FileRules& rules);

/// Tries to open a file of this process for writing that the kernel always lets it write: false in a process
/// (and thread) that `restrict_files` covers.
bool may_write_anywhere();

/// Which system calls are left.
enum class Calls {
  kEngine,         ///< all but connections, programs, processes, other processes' memory, owners and rights of files
  kEngineWithGpu,  ///< as kEngine, but local sockets stay: the driver of a GPU may need them
  kDecoderParent,  ///< as kEngine, but it may fork
  kDecoder,        ///< memory, time, descriptors that are open, reading files: nothing else
};

/// For all threads of the process, from here on. A refused call fails with EPERM; the process goes on.
Restriction restrict_calls(Calls calls);

}  // namespace rationale
