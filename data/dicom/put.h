// Setting elements of a DICOM object and encoding it, for the writers of this folder: what DCMTK refuses is our own
// fault and thrown (kInternal).
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstddef>
#include <string>

namespace rationale {

/// PS3.3 asks for dates: nothing of the hour goes into a file.
inline constexpr const char* kFixedDate = "20000101";
inline constexpr const char* kFixedTime = "120000";

void check(const OFCondition& condition, const std::string& what);
void put(DcmItem& item, const DcmTagKey& tag, const std::string& text);
void put(DcmItem& item, const DcmTagKey& tag, int number);

/// The bytes of the file: the same whatever version of DCMTK wrote them.
/// @param n_pixels  decides how much memory is taken for it
std::string encoded(DcmFileFormat& format, E_TransferSyntax syntax, std::size_t n_pixels);

}  // namespace rationale
