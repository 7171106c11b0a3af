// The draft analysis plan and the estimand, from the template protocol; the checklists from a report's input.
#include "study/report/sap.h"

#include <filesystem>

#include "data/base/file.h"
#include "study/protocol/check.h"
#include "study/report/checklists.h"
#include "study/report/estimand.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

Protocol crossover() {
  const auto file = std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols/crossover.toml";
  return parse_protocol(read_file(file), file.string());
}

}  // namespace

TEST_CASE("the estimand has its five attributes and names both arms", "[study][report][sap]") {
  const Protocol p = crossover();
  const auto attributes = estimand(p);
  REQUIRE(attributes.size() == 5);
  CHECK(attributes[0].name == "population");
  CHECK(attributes[0].text.find("readers like the") != std::string::npos);
  CHECK(attributes[1].text.find("visible") < attributes[1].text.find("hidden"));
  CHECK(attributes[2].text.find("false-positive rate") != std::string::npos);
  CHECK(attributes[4].text.find("superiority") != std::string::npos);
  Protocol fixed = p;
  fixed.endpoint.readers = Readers::kFixed;
  CHECK(estimand(fixed)[0].text.find("these") != std::string::npos);
  Protocol parallel = p;
  parallel.design.kind = DesignKind::kParallel;
  parallel.endpoint.metric = Metric::kTime;
  CHECK(estimand(parallel)[4].text.find("unpaired t") != std::string::npos);
}

TEST_CASE("the draft plan fills what is fixed and leaves the tables empty", "[study][report][sap]") {
  const Protocol p = crossover();
  const std::string plan = analysis_plan_draft(p);
  CHECK(plan.find(p.sha256) != std::string::npos);
  for (const ReaderFacts& reader : p.readers) CHECK(plan.find("| " + reader.id + " |  |") != std::string::npos);
  for (const Endpoint& one : p.secondary) CHECK(plan.find(one.id + ": ") != std::string::npos);
  CHECK(plan.find("non-inferiority with a margin of 0.05") != std::string::npos);
  CHECK(plan.find("author to state") != std::string::npos);
  CHECK(plan.find("Table 6. Missing readings") != std::string::npos);
}

TEST_CASE("checklists say what the record proves and leave the rest to the author", "[study][report]") {
  ReportInput input;
  const auto open = [](const std::vector<Checklist>& lists) {
    int n = 0;
    for (const Checklist& list : lists) {
      for (const ChecklistItem& one : list.items) {
        n += one.filled == Filled::kAuthor ? 1 : 0;
        CHECK(one.answer.empty() == (one.filled == Filled::kAuthor));
      }
    }
    return n;
  };
  const auto without = checklists(input);
  REQUIRE(without.size() == 4);
  const int n_open = open(without);
  input.facts.is_locked = true;
  input.facts.training = "10 training cases";
  input.facts.digests = {{"allocation", "00112233445566778899"}};
  CHECK(open(checklists(input)) < n_open);
}
