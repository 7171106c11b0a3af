#include "study/coordinator/ai_outputs.h"

#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("whatever readers are shown of the AI is bound by its digest", "[study][coordinator]") {
  const AiOutputs good{.class_name = "mass",
                       .threshold = 0.5,
                       .map_scale = 2,
                       .cases = {{"c1", {.score = 0.7, .map = {1, 2, {0.1F, 0.2F}}, .pixel_sha256 = "p", .key = "k"}}}};
  const auto changed = [&](auto change) {
    AiOutputs other = good;
    change(other);
    return other.digest() != good.digest();
  };
  CHECK(AiOutputs(good).digest() == good.digest());
  CHECK(changed([](AiOutputs& o) { o.class_name.clear(); }));
  CHECK(changed([](AiOutputs& o) { o.threshold = 0.4; }));
  CHECK(changed([](AiOutputs& o) { o.map_scale = 1; }));
  CHECK(changed([](AiOutputs& o) { o.cases.at("c1").score = 0.71; }));
  CHECK(changed([](AiOutputs& o) { o.cases.at("c1").map.values[1] = 0.3F; }));
  CHECK(changed([](AiOutputs& o) { o.cases.at("c1").map = {2, 1, {0.1F, 0.2F}}; }));
  CHECK(changed([](AiOutputs& o) { o.cases.at("c1").map_to_picture.row_offset = 3; }));
  CHECK(changed([](AiOutputs& o) { o.cases.at("c1").pixel_sha256.clear(); }));
}
