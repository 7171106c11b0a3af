// What a fuzzed reader has to keep to.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/image.h"

namespace rationale::fuzz {

/// Not assert: it has to hold in release builds as well.
inline void require(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "fuzz: not so: %s\n", what);
  std::abort();
}

/// Runs a reader; false if it refuses. Refusals are of the input, and say what is wrong; all else passes through and
/// ends the process.
template <typename Read>
bool is_accepted(const Read& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    require(error.kind == Error::Kind::kInput || error.kind == Error::Kind::kUsage, error.what());
    require(*error.what() != '\0', "a refusal says why");
    return false;
  }
}

/// Pixels, padding and displays agree in size and are finite.
void check_picture(const Picture& picture);

/// For readers that take a path: one file, written anew each time.
class ScratchFile {
 public:
  explicit ScratchFile(const char* name) : path_(folder_.path() / name) {}
  const std::filesystem::path& path() const { return path_; }
  void fill(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
};

}  // namespace rationale::fuzz
