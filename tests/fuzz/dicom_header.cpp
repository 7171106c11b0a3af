#include "data/dicom/read_dicom.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {

bool dicom_header(std::string_view bytes) {
  bool is_read = false;
  for (const int frame : {1, 2}) {
    const Colour colour = frame == 1 ? Colour::kToGrey : Colour::kRefuse;
    is_read |= is_accepted([&] { check_picture(parse_dicom(bytes, "fuzz", frame, colour)); });
  }
  return is_read;
}

}  // namespace rationale::fuzz
