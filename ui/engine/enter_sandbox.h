// Before a command of the engine opens anything: films go to processes of their own, and this one is shut in.
#pragma once

#include <filesystem>
#include <string>

#include "data/image/image.h"
#include "data/volume/volume.h"
#include "ui/command/command_line.h"

namespace rationale::ui {

/// Fills in `line.confinement`. Once, before the command's body.
void enter_sandbox(const std::string& command, CommandLine& line);

/// load_picture, in a process of its own where there is one. Safe to call from several threads.
/// @throws Error (kInput, "multi_frame") for a file of several frames: which is meant is not known
Picture load_film(const std::filesystem::path& file);

/// load_volume, with a process of its own for each file and frame where there is one. Safe to call from several threads.
Volume load_series(const std::filesystem::path& place, const VolumeChoice& choice = {});

}  // namespace rationale::ui
