// Digests of volumes: of their files, and of their voxels.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/volume/volume.h"

namespace rationale {

/// Regular files of a folder by name; hidden ones and DICOMDIR left out, subfolders not looked into.
/// @throws Error (kInput) if it cannot be read
std::vector<std::filesystem::path> series_files(const std::filesystem::path& folder);

/// SHA-256 over the files' own digests in growing order: the same files under other names are the same volume's.
/// @param place  a folder or a file
std::string volume_file_digest(const std::filesystem::path& place);

/// The key of stored results: the slices' pixel_digest in order, and how far apart the slices and pixels lie.
std::string volume_pixel_digest(const VolumeGeometry& geometry, const std::vector<std::string>& slice_digests);

}  // namespace rationale
