// A CT phantom as a DICOM series. Compiled into rationale_dicom.
#pragma once

#include <string>
#include <vector>

#include "data/samples/ct.h"

namespace rationale::samples {

struct SeriesFile {
  std::string name;  ///< "IM0007.dcm"
  std::string bytes;
};

/// One file a slice. As scanners do, instance numbers and names count from the head down, against the slices' places.
/// @param variant  the same phantom with and without its nodule gets other UIDs
std::vector<SeriesFile> ct_series(const CtPhantom& phantom, const std::string& variant);

}  // namespace rationale::samples
