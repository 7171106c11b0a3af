// A TorchScript file taken apart and put together again, for tests that change what stands in it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rationale::test {

/// The bytes of every part by name without the archive's folder: "data.pkl", "data/0", "code/__torch__/….py", …
std::map<std::string, std::string> read_parts(const std::filesystem::path& file);

/// An archive of these parts, tensors stored plainly. The part "version" is the writer's own.
void write_parts(const std::filesystem::path& file, const std::map<std::string, std::string>& parts);

/// `text` with its first `from` as `to`. The test fails if it is not there.
std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace rationale::test
