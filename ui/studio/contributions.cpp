#include "ui/studio/contributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "data/base/error.h"

namespace rationale::ui {
namespace {

std::string reading(const ConceptContribution& one) {
  const char* how = one.presence >= 0.7   ? "present"
                    : one.presence <= 0.3 ? "absent"
                                          : "present or not";
  return fmt::format("{} {}, {:.2f}",
                     one.verdict == "suggestive" ? "suggestive; reads" : "reads as", how,
                     one.presence);
}

}  // namespace

CaseContributions parse_contributions(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    CaseContributions result;
    result.sentence = json.at("sentence").get<std::string>();
    result.logit = json.at("logit").get<double>();
    result.reference = json.at("reference").get<double>();
    result.residual = json.at("residual").get<double>();
    result.residual_share = json.at("residual_share").get<double>();
    for (const auto& item : json.at("contributions")) {
      ConceptContribution one;
      one.name = item.at("concept").get<std::string>();
      one.version = item.at("version").get<int>();
      one.phi = item.at("phi").get<double>();
      one.low = item.at("low").get<double>();
      one.high = item.at("high").get<double>();
      one.presence = item.at("presence").get<double>();
      one.sign_stability = item.at("sign_stability").get<double>();
      one.verdict = item.at("verdict").get<std::string>();
      result.contributions.push_back(std::move(one));
    }
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw Error(Error::Kind::kInput,
                std::string("the stored concept result cannot be read: ") + error.what(),
                "explanations.db", "run `rationale explain --concepts …` into a new folder");
  }
}

SplitSentence split_sentence(const std::string& sentence) {
  // The figures begin behind the first colon that a sign follows.
  std::size_t at = std::string::npos;
  for (const std::string_view mark : {": +", ": -", ": −", ": 0"}) {
    at = std::min(at, sentence.find(mark));
  }
  if (at == std::string::npos) return {sentence, ""};
  return {sentence.substr(0, at) + ".", sentence.substr(at + 2)};
}

Waterfall make_waterfall(const CaseContributions& from, std::size_t most) {
  using Kind = WaterfallStep::Kind;
  std::vector<const ConceptContribution*> shown, others;
  for (const ConceptContribution& one : from.contributions) {
    const bool passed = one.version > 0 && one.verdict != "not_established";
    (passed ? shown : others).push_back(&one);
  }
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) {
    return std::abs(a->phi) > std::abs(b->phi);
  });
  while (shown.size() > most) {
    others.push_back(shown.back());
    shown.pop_back();
  }

  Waterfall waterfall;
  const auto add = [&](Kind kind, std::string name, std::string note,
                       double value) -> WaterfallStep& {
    WaterfallStep step;
    step.kind = kind;
    step.name = std::move(name);
    step.note = std::move(note);
    step.value = value;
    waterfall.steps.push_back(std::move(step));
    return waterfall.steps.back();
  };
  add(Kind::kReference, "Reference", "mean reference film", from.reference);
  std::string stabilities;
  for (const ConceptContribution* one : shown) {
    add(Kind::kConcept, one->name, reading(*one), one->phi).error =
        WaterfallStep::Range{one->low, one->high};
    stabilities += fmt::format("{}{:.2f}", stabilities.empty() ? "" : ", ", one->sign_stability);
  }
  if (!others.empty()) {
    double sum = 0;
    bool are_unestablished = true;
    for (const ConceptContribution* one : others) {
      sum += one->phi;
      are_unestablished = are_unestablished && one->verdict == "not_established";
    }
    add(Kind::kOther, "Other annotated",
        fmt::format("{} concept{}{}", others.size(), others.size() == 1 ? "" : "s",
                    are_unestablished ? ", not established" : ""),
        sum);
  }
  add(Kind::kResidual, "Not explained",
      fmt::format("{:.0f} % of the decision", 100 * from.residual_share), from.residual);
  add(Kind::kDecision, "Decision", "exactly as the model gave it", from.logit);
  if (!shown.empty()) {
    waterfall.footnote = fmt::format(
        "Thin lines: typical case-to-case error, about 90 % in synthetic tests. Sign stability {}.",
        stabilities);
  }
  waterfall.tolerance = 1e-5 * std::max(1.0, std::abs(from.logit));
  return waterfall;
}

}  // namespace rationale::ui
