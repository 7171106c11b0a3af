// `rationale sentence`: why the model decided so, from what `explain --concepts` stored.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "concepts/attribution/explain_case.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/records/explanations.h"
#include "ui/engine/bodies.h"

namespace rationale::ui {
namespace {

/// A class by name or number; empty: the one with the highest logit.
int chosen_class(const std::string& wanted, const ExplanationStore& store, const std::string& key) {
  const std::vector<std::string>& names = store.manifest().classes;
  if (wanted.empty()) {
    const std::vector<float> logits = store.logits(key);
    return static_cast<int>(std::ranges::max_element(logits) - logits.begin());
  }
  const auto found = std::ranges::find(names, wanted);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  const auto number = parse_integer(wanted);
  if (number && *number >= 0 && *number < static_cast<long long>(names.size())) {
    return static_cast<int>(*number);
  }
  const auto near = near_names(wanted, names);
  throw Error(Error::Kind::kUsage, fmt::format("there is no class \"{}\"", wanted), "--class",
              fmt::format("{} {}", near.empty() ? "choose one of" : "did you mean",
                          fmt::join(near.empty() ? names : near, ", ")))
      .with_code("unknown_class");
}

}  // namespace

int run_sentence(const CommandLine& line) {
  const SentenceOptions& o = line.sentence;
  const auto store = ExplanationStore::open(o.explanations / "explanations.db");
  const ExplainedCase one = store.find_case(o.case_name);
  const int c = chosen_class(o.class_name, store, one.key);
  const std::string text = store.concept_json(one.key, c);
  if (text.empty()) {
    throw Error(Error::Kind::kRefused, "this run was made without concepts",
                o.explanations.string(),
                "run `rationale explain --concepts library.db` into another folder")
        .with_code("no_concepts");
  }
  const concepts::CaseExplanation explanation =
      concepts::case_explanation_from_json(nlohmann::ordered_json::parse(text, nullptr, false));
  double sum = explanation.reference + explanation.residual;
  for (const concepts::Contribution& part : explanation.contributions) sum += part.phi;
  // Added up again, from what was stored: what does not add up is not printed.
  if (std::abs(sum - explanation.logit) > 1e-5 * std::max(1.0, std::abs(explanation.logit))) {
    throw Error(Error::Kind::kInput, "the stored contributions do not add up to the logit",
                store.file().string(), "the store was changed; restore it, or explain again")
        .with_code("identity");
  }
  if (line.common.json) {
    nlohmann::ordered_json body{{"case", one.name}};
    body.update(concepts::to_json(explanation));
    print_json("rationale.sentence", body);
    return 0;
  }
  fmt::print("{}\n\n", explanation.sentence);
  fmt::print("  {:<26} {:>8}  {:<18} {:>9} {:>7}  {}\n", "concept", "logits", "typical error",
             "presence", "sign", "verdict");
  for (const concepts::Contribution& part : explanation.contributions) {
    std::string verdict = concepts::verdict_name(part.verdict);
    std::ranges::replace(verdict, '_', ' ');
    fmt::print("  {:<26} {:>+8.2f}  {:<18} {:>9} {:>7}  {}{}\n", part.concept_name, part.phi,
               fmt::format("{:+.2f} to {:+.2f}", part.low, part.high),
               part.version > 0 ? fmt::format("{:.0f} %", 100 * part.presence) : "-",
               fmt::format("{:.0f} %", 100 * part.sign_stability),
               part.version > 0 ? verdict : "", part.is_named ? ", named" : "");
  }
  fmt::print("  {:<26} {:>+8.2f}  {:.0f} % of all\n  {:<26} {:>+8.2f}\n  {:<26} {:>+8.2f}  (sum to {:.1e})\n",
             "not explained", explanation.residual, 100 * explanation.residual_share, "reference",
             explanation.reference, "logit", explanation.logit, explanation.check);
  return 0;
}

}  // namespace rationale::ui
