// A decoded picture as bytes, from a decode process to the program that asked for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/image/image.h"

namespace rationale {

/// Every field of the picture, in this machine's byte order; stored values in 16 bits where that holds them.
std::string picture_bytes(const Picture& picture);

/// The picture of such bytes, which may have been made by a process that a hostile film has taken over: sizes are
/// held against what is there before memory is taken, and numbers against what a decoder may return.
/// @param film  its name, for errors
/// @throws Error (kInput, "decoder_forged")
Picture picture_from_bytes(std::string_view bytes, const std::string& film);

}  // namespace rationale
