#include "data/arrays/npy.h"

#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {

bool npy(std::string_view bytes) {
  return is_accepted([&] {
    std::visit(
        [](const auto& array) {
          require(static_cast<std::int64_t>(array.values.size()) == element_count(array.shape),
                  "as many values as the shape says");
        },
        parse_npy(bytes, "fuzz"));
  });
}

}  // namespace rationale::fuzz
