// Slices that make a volume: where each lies in the patient, in the order of their places along the slice normal.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/image/image.h"

namespace rationale {

using Vector3 = std::array<double, 3>;  ///< patient coordinates in mm: +x left, +y back, +z head (PS3.3 C.7.6.2.1.1)

/// One slice as its file describes it.
struct Slice {
  std::filesystem::path file;
  int frame = 1;       ///< of a multi-frame file, from 1
  std::string series;  ///< Series Instance UID
  int rows = 0, cols = 0;
  Spacing spacing;
  std::optional<Vector3> position;      ///< Image Position (Patient): centre of the first pixel
  std::optional<Vector3> along_row;     ///< Image Orientation (Patient): direction of growing column index
  std::optional<Vector3> along_column;  ///< of growing row index
};

/// Where the voxels of a volume lie. Slice z of n lies positions_mm[z] along `normal` from the first.
struct VolumeGeometry {
  int rows = 0, cols = 0;
  Spacing spacing;                   ///< within a slice
  std::vector<double> positions_mm;  ///< [slices], from 0, strictly growing; empty = unknown
  double slice_spacing_mm = 0;       ///< the median distance between neighbours; 0 = unknown
  Vector3 origin{}, along_row{1, 0, 0}, along_column{0, 1, 0}, normal{0, 0, 1};
};

/// A volume whose slices are decoded one at a time: what is kept in memory is the caller's choice.
struct Volume {
  std::string name;  ///< the file or folder, for messages
  VolumeGeometry geometry;
  std::vector<Slice> slices;  ///< ordered; of an array: no file
  std::vector<std::string> warnings;
  /// Decodes slice z (from 0). @throws Error as load_picture
  std::function<Picture(std::size_t z)> picture;

  std::size_t size() const { return slices.size(); }
};

struct VolumeChoice {
  std::string series;      ///< Series Instance UID, where a folder holds several; empty = the only one
  std::string spacing_mm;  ///< of an array: "DEPTHxROWSxCOLUMNS", such as "5x0.7x0.7"; empty = unknown
};

/// The choice that a case list makes: its columns `series` and `spacing_mm`, where it has them.
VolumeChoice volume_choice(const std::map<std::string, std::string>& columns);

struct OrderedSlices {
  VolumeGeometry geometry;
  std::vector<Slice> slices;
  std::vector<std::string> warnings;  ///< what was found and does not forbid a volume
};

/// Orders slices by Image Position (Patient) along the normal of Image Orientation (Patient): never by file name or
/// instance number. Neighbours may differ from the median distance by 1 % without a word and by 10 % with a warning.
/// @param where  the folder or file, for messages
/// @throws Error (kInput), every one naming the files at fault:
///   "no_slices"          fewer than two
///   "mixed_series"       several series: their UIDs, and how many slices each has
///   "no_position"        position or orientation missing
///   "bad_orientation"    directions that are not two perpendicular unit vectors
///   "mixed_orientation"  directions that differ by more than 0.1 degrees (a scout among slices, for example)
///   "mixed_sizes"        rows, columns or pixel spacing differ
///   "duplicate_slice"    two slices in one place
///   "missing_slices"     a gap of a whole number of slices, and how many are missing
///   "uneven_spacing"     distances that differ by more than 10 % in another way
///   "sheared"            slices shifted against each other by more than one pixel (a tilted gantry)
OrderedSlices order_slices(std::vector<Slice> slices, const std::string& where);

/// "3.dcm", or "scan.dcm frame 7" for a multi-frame file.
std::string slice_name(const Slice& slice);

}  // namespace rationale
