#include "ui/engine/enter_sandbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "data/base/error.h"
#include "data/decode/film_decoders.h"
#include "data/image/load.h"
#include "data/volume/load.h"

namespace rationale::ui {
namespace {

/// One set for the process: programs can be started only before it is shut in, long before a body asks for a film.
std::unique_ptr<FilmDecoders>& decoders() {
  static std::unique_ptr<FilmDecoders> all;
  return all;
}

bool reads_films(const std::string& command, const CommandLine& line) {
  constexpr std::array kCommands{"bench pipeline", "card", "concepts judge", "concepts train", "explain", "validate explanation"};
  if (std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end()) return true;
  if (command == "explain merge" && !line.explain_merge.pictures.which.empty()) return true;
  if (command == "heatmap" && !line.heatmap.jobs.empty()) return true;  // its lines may name some
  const std::filesystem::path none;
  const std::filesystem::path& input = command == "activations"    ? line.activations.tensor
                                       : command == "doctor"       ? line.doctor.tensor
                                       : command == "faithfulness" ? line.faithfulness.tensor
                                       : command == "heatmap"      ? line.heatmap.tensor
                                                                   : none;
  return !input.empty() && input.extension() != ".npy";
}

std::filesystem::path decode_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "rationale-decode";
}

}  // namespace

void enter_sandbox(const std::string& command, CommandLine& line) {
  Confinement& confinement = line.confinement;
  confinement.is_wanted = !line.common.no_sandbox;
  if (!confinement.is_wanted) return;
  // The driver has done it before this program had any thread; who starts the engine by hand gets it here.
  confinement.files = may_write_anywhere() ? confine_files(command, line) : Restriction{true, {}};
  if (reads_films(command, line)) {
    const unsigned processors = line.common.threads > 0 ? static_cast<unsigned>(line.common.threads)
                                                        : std::thread::hardware_concurrency();
    decoders() = std::make_unique<FilmDecoders>(decode_program(), std::clamp(processors / 2, 1U, 8U));
    confinement.are_films_apart = true;
  }
  confinement.calls = restrict_calls(may_use_gpu(line) ? Calls::kEngineWithGpu : Calls::kEngine);
}

Picture load_film(const std::filesystem::path& file) {
  Picture picture = decoders() ? decoders()->load(file) : load_picture(file);
  if (picture.frames > 1) {
    throw Error(Error::Kind::kInput, fmt::format("the file has {} frames, and the model takes one picture", picture.frames),
                file.string(),
                "write the frame that is meant into a file of its own, or use a model that takes volumes")
        .with_code("multi_frame");
  }
  return picture;
}

Volume load_series(const std::filesystem::path& place, const VolumeChoice& choice) {
  if (!decoders()) return load_volume(place, choice);
  using Path = std::filesystem::path;
  return load_volume(place, choice,
                     {.slices = [](const Path& file) { return decoders()->slices(file); },
                      .picture = [](const Path& file, int frame) { return decoders()->load(file, frame); }});
}

}  // namespace rationale::ui
