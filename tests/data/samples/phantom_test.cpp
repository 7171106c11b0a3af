#include "data/samples/phantom.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "data/base/digest.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

Findings with(Finding finding) {
  Findings findings{};
  findings[finding] = true;
  return findings;
}

bool is_clipped(float value) { return value <= 0.0F || value >= 1.2F; }

struct Reference {
  std::uint64_t seed, index;
  unsigned findings;  // bit k: finding k
  int at_40_30, at_10_9;
  std::string sha256;  // of the 12-bit values, 16 bits little endian
};

}  // namespace

TEST_CASE("phantoms are those of a second implementation of their description", "[data][samples]") {
  // Printed by tests/data/samples/reference.py (numpy).
  const auto reference =
      GENERATE(Reference{7, 3, 0x00, 2108, 2029,
                         "7e431821a09f6ea7d6c809994fb04e36a1723ba9ca6ee5e3ff9b5b6ed2dce0a6"},
               Reference{7, 3, 0xff, 2118, 3028,
                         "60806f04e09b99ffed80201acb2bd301fc3cb9b03b986bfbdddf94c4d8943d07"},
               Reference{2024, 999, 0xff, 2125, 2890,
                         "f4106c3ff0f6142196cb52617c451f6b5d548094320197c90133c73edd791821"},
               Reference{11, 0, 0x1f, 1403, 2004,
                         "67434835dc05c7a56ce5e38cd8be2b96da8a2b8063081bc6143a1eb70a974de0"},
               Reference{1, 12, 0xe0, 1664, 2900,
                         "fc07fbc6a12c4f5e19886ea7623d9c4129b72b5ed06496c51e8691cdc1fcc27f"});
  Findings findings{};
  for (std::size_t k = 0; k < kFindingCount; ++k) findings[k] = (reference.findings >> k & 1U) != 0;

  const auto stored = stored_values(render(reference.seed, reference.index, findings).image);

  CHECK(stored[40 * kSize + 30] == reference.at_40_30);
  CHECK(stored[10 * kSize + 9] == reference.at_10_9);
  CHECK(sha256_hex(std::as_bytes(std::span(stored))) == reference.sha256);
}

TEST_CASE("another seed or index is another picture", "[data][samples]") {
  const Plane image = render(5, 6, {}).image;
  CHECK(image.values != render(6, 5, {}).image.values);
  CHECK(image.values != render(5, 7, {}).image.values);
  CHECK(image.values == render(5, 6, {}).image.values);
}

TEST_CASE("a finding changes pixels in its mask and leaves all other randomness alone",
          "[data][samples]") {
  const auto k = GENERATE(range(0, kFindingCount));
  const auto index = GENERATE(as<std::uint64_t>{}, 0, 1, 2, 3, 4, 5);
  const auto finding = static_cast<Finding>(k);
  const Phantom without = render(31, index, {});
  const Phantom present = render(31, index, with(finding));
  const Mask& mask = present.masks[finding];
  CHECK(mask == without.masks[finding]);

  double peak = 0;
  double inside = 0, outside = 0;
  int n_inside = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (is_clipped(present.image.values[i]) || is_clipped(without.image.values[i])) continue;
    const double change =
        std::abs(static_cast<double>(present.image.values[i]) - without.image.values[i]);
    peak = std::max(peak, change);
    if (mask[i] != 0) {
      inside += change;
      ++n_inside;
    } else {
      outside = std::max(outside, change);
    }
  }
  // Noise is the same in both, so what is left outside is the tail of the finding itself.
  REQUIRE(n_inside > 15);
  CHECK(outside <= 0.2 * peak + 1e-6);
  CHECK(inside / n_inside > 0.2 * peak);
}

TEST_CASE("stamps change only the dots of their letters", "[data][samples]") {
  // L at twice 3 x 5: 5 + 2 dots of 4 pixels. PORTABLE by hand: P 10, O 12, R 11, T 7, A 12, B 11,
  // L 7, E 10 dots.
  const Phantom phantom = render(8, 2, {});
  CHECK(std::ranges::count(phantom.masks[kMarker], 1) == 28);
  CHECK(std::ranges::count(phantom.masks[kPortable], 1) == 79);
  const Plane marked = render(8, 2, with(kMarker)).image;
  for (std::size_t i = 0; i < marked.values.size(); ++i) {
    if (phantom.masks[kMarker][i] == 0) REQUIRE(marked.values[i] == phantom.image.values[i]);
  }
  CHECK(phantom.masks[kMarker][6 * kSize + 86] == 1);
  CHECK(phantom.masks[kPortable][88 * kSize + 4] == 1);
}

TEST_CASE("the network's input is (I - 0.5) / 0.25 of what a file stores", "[data][samples]") {
  const FloatArray input = network_input({0, 4095, 1706, 2559});
  CHECK(input.values[0] == Approx(-2.0));
  CHECK(input.values[1] == Approx(2.8));
  CHECK(input.values[2] == Approx((1706 * 1.2 / 4095 - 0.5) / 0.25));
  // Storing costs at most half a step of 1.2 / 4095.
  const Plane image = render(1, 1, {}).image;
  const FloatArray stored = network_input(stored_values(image));
  CHECK(stored.shape == Shape{1, kSize, kSize});
  for (std::size_t i = 0; i < image.values.size(); ++i) {
    REQUIRE(std::abs(stored.values[i] - (image.values[i] - 0.5F) / 0.25F) <=
            0.5 * 1.2 / 4095 / 0.25 + 1e-6);
  }
}
