// What is fuzzed: each function gives foreign bytes to one reader and checks what comes back.
//
// A reader may refuse by rationale::Error, and the function returns false; anything else (another exception, a result
// that contradicts itself, a finding of a sanitizer) ends the process.
#pragma once

#include <string_view>

namespace rationale::fuzz {

/// A whole DICOM file: our scan, DCMTK's parser, every attribute that we read.
bool dicom_header(std::string_view bytes);

/// Pixel data of any transfer syntax. The first ten bytes choose the header (dicom_pixels.cpp), the rest is the
/// codestream, or native cells, or a deflated data set.
bool dicom_pixels(std::string_view bytes);

bool png(std::string_view bytes);
bool npy(std::string_view bytes);
/// model.toml, with a model file beside it.
bool model_card(std::string_view bytes);
/// The same bytes as cases.csv, concepts.csv, concept cards and readings.csv.
bool tables(std::string_view bytes);

}  // namespace rationale::fuzz
