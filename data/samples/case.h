// One phantom as a case of a data set: its name, its patient and how its file is stored.
#pragma once

#include <cstdint>
#include <string>

#include "data/image/image.h"
#include "data/samples/labels.h"

namespace rationale::samples {

/// How a file's pixels are encoded.
enum class Encoding { kExplicit, kImplicit, kRle, kJpegLossless, kJpegLs };

/// All but the findings is drawn without regard to them: strata on which nothing depends.
struct SampleCase {
  std::string name;     ///< "p7-0003": seed 7, image 3
  int number = 1;       ///< index + 1
  std::string patient;  ///< images 3 and 4 of every five are of one patient
  Labels labels;
  std::string scanner;  ///< "A", "B" or "C"
  std::string view;     ///< "PA" or "AP"
  std::string sex;      ///< "F" or "M"; of the patient
  int age = 0;          ///< years; of the patient
  bool is_monochrome1 = false;
  Spacing spacing;  ///< at the detector; every fourth case has pixels that are not square
  Encoding encoding = Encoding::kExplicit;
};

SampleCase describe_case(SampleSet set, std::uint64_t seed, std::uint64_t index,
                         const Overrides& overrides = {});

}  // namespace rationale::samples
