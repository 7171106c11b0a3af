// libFuzzer's way in; the build says which target this binary runs.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rationale::fuzz::RATIONALE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
