// Lookup tables as DICOM writes them: modality and VOI LUTs, and the three of a colour palette.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctagkey.h>

#include <string>
#include <vector>

#include "data/dicom/attributes.h"
#include "data/image/image.h"

namespace rationale {

struct LookupTableTags {
  DcmTagKey descriptor, data;
};

/// PS3.3 C.11.1.1.1. Empty `data` and a reason in `fault` if the table cannot be used; a table that is shorter than
/// it says is taken as it is, with a warning.
/// @param is_input_signed  the sign of the table's input, which its first value has
LookupTable read_lookup_table(const Attributes& item, const LookupTableTags& tags, bool is_input_signed,
                              std::string& fault, std::vector<std::string>& warnings);

}  // namespace rationale
