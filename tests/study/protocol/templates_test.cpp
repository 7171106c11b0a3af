// The protocols that `rationale study new --from` copies.
#include <fmt/format.h>

#include "data/base/file.h"
#include "study/protocol/check.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

TEST_CASE("every template of a protocol passes its own check", "[study][protocol]") {
  int n_templates = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::in_tests("../protocols"))) {
    if (entry.path().extension() != ".toml") continue;
    ++n_templates;
    const study::ProtocolCheck check = study::check_protocol(read_file(entry.path()));
    for (const study::Finding& one : check.errors) {
      FAIL_CHECK(fmt::format("{}:{}: {} {}: {}", entry.path().string(), one.line, one.code, one.path, one.message));
    }
  }
  CHECK(n_templates >= 2);
}
