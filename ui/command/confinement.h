// How a command that opens model files and films is shut in: which folders it may write to, and what came of it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/base/sandbox.h"

namespace rationale::ui {

struct CommandLine;

/// What holds for this process; in `doctor`, in the record of a run.
struct Confinement {
  bool is_wanted = true;  ///< false: --no-sandbox
  Restriction files{false, "not asked for"};
  Restriction calls{false, "not asked for"};
  bool are_films_apart = false;  ///< decoded in processes of their own
};

/// Only the folders of the command's outputs may be written; made if they are missing. For the driver, before it
/// starts the engine, so that no thread of a library comes before it; for the engine where it was started by hand.
Restriction confine_files(const std::string& command, const CommandLine& line);

/// Whether the command may use a GPU of this machine, whose driver needs more than pure computing does.
bool may_use_gpu(const CommandLine& line);

/// {"wanted":…,"files":"read_only","network":"closed",…}, or why not.
nlohmann::ordered_json to_json(const Confinement& confinement);

/// One line: "files read-only but outputs, no network, no programs, films decoded apart".
std::string in_words(const Confinement& confinement);

}  // namespace rationale::ui
