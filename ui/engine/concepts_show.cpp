// `rationale concepts list` and `concepts show`: what a library holds.
#include <fmt/format.h>

#include "concepts/attribution/concept_bank.h"
#include "data/records/concept_library.h"
#include "ui/engine/bodies.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

Json card_json(const ConceptVersion& one) {
  return {{"concept", one.card.name},
          {"version", one.version},
          {"state", one.state},
          {"trained", one.is_trained},
          {"definition", one.card.definition},
          {"not", one.card.excludes},
          {"code", one.card.code},
          {"author", one.card.author},
          {"confounder", one.card.is_confounder},
          {"rule", one.card.rule},
          {"examples",
           {{"present", one.n_present},
            {"absent", one.n_absent},
            {"uncertain", one.n_uncertain},
            {"unjudged", one.n_unjudged}}},
          {"annotators", one.n_annotators}};
}

/// Evidence of one concept in all banks of the recipe.
Json evidence_of(const ConceptLibrary& library, const ConceptVersion& version) {
  Json rows = Json::array();
  for (const BankKey& key : library.banks()) {
    if (key.recipe != "rationale") continue;
    const concepts::ConceptBank bank = concepts::from_stored(*library.load(key));
    for (const concepts::BankEvidence& one : bank.evidence) {
      const concepts::BankConcept& trained = bank.concepts[one.ordinal];
      if (trained.name != version.card.name || trained.version != version.version) continue;
      Json row = evidence_json(bank, one);
      row["model"] = bank.model_name;
      rows.push_back(row);
    }
  }
  return rows;
}

void print_field(const char* name, const std::string& value) {
  if (!value.empty()) fmt::print("  {:<12} {}\n", name, value);
}

}  // namespace

int run_concepts_list(const CommandLine& line) {
  const ConceptLibrary library(line.concepts.library);
  const std::vector<ConceptVersion> all = library.concepts();
  if (line.common.json) {
    Json rows = Json::array();
    for (const ConceptVersion& one : all) rows.push_back(card_json(one));
    Json banks = Json::array();
    for (const BankKey& key : library.banks()) {
      banks.push_back({{"model_sha256", key.model_sha256},
                       {"card_sha256", key.card_sha256},
                       {"layer", key.layer},
                       {"recipe", key.recipe},
                       {"features", key.features}});
    }
    print_json("rationale.concepts.list", {{"concepts", rows}, {"trained", banks}});
    return 0;
  }
  fmt::print("{:<28} {:<9} {:>8} {:>8} {:>10} {:>9} {}\n", "concept", "state", "present", "absent",
             "uncertain", "unjudged", "definition");
  for (const ConceptVersion& one : all) {
    fmt::print("{:<28} {:<9} {:>8} {:>8} {:>10} {:>9} {}\n", one.id(), one.state, one.n_present,
               one.n_absent, one.n_uncertain, one.n_unjudged,
               one.card.definition.empty() ? one.card.rule : one.card.definition);
  }
  for (const BankKey& key : library.banks()) {
    fmt::print("trained: layer {} ({}, {}) of model {:.12}\n", key.layer, key.recipe, key.features,
               key.model_sha256);
  }
  return 0;
}

int run_concepts_show(const CommandLine& line) {
  const ConceptLibrary library(line.concepts.library);
  const ConceptVersion one = library.find(line.concepts.name);
  const Json evidence = evidence_of(library, one);
  if (line.common.json) {
    Json body = card_json(one);
    Json versions = Json::array();
    for (const ConceptVersion& other : library.versions(one.card.name)) {
      versions.push_back({{"version", other.version}, {"state", other.state}});
    }
    body["versions"] = versions;
    body["evidence"] = evidence;
    print_json("rationale.concepts.show", body);
    return 0;
  }
  fmt::print("{} ({}{})\n", one.id(), one.state, one.is_trained ? ", trained on" : "");
  print_field("definition", one.card.definition);
  print_field("not", one.card.excludes);
  print_field("code", one.card.code);
  print_field("author", one.card.author);
  print_field("rule", one.card.rule);
  print_field("role", one.card.is_confounder ? "confounder: if the model uses it, that is a shortcut"
                                             : "");
  print_field("examples", fmt::format("{} present, {} absent, {} uncertain, {} unjudged; {} annotators",
                                      one.n_present, one.n_absent, one.n_uncertain, one.n_unjudged,
                                      one.n_annotators));
  for (const Json& row : evidence) {
    fmt::print("\n  {} at {}, class {}: {}\n", row["model"].get<std::string>(),
               row["layer"].get<std::string>(), row["class"].get<std::string>(),
               row["verdict"].get<std::string>());
    for (const Json& check : row["gate"]) {
      fmt::print("    {:<18} {:<13} {}\n", check["check"].get<std::string>(),
                 check["grade"].get<std::string>(), check["reason"].get<std::string>());
    }
  }
  return 0;
}

}  // namespace rationale::ui
