// Writes one slice of a CT series, the same bytes every time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dicom/uid.h"
#include "data/volume/volume.h"

namespace rationale {

/// Dates are fixed, and every UID follows from the keys.
struct CtSlice {
  int rows = 0, cols = 0;
  std::vector<std::int16_t> hounsfield;  ///< rows x cols, -1024 … 3071: stored as 12 bits with intercept -1024
  Spacing spacing;
  double thickness_mm = 0;
  Vector3 position{}, along_row{1, 0, 0}, along_column{0, 1, 0};
  Window window{.centre = -500, .width = 1400};
  std::string patient_name, patient_id, sex;
  std::string series_key;  ///< same key, same study, series and frame of reference
  int number = 1;          ///< instance number
  std::string comment;
};

/// The bytes of a DICOM file, explicit little endian. @throws Error (kInternal) if values and shape disagree
std::string encode_ct(const CtSlice& slice);

}  // namespace rationale
