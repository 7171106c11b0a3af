#include "data/volume/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/image/load.h"
#include "data/volume/digest.h"
#ifdef RATIONALE_HAS_DICOM
#include "data/dicom/slices.h"
#endif

namespace rationale {
namespace {

namespace fs = std::filesystem;

/// The slices of one series. @throws Error if `series` names none of them
std::vector<Slice> of_series(std::vector<Slice> slices, const std::string& series, const fs::path& place) {
  if (series.empty()) return slices;
  std::map<std::string, int> there;
  for (const Slice& slice : slices) ++there[slice.series];
  std::erase_if(slices, [&](const Slice& slice) { return slice.series != series; });
  if (!slices.empty()) return slices;
  std::vector<std::string> list;
  for (const auto& [uid, n] : there) list.push_back(fmt::format("{} ({} slices)", uid, n));
  throw Error(Error::Kind::kInput, "there is no series " + series, place.string(),
              fmt::format("there are: {}", fmt::join(list, ", ")))
      .with_code("unknown_series");
}

/// This process. The bytes of a single file are kept: each frame is decoded from them.
VolumeReader reader_here(const fs::path& place) {
  std::error_code error;
  if (fs::is_directory(place, error)) {
    return {.slices = [](const fs::path& file) { return parse_slices(read_file(file), file); },
            .picture = [](const fs::path& file, int frame) { return load_picture(file, frame); }};
  }
  const auto kept = std::make_shared<const std::string>(read_file(place));
  return {.slices = [kept](const fs::path& file) { return parse_slices(*kept, file); },
          .picture = [kept](const fs::path& file, int frame) { return parse_picture(*kept, file.string(), frame); }};
}

bool is_dicom_file(const fs::path& file) { return is_dicom(read_head(file, 132)); }

Volume of_files(const std::vector<fs::path>& files, const VolumeChoice& choice, const fs::path& place,
                const VolumeReader& reader) {
  std::vector<Slice> slices;
  for (const fs::path& file : files) {
    for (Slice& slice : reader.slices(file)) slices.push_back(std::move(slice));
  }
  OrderedSlices in_order = order_slices(of_series(std::move(slices), choice.series, place), place.string());
  Volume volume;
  volume.name = place.string();
  volume.geometry = std::move(in_order.geometry);
  volume.slices = std::move(in_order.slices);
  volume.warnings = std::move(in_order.warnings);
  volume.picture = [all = volume.slices, reader](std::size_t z) {
    return reader.picture(all.at(z).file, all.at(z).frame);
  };
  return volume;
}

Volume of_folder(const fs::path& folder, const VolumeChoice& choice, const VolumeReader& reader) {
  std::vector<fs::path> files;
  std::vector<std::string> others;
  for (const fs::path& file : series_files(folder)) {
    if (is_dicom_file(file)) {
      files.push_back(file);
    } else {
      others.push_back(file.filename().string());
    }
  }
  if (files.empty()) {
    throw Error(Error::Kind::kInput, "the folder holds no DICOM file", folder.string(),
                "give the folder with the slices themselves; subfolders are not looked into")
        .with_code("no_slices");
  }
  Volume volume = of_files(files, choice, folder, reader);
  if (!others.empty()) {
    volume.warnings.push_back(
        fmt::format("{} files are no DICOM files and were left out: {}", others.size(), fmt::join(others, ", ")));
  }
  return volume;
}

/// Distances of slices, rows and columns. @throws Error (kUsage)
std::vector<double> parse_spacing(const std::string& text) {
  std::vector<double> result;
  for (const std::string& part : split(text, 'x')) {
    const auto number = parse_number(trim(part));
    if (number && *number > 0 && *number < 1e6) result.push_back(*number);
  }
  if (result.size() != 3) {
    throw Error(Error::Kind::kUsage, "\"" + text + "\" is no spacing of a volume", "spacing_mm",
                "write DEPTHxROWSxCOLUMNS in mm, such as 5x0.7x0.7")
        .with_code("bad_spacing");
  }
  return result;
}

Volume of_array(const fs::path& file, const VolumeChoice& choice) {
  auto array = std::make_shared<const FloatArray>(read_npy_float(file));
  if (array->shape.size() != 3 || element_count(array->shape) == 0 || array->shape[0] < 2) {
    throw Error(Error::Kind::kInput, fmt::format("the array is [{}], not a volume", fmt::join(array->shape, ", ")),
                file.string(), "give [slices, rows, columns] with two slices or more")
        .with_code("volume_shape");
  }
  Volume volume;
  volume.name = file.string();
  VolumeGeometry& geometry = volume.geometry;
  geometry.rows = static_cast<int>(array->shape[1]);
  geometry.cols = static_cast<int>(array->shape[2]);
  volume.slices.resize(static_cast<std::size_t>(array->shape[0]));
  if (!choice.spacing_mm.empty()) {
    const std::vector<double> spacing = parse_spacing(choice.spacing_mm);
    geometry.slice_spacing_mm = spacing[0];
    geometry.spacing = {.vertical_mm = spacing[1], .horizontal_mm = spacing[2], .aspect = spacing[1] / spacing[2]};
    for (std::size_t z = 0; z < volume.size(); ++z) {
      geometry.positions_mm.push_back(static_cast<double>(z) * spacing[0]);
    }
  }
  volume.picture = [array, geometry](std::size_t z) {
    Picture picture;
    picture.rows = geometry.rows;
    picture.cols = geometry.cols;
    picture.spacing = geometry.spacing;
    const std::size_t size = static_cast<std::size_t>(geometry.rows) * static_cast<std::size_t>(geometry.cols);
    const auto first = array->values.begin() + static_cast<std::ptrdiff_t>(z * size);
    picture.float_values.assign(first, first + static_cast<std::ptrdiff_t>(size));
    picture.bits_stored = 32;
    picture.is_stored_signed = picture.is_modality_signed = true;
    picture.format = "npy";
    picture.photometric = "MONOCHROME2";
    return picture;
  };
  return volume;
}

}  // namespace

std::vector<Slice> parse_slices(std::string_view bytes, const fs::path& file) {
#ifdef RATIONALE_HAS_DICOM
  return slices_of(bytes, file);
#else
  (void)bytes;
  throw no_dicom_reader(file.string());
#endif
}

Volume load_volume(const fs::path& place, const VolumeChoice& choice, VolumeReader reader) {
  std::error_code error;
  const bool is_folder = fs::is_directory(place, error);
  if (!is_folder && place.extension() == ".npy") return of_array(place, choice);
  if (!is_folder && !is_dicom_file(place)) {
    throw Error(Error::Kind::kInput, "no volume: neither a folder, a DICOM file nor an .npy array", place.string(),
                "give the folder of the series")
        .with_code("unknown_format");
  }
  if (!reader.slices) reader = reader_here(place);
  return is_folder ? of_folder(place, choice, reader) : of_files({place}, choice, place, reader);
}

}  // namespace rationale
