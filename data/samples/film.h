// A phantom as a DICOM film. Compiled into rationale_dicom: all else of the samples needs no DCMTK.
#pragma once

#include <string>

#include "data/dicom/write_dx.h"
#include "data/samples/case.h"

namespace rationale::samples {

/// The film of one case. Its first window is all that is stored (LINEAR, centre 2048, width 4096:
/// v / 4095), the second spreads the lungs. Nothing in it tells the findings but the pixels.
/// @param variant  the set and the overrides: the same image with other findings gets other UIDs
DxFile film(const SampleCase& one, const Phantom& phantom, const std::string& variant);

}  // namespace rationale::samples
