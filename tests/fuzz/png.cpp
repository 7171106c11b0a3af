#include "data/image/png.h"

#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {

bool png(std::string_view bytes) {
  is_accepted([&] { check_picture(parse_png(bytes, "fuzz")); });
  return is_accepted([&] { check_picture(parse_png(bytes, "fuzz", Colour::kToGrey)); });
}

}  // namespace rationale::fuzz
