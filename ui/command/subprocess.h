// Running another program of ours and taking what it prints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rationale::ui {

struct Finished {
  int exit_code = 0;  ///< 128 + n after signal n
  std::string output; ///< stdout
};

/// Runs `program` with `arguments`, waits, and returns its stdout; its stderr goes to ours.
/// @throws Error (kEnvironment) if it cannot be started
Finished run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments);

/// The running executable itself.
std::filesystem::path own_program();

/// Where `rationale-engine`, `-studio`, `-reader` and `-decode` lie, asked by the driver: beside its own place.
std::filesystem::path libexec_folder();

}  // namespace rationale::ui
