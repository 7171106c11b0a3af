// CaseExplanation as JSON and back.
#include "concepts/attribution/explain_case.h"
#include "data/base/error.h"

namespace rationale::concepts {

using nlohmann::ordered_json;

ordered_json to_json(const CaseExplanation& explanation) {
  ordered_json contributions = ordered_json::array();
  for (const Contribution& one : explanation.contributions) {
    ordered_json row{{"concept", one.concept_name},
                     {"version", one.version},
                     {"phi", one.phi},
                     {"low", one.low},
                     {"high", one.high},
                     {"estimate_low", one.estimate_low},
                     {"estimate_high", one.estimate_high},
                     {"effect", one.effect},
                     {"sign_stability", one.sign_stability},
                     {"verdict", verdict_name(one.verdict)},
                     {"named", one.is_named}};
    if (one.version > 0) {
      row["presence"] = one.presence;
      row["reference"] = one.reference;
      row["decisive_presence"] = one.decisive_presence;
    } else {
      row["presence"] = {{"status", "not_estimable"},
                         {"code", "several_concepts"},
                         {"reason", "several concepts that move as one"}};
    }
    contributions.push_back(row);
  }
  return {{"sentence", explanation.sentence},
          {"class", explanation.class_name},
          {"logit", explanation.logit},
          {"reference", explanation.reference},
          {"residual", explanation.residual},
          {"residual_share", explanation.residual_share},
          {"contributions", contributions},
          {"check", explanation.check}};
}

CaseExplanation case_explanation_from_json(const ordered_json& json) {
  try {
    CaseExplanation explanation{.class_name = json.at("class"),
                                .logit = json.at("logit"),
                                .reference = json.at("reference"),
                                .residual = json.at("residual"),
                                .residual_share = json.at("residual_share"),
                                .check = json.at("check"),
                                .contributions = {},
                                .sentence = json.at("sentence")};
    for (const ordered_json& row : json.at("contributions")) {
      Contribution one{.concept_name = row.at("concept"),
                       .version = row.at("version"),
                       .phi = row.at("phi"),
                       .low = row.at("low"),
                       .high = row.at("high"),
                       .estimate_low = row.at("estimate_low"),
                       .estimate_high = row.at("estimate_high"),
                       .presence = 0,
                       .reference = 0,
                       .effect = row.at("effect"),
                       .sign_stability = row.at("sign_stability"),
                       .decisive_presence = 0.7,
                       .verdict = verdict_from_name(row.at("verdict").get<std::string>()),
                       .is_named = row.at("named")};
      if (one.version > 0) {
        one.presence = row.at("presence");
        one.reference = row.at("reference");
        one.decisive_presence = row.at("decisive_presence");
      }
      explanation.contributions.push_back(std::move(one));
    }
    return explanation;
  } catch (const nlohmann::json::exception& error) {
    throw Error(Error::Kind::kInput,
                std::string("a stored explanation cannot be read: ") + error.what(),
                "explanations.db", "run `rationale explain --concepts` again, into another folder");
  }
}

}  // namespace rationale::concepts
