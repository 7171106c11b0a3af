#include "ui/engine/enter_sandbox.h"

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "data/decode/film_decoders.h"
#include "data/image/load.h"

namespace rationale::ui {
namespace {

/// One set for the process: programs can be started only before it is shut in, long before a body asks for a film.
std::unique_ptr<FilmDecoders>& decoders() {
  static std::unique_ptr<FilmDecoders> all;
  return all;
}

bool reads_films(const std::string& command) {
  constexpr std::array kCommands{"card", "concepts judge", "concepts train", "explain", "validate explanation"};
  return std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end();
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
  if (reads_films(command)) {
    const unsigned processors = line.common.threads > 0 ? static_cast<unsigned>(line.common.threads)
                                                        : std::thread::hardware_concurrency();
    decoders() = std::make_unique<FilmDecoders>(decode_program(), std::clamp(processors / 2, 1U, 8U));
    confinement.are_films_apart = true;
  }
  confinement.calls = restrict_calls(may_use_gpu(line) ? Calls::kEngineWithGpu : Calls::kEngine);
}

Picture load_film(const std::filesystem::path& file) {
  return decoders() ? decoders()->load(file) : load_picture(file);
}

}  // namespace rationale::ui
