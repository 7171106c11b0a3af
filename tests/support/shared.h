// Where the golden vectors lie: ../shared beside the checkout (or RATIONALE_SHARED); else the smaller part
// of them that travels with the sources, in tests/golden/shared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace rationale::test {

/// The folder or file `relative` in the shared vectors, if they are there. When not, the test says on
/// stderr how many vectors it leaves out and returns.
std::optional<std::filesystem::path> shared(const std::string& relative, int n_vectors);

/// A file below tests/ of this checkout.
std::filesystem::path in_tests(const std::string& relative);

}  // namespace rationale::test
