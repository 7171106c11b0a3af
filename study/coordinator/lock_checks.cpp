#include "study/coordinator/lock_checks.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "study/coordinator/analysis.h"
#include "study/statistics/planned_outcome.h"

namespace rationale::study {
namespace {

[[noreturn]] void not_supported(const std::string& what, const std::string& where,
                                const std::string& remedy) {
  throw Error(Error::Kind::kRefused, what, where, remedy).with_code("not_supported");
}

}  // namespace

void check_supported(const Protocol& protocol) {
  if (protocol.design.kind == DesignKind::kSequential) {
    not_supported("this version cannot run sequential studies", "design.kind",
                  "use kind = \"crossover\"");
  }
  for (const Arm& arm : protocol.arms) {
    if (arm.sham != Sham::kNone) {
      not_supported(fmt::format("this version cannot make the sham of arm {}", arm.id), "arm.sham",
                    "leave the sham arm out");
    }
    for (const char* what : {"concepts", "residual", "uncertainty"}) {
      if (arm.shows_what(what)) {
        not_supported(fmt::format("this version cannot show {} (arm {})", what, arm.id),
                      "arm.shows", "show ai_label, ai_score or heatmap");
      }
    }
  }
  if (protocol.session.undo != UndoRule::kUntilConfirm) {
    not_supported("this version cannot reopen a confirmed case", "session.undo",
                  "use undo = \"until_confirm\"");
  }
  if (protocol.session.max_view_s > 0) {
    not_supported("this version does not limit how long a film is seen", "session.max_view_s", "write max_view_s = 0");
  }
  if (protocol.cases.training > 0) {
    not_supported("this version has no training set", "cases.training",
                  "train readers in a study of their own, and write training = 0");
  }
  if (const auto fault = method_fault(plan_of(protocol))) not_supported(fault->why, "endpoint.method", fault->remedy);
}

void check_enrolled(const Protocol& protocol, const Enrolment& enrolment) {
  std::vector<std::string> missing;
  for (const ReaderFacts& reader : protocol.readers) {
    if (!enrolment.readers.contains(reader.id)) missing.push_back(reader.id);
  }
  for (const std::string& name : protocol.blinding.custodians) {
    if (!enrolment.custodians.contains(name)) missing.push_back(name);
  }
  if (missing.empty()) return;
  throw Error(Error::Kind::kRefused,
              fmt::format("not enrolled: {}", fmt::join(missing, ", ")), "the study",
              "ask each for a key (`rationale read --make-key`) and run `rationale study enrol`")
      .with_code("not_enrolled");
}

void check_classes(const std::vector<Assignment>& rows,
                   const std::map<std::string, std::string>& truth, const std::string& positive) {
  for (const auto& [who, count] : class_counts(rows, truth, positive)) {
    if (count.positive > 0 && count.negative > 0) continue;
    throw Error(Error::Kind::kInput,
                fmt::format("reader {} would see {} diseased and {} normal cases in arm {}",
                            who.first, count.positive, count.negative, who.second),
                "the allocation", "add cases, or fewer blocks")
        .with_code("one_class");
  }
}

}  // namespace rationale::study
