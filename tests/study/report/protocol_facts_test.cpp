#include "study/report/protocol_facts.h"

#include "tests/support/catch.h"

namespace rationale::study {

TEST_CASE("a protocol names the contrast, the margin and what the arms show", "[study][report]") {
  Protocol protocol;
  protocol.study.id = "S1";
  protocol.study.is_synthetic = true;
  protocol.design.periods = 2;
  protocol.arms = {{"off", "Arm A", {}}, {"on", "Arm B", {"heatmap"}}};
  protocol.endpoint.metric = Metric::kFpr;
  protocol.endpoint.treated = "on";
  protocol.endpoint.control = "off";
  Endpoint sensitivity;
  sensitivity.metric = Metric::kSensitivity;
  sensitivity.margin = 0.05;
  protocol.secondary = {sensitivity};
  const ReportFacts facts = report_facts(protocol);
  CHECK(facts.primary == "fpr");
  CHECK(facts.control.id == "off");
  CHECK(facts.control.label == "Arm A");
  CHECK(facts.treated.phrase == "with the heatmap visible");
  CHECK(facts.margin == Approx(0.05));
  CHECK(facts.washout == "28 days planned");
  CHECK(facts.is_synthetic);
  CHECK_FALSE(facts.is_locked);
}

}  // namespace rationale::study
