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
  sensitivity.aim = Aim::kNoninferiority;
  sensitivity.treated = "on";
  sensitivity.control = "off";
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

TEST_CASE("a margin of equivalence, or of other arms, is not the margin of non-inferiority", "[study][report]") {
  Protocol protocol;
  protocol.endpoint.metric = Metric::kFpr;
  protocol.endpoint.treated = "on";
  protocol.endpoint.control = "off";
  Endpoint one;
  one.metric = Metric::kSensitivity;
  one.aim = Aim::kEquivalence;
  one.treated = "on";
  one.control = "off";
  one.margin = 0.1;
  protocol.secondary = {one};
  CHECK_FALSE(report_facts(protocol).margin);
  one.aim = Aim::kNoninferiority;
  one.treated = "sham";
  protocol.secondary = {one};
  CHECK_FALSE(report_facts(protocol).margin);
  one.treated = "on";
  protocol.secondary.push_back(one);
  CHECK(report_facts(protocol).margin == Approx(0.1));
}

}  // namespace rationale::study
