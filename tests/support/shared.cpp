#include "tests/support/shared.h"

#include <fmt/format.h>

#include <cstdlib>

namespace rationale::test {

std::optional<std::filesystem::path> shared(const std::string& relative, int n_vectors) {
  const char* chosen = std::getenv("RATIONALE_SHARED");
  const std::filesystem::path source = RATIONALE_SOURCE_DIR;
  const std::filesystem::path root =
      chosen != nullptr ? std::filesystem::path(chosen) : source / ".." / "shared";
  std::filesystem::path path = root / relative;
  if (std::filesystem::exists(path)) return path;
  path = source / "tests" / "golden" / "shared" / relative;  // the part that travels with the sources
  if (std::filesystem::exists(path)) return path;
  fmt::print(stderr, "{} vectors of {} skipped: not in {}\n", n_vectors, relative, root.string());
  return std::nullopt;
}

std::filesystem::path in_tests(const std::string& relative) {
  return std::filesystem::path(RATIONALE_SOURCE_DIR) / "tests" / relative;
}

}  // namespace rationale::test
