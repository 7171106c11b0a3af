// Films decoded in processes of their own: a crash, a hang or a memory bomb of a decoder is one refused film.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "data/image/image.h"
#include "data/volume/volume.h"

namespace rationale {

struct FilmRequest;

/// A few processes that run `serve_films`. Start it before the program gives up starting programs.
class FilmDecoders {
 public:
  /// @param program  rationale-decode, or what a test puts in its place: serves the socket at its standard input
  /// @param n        how many films are decoded at once, at least 1
  /// @throws Error (kEnvironment) if it cannot be started
  FilmDecoders(const std::filesystem::path& program, std::size_t n);
  ~FilmDecoders();
  FilmDecoders(const FilmDecoders&) = delete;
  FilmDecoders& operator=(const FilmDecoders&) = delete;

  /// What load_picture returns and throws, decoded elsewhere; waits while all processes are at work. Safe to call
  /// from several threads.
  /// @throws Error  kInput, with "decoder_crashed", "decode_timeout", "decode_memory" or "decoder_forged" where
  ///                the film got the better of the decoder; kEnvironment if no process is left
  Picture load(const std::filesystem::path& film, int frame = 1, Colour colour = Colour::kRefuse);

  /// What slices_of returns and throws, from elsewhere as `load`.
  std::vector<Slice> slices(const std::filesystem::path& film);

 private:
  struct Process {
    pid_t id = 0;
    int socket = -1;  ///< -1: it is gone
    bool is_busy = false;
  };
  class Use;
  using TakeAnswer = std::function<void(std::string_view bytes)>;
  void ask(FilmRequest& request, const std::filesystem::path& film, const TakeAnswer& take);
  void start(const std::filesystem::path& program);
  void stop();

  std::mutex mutex_;
  std::condition_variable is_free_;
  std::vector<Process> processes_;  // guarded by mutex_
};

}  // namespace rationale
