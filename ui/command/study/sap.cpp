// `rationale study sap`: a draft statistical analysis plan from the protocol.
#include "study/report/sap.h"

#include <fmt/format.h>

#include "data/base/file.h"
#include "study/protocol/check.h"
#include "study/report/estimand.h"
#include "ui/command/bodies.h"

namespace rationale::ui {

int run_study_sap(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const std::filesystem::path file = o.file.empty() ? "protocol.toml" : o.file;
  const study::Protocol protocol = study::parse_protocol(read_file(file), file.string());
  const std::string plan = study::analysis_plan_draft(protocol);
  if (!o.out.empty()) write_file(o.out, plan);
  if (line.common.json) {
    nlohmann::ordered_json estimand = nlohmann::ordered_json::object();
    for (const study::EstimandAttribute& one : study::estimand(protocol)) estimand[one.name] = one.text;
    print_json("rationale.study.sap", {{"protocol_sha256", protocol.sha256}, {"estimand", estimand}, {"plan", plan}});
  } else if (o.out.empty()) {
    fmt::print("{}", plan);
  } else {
    fmt::print("The draft: {}\n", o.out.string());
  }
  return 0;
}

}  // namespace rationale::ui
