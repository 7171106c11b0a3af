// What a DICOM file says of its slices, as bytes, from a decode process to the program that asked for it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/volume/volume.h"

namespace rationale {

/// Every field of the slices but their file, which is the asker's to know; in this machine's byte order.
std::string slice_bytes(const std::vector<Slice>& slices);

/// The slices of such bytes, which may have been made by a process that a hostile file has taken over: as slices_of
/// returns them, frames 1, 2, …, sizes and numbers in range.
/// @throws Error (kInput, "decoder_forged")
std::vector<Slice> slices_from_bytes(std::string_view bytes, const std::filesystem::path& file);

}  // namespace rationale
