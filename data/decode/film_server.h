// The side of the decode processes: a parent that answers one request after another, each in a child of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/image/image.h"
#include "data/volume/volume.h"

namespace rationale {

/// What one film may take. The defaults hold any film of a reading room: the largest mammogram (4,800 × 5,900)
/// needs 0.4 GB and two seconds.
struct DecodeLimits {
  std::size_t memory = std::size_t{2} << 30;  ///< bytes of address space, beside twice the film's own
  int processor_seconds = 60;
  std::chrono::seconds seconds{120};          ///< by the clock, for one that waits
};

/// What a child does with a file's bytes: parse_picture and parse_slices, or what a test puts in their place.
struct FilmReader {
  std::function<Picture(std::string_view bytes, const std::string& name, int frame, Colour)> picture;
  std::function<std::vector<Slice>(std::string_view bytes, const std::string& name)> slices;
};

/// Answers requests from FilmDecoders on a socket until the other side closes it. A child reads one file and is
/// gone: what a film breaks ends with it, and nothing of it reaches the next. The child is left memory, time and
/// what it was given: the film's bytes, and a pipe for the answer.
/// Call in a process that has one thread, after whatever `reader` loads on its first call is loaded.
/// @return  the process's exit code
int serve_films(int socket, const FilmReader& reader, const DecodeLimits& limits = {});

}  // namespace rationale
