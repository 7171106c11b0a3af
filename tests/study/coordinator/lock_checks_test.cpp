#include "study/coordinator/lock_checks.h"

#include <functional>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/protocol/check.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

namespace {

/// The key that the lock refuses after the change; empty: nothing.
std::string refused_key(const std::function<void(Protocol&)>& change) {
  Protocol protocol = parse_protocol(read_file(test::in_tests("../protocols/crossover.toml")), "crossover.toml");
  change(protocol);
  try {
    check_supported(protocol);
    return "";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(error.code == "not_supported");
    CHECK_FALSE(error.remedy.empty());
    return error.where;
  }
}

}  // namespace

TEST_CASE("a study that this version cannot run as its protocol says is not locked", "[study][coordinator]") {
  CHECK(refused_key([](Protocol&) {}).empty());
  CHECK(refused_key([](Protocol& p) { p.design.kind = DesignKind::kSequential; }) == "design.kind");
  CHECK(refused_key([](Protocol& p) { p.arms.at(0).sham = Sham::kMirrored; }) == "arm.sham");
  CHECK(refused_key([](Protocol& p) { p.arms.at(0).shows = {"concepts"}; }) == "arm.shows");
  CHECK(refused_key([](Protocol& p) { p.session.undo = UndoRule::kSession; }) == "session.undo");
  CHECK(refused_key([](Protocol& p) { p.session.max_view_s = 120; }) == "session.max_view_s");
  CHECK(refused_key([](Protocol& p) { p.cases.training = 1; }) == "cases.training");
}
