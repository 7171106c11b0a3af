#include "data/volume/digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"

namespace rationale {

namespace fs = std::filesystem;

std::vector<fs::path> series_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.starts_with('.') && name != "DICOMDIR") files.push_back(entry.path());
  }
  if (error) throw Error(Error::Kind::kInput, "cannot read the folder: " + error.message(), folder.string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string volume_file_digest(const fs::path& place) {
  std::error_code error;
  if (!fs::is_directory(place, error)) return sha256_of_file(place);
  std::vector<std::string> digests;
  for (const fs::path& file : series_files(place)) digests.push_back(sha256_of_file(file));
  std::sort(digests.begin(), digests.end());
  Sha256 all;
  all.field("rationale.volume.files.1");
  for (const std::string& digest : digests) all.field(digest);
  return all.hex();
}

std::string volume_pixel_digest(const VolumeGeometry& geometry, const std::vector<std::string>& slice_digests) {
  Sha256 digest;
  digest.field("rationale.volume.pixels.1");
  for (const std::string& slice : slice_digests) digest.field(slice);
  for (const double mm : geometry.positions_mm) digest.field(fmt::format("{:a}", mm));
  digest.field(fmt::format("{:a} {:a}", geometry.spacing.vertical_mm, geometry.spacing.horizontal_mm));
  return digest.hex();
}

}  // namespace rationale
