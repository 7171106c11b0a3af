// A scanned file's data set as DCMTK's object: for reading headers.
#pragma once

#include <memory>
#include <string>

#include "data/dicom/scan.h"

class DcmDataset;

namespace rationale {

/// The header; pixel data are cut off: native ones are taken from the bytes, codestreams are given to a decoder alone.
/// @throws Error (kInput, "bad_dicom") if DCMTK cannot read it
std::unique_ptr<DcmDataset> parse_data_set(const DicomLayout& layout, const std::string& name);

}  // namespace rationale
