#include "data/samples/ct_series.h"

#include <fmt/format.h>

#include "data/dicom/write_ct.h"

namespace rationale::samples {

std::vector<SeriesFile> ct_series(const CtPhantom& phantom, const std::string& variant) {
  constexpr double kHalf = (kCtSide - 1) / 2.0, kHalfDepth = (kCtSlices - 1) / 2.0;
  constexpr std::ptrdiff_t kSliceSize = std::ptrdiff_t{kCtSide} * kCtSide;
  std::vector<SeriesFile> files;
  for (int z = 0; z < kCtSlices; ++z) {
    CtSlice slice;
    slice.rows = slice.cols = kCtSide;
    const auto first = phantom.hounsfield.begin() + z * kSliceSize;
    slice.hounsfield.assign(first, first + kSliceSize);
    slice.spacing = {.vertical_mm = kCtPixelMm, .horizontal_mm = kCtPixelMm, .aspect = 1};
    slice.thickness_mm = kCtSliceMm;
    slice.position = {-kHalf * kCtPixelMm, -kHalf * kCtPixelMm, (z - kHalfDepth) * kCtSliceMm};
    slice.patient_name = "Phantom^" + phantom.patient;
    slice.patient_id = phantom.patient;
    slice.series_key = fmt::format("samples.{}.{}", variant, phantom.name);
    slice.number = kCtSlices - z;
    slice.comment = "Computer-made phantom; no patient";
    files.push_back({fmt::format("IM{:04}.dcm", slice.number), encode_ct(slice)});
  }
  return files;
}

}  // namespace rationale::samples
