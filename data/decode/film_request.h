// What FilmDecoders and serve_films say to each other: private to this folder.
#pragma once

#include <cstdint>

#include "data/image/image.h"

namespace rationale {

/// One packet on the socket, with two descriptors beside it: the film, open for reading, and a pipe for the answer.
struct FilmRequest {
  enum class What : std::int32_t { kPicture = 1, kSlices = 2 };
  What what = What::kPicture;
  Colour colour = Colour::kRefuse;  ///< of a picture, as the frame
  std::int32_t frame = 1;
  std::uint32_t name_size = 0;
  char name[4096] = {};
};

/// The packet that follows when the film's child has ended.
struct FilmEnded {
  std::int32_t wait_status = 0;
  std::int32_t is_too_slow = 0;  ///< ended by its parent's clock
};

/// What the pipe holds: this, then `size` bytes: of picture_bytes or slice_bytes, as was asked, or of the
/// error's fields, each ended by a zero.
struct FilmAnswer {
  enum class Kind : std::uint64_t { kAsked = 1, kError = 2 };
  Kind kind = Kind::kAsked;
  std::uint64_t size = 0;
};

/// How a child leaves that has not even the memory to say that it lacks memory.
constexpr int kOutOfMemory = 3;

}  // namespace rationale
