// Films for the commands of the driver: read by `rationale-decode`, each file in a process that can do nothing else.
#pragma once

#include <filesystem>

#include "data/image/image.h"
#include "data/volume/volume.h"

namespace rationale::ui {

/// What load_picture returns and throws, and what FilmDecoders::load does; the decode process starts when it is first
/// asked. @throws Error (kEnvironment, "no_decoder") if it is not installed
Picture load_film_apart(const std::filesystem::path& film, int frame = 1, Colour colour = Colour::kRefuse);

/// load_volume, each file and frame as load_film_apart.
Volume load_volume_apart(const std::filesystem::path& place, const VolumeChoice& choice);

}  // namespace rationale::ui
