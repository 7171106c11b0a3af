// A reader's own signing key.
#pragma once

#include <filesystem>

#include "ui/command/command.h"

namespace rationale::ui {

/// Makes the key file behind a new passphrase and prints the line that enrols it with the coordinator.
/// @throws Error (kRefused, "exists") if the file is there
int make_key(const std::filesystem::path& file, const CommonOptions& common);

}  // namespace rationale::ui
