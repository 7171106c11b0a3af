#include "ui/command/films_apart.h"

#include "data/decode/film_decoders.h"
#include "data/volume/load.h"
#include "ui/command/subprocess.h"

namespace rationale::ui {
namespace {

FilmDecoders& decoders() {
  static FilmDecoders one(libexec_folder() / "rationale-decode", 1);
  return one;
}

}  // namespace

Picture load_film_apart(const std::filesystem::path& film, int frame, Colour colour) {
  return decoders().load(film, frame, colour);
}

Volume load_volume_apart(const std::filesystem::path& place, const VolumeChoice& choice) {
  using Path = std::filesystem::path;
  return load_volume(place, choice,
                     {.slices = [](const Path& file) { return decoders().slices(file); },
                      .picture = [](const Path& file, int frame) { return decoders().load(file, frame); }});
}

}  // namespace rationale::ui
