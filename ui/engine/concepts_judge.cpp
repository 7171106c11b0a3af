// `rationale concepts judge`: trained concepts against the evidence gate, with held-out films if there are any.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "concepts/evidence/auc.h"
#include "concepts/training/gram.h"
#include "concepts/training/layer_features.h"
#include "concepts/training/train_bank.h"
#include "concepts/training/training_set.h"
#include "data/base/error.h"
#include "data/cases/concepts_csv.h"
#include "explain/model/card.h"
#include "explain/model/torch_environment.h"
#include "ui/engine/bodies.h"
#include "ui/engine/concepts_report.h"
#include "ui/engine/enter_sandbox.h"

namespace rationale::ui {
namespace {

using namespace rationale::concepts;

std::vector<ConceptBank> load_banks(const ConceptLibrary& library, const ConceptsOptions& o,
                                    const explain::ModelCard& card) {
  const std::string recipe = o.recipe.empty() ? "rationale" : o.recipe;
  std::vector<ConceptBank> banks;
  std::vector<std::string> there;
  for (const BankKey& key : library.banks()) {
    if (key.model_sha256 != card.model_sha256 || key.card_sha256 != card.card_sha256 ||
        key.recipe != recipe || (!o.features.empty() && key.features != o.features)) {
      continue;
    }
    there.push_back(key.layer);
    if (o.layers.empty() || std::ranges::find(o.layers, key.layer) != o.layers.end()) {
      banks.push_back(from_stored(*library.load(key)));
    }
  }
  if (banks.empty()) {
    throw Error(Error::Kind::kInput,
                fmt::format("the library has no concepts trained for this model by the {} recipe{}",
                            recipe, there.empty() ? "" : " at this layer"),
                library.file().string(),
                there.empty() ? "run `rationale concepts train` with this model.toml first"
                              : fmt::format("it has the layers {}", fmt::join(there, ", ")))
        .with_code("not_trained");
  }
  return banks;
}

/// Cases that no bank was trained on, by name and by patient.
std::vector<Case> without_training(const std::vector<Case>& cases,
                                   const std::vector<ConceptBank>& banks) {
  std::set<std::string> names, patients;
  for (const ConceptBank& bank : banks) {
    for (const StoredRow& row : bank.rows) {
      names.insert(row.case_name);
      if (!row.patient.empty()) patients.insert(row.patient);
    }
  }
  std::vector<Case> rest;
  for (const Case& one : cases) {
    if (!names.count(one.name) && (one.patient.empty() || !patients.count(one.patient))) {
      rest.push_back(one);
    }
  }
  return rest;
}

struct HeldOut {
  std::set<std::string> cases;  ///< that a bank was measured on
  std::size_t n_left_out = 0;
  std::map<std::string, FailedCase> failed;  ///< by case
};

/// A bank's concepts as they were when it was trained.
std::vector<std::pair<std::string, int>> versions_of(const ConceptBank& bank) {
  std::vector<std::pair<std::string, int>> names;
  for (const BankConcept& one : bank.concepts) names.emplace_back(one.name, one.version);
  return names;
}

/// Banks whose films are read alike and whose concepts are the same: one reading serves them all.
std::vector<std::vector<ConceptBank*>> read_alike(std::vector<ConceptBank>& banks) {
  std::vector<std::vector<ConceptBank*>> groups;
  for (ConceptBank& bank : banks) {
    const auto known = std::ranges::find_if(groups, [&](const auto& group) {
      return group.front()->features() == bank.features() && versions_of(*group.front()) == versions_of(bank);
    });
    if (known == groups.end()) {
      groups.push_back({&bank});
    } else {
      known->push_back(&bank);
    }
  }
  return groups;
}

void measure_bank(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& features) {
  const Eigen::MatrixXd scores = concept_scores(bank, features);
  const std::vector<std::size_t> ordinals = bank.trained();
  for (std::size_t t = 0; t < ordinals.size(); ++t) {
    const auto k = static_cast<Eigen::Index>(ordinals[t]);
    RowIndices rows;
    for (Eigen::Index i = 0; i < set.n(); ++i) {
      if (set.is_judged(i, k) > 0) rows.push_back(i);
    }
    bank.concepts[ordinals[t]].held_out_auc =
        delong_interval(take_rows(Eigen::VectorXd(scores.col(static_cast<Eigen::Index>(t))), rows),
                        take_rows(Eigen::VectorXd(set.labels.col(k)), rows));
  }
  for (BankEvidence& one : bank.evidence) one.gate = judge(gate_input(bank.concepts[one.ordinal], one));
}

void measure_alike(const std::vector<ConceptBank*>& banks, const std::vector<Case>& cases,
                   const ConceptLibrary& library, const explain::ModelCard& card, const CommandLine& line,
                   HeldOut& held) {
  const TrainingSet all = labelled_cases(library, versions_of(*banks.front()), cases);
  std::vector<std::string> layers;
  for (const ConceptBank* bank : banks) layers.push_back(bank->key.layer);
  const LayerReader reader(card, layers, banks.front()->features(),
                           {.load = load_film,
                            .device = line.common.device,
                            .is_fast = line.common.mode == "fast",
                            .quiet = line.common.progress()});
  const ReadCases films = reader.read(all.cases);
  const TrainingSet set = all.subset(std::vector<Eigen::Index>(films.cases.begin(), films.cases.end()));
  for (const Case& one : set.cases) held.cases.insert(one.name);
  for (const FailedCase& one : films.failed) held.failed.emplace(one.name, one);
  for (std::size_t l = 0; l < banks.size(); ++l) measure_bank(*banks[l], set, films.layers[l].features);
}

HeldOut measure(std::vector<ConceptBank>& banks, const ConceptLibrary& library, const explain::ModelCard& card,
                const CommandLine& line) {
  const ConceptsOptions& o = line.concepts;
  const std::vector<Case> listed = select_cases(read_cases(o.cases, MissingFiles::kKeep), o.where);
  const std::vector<Case> cases = without_training(listed, banks);
  if (cases.empty()) {
    throw Error(Error::Kind::kInput, "every case was trained on, or shares its patient with one that was",
                o.cases.string(), "give held-out cases of other patients")
        .with_code("not_held_out");
  }
  HeldOut held;
  held.n_left_out = listed.size() - cases.size();
  for (const auto& group : read_alike(banks)) measure_alike(group, cases, library, card, line, held);
  return held;
}

}  // namespace

int run_concepts_judge(const CommandLine& line) {
  const ConceptsOptions& o = line.concepts;
  const explain::ModelCard card = explain::read_card(o.model);
  ConceptLibrary library(o.library, ConceptLibrary::Access::kWrite);
  std::vector<ConceptBank> banks = load_banks(library, o, card);
  HeldOut held;
  if (!o.cases.empty()) {
    explain::set_threads(line.common.threads);
    explain::make_deterministic();
    held = measure(banks, library, card, line);
    for (const ConceptBank& bank : banks) {
      library.replace_evidence(bank.key, to_stored(bank).evidence);
    }
  } else if (o.recipe == "reference") {
    throw Error(Error::Kind::kUsage, "the reference recipe is judged on held-out films only", "--cases",
                "give their cases.csv");
  }
  if (!o.class_name.empty()) {
    const int wanted = explain::class_index(card, o.class_name);
    for (ConceptBank& bank : banks) {
      std::erase_if(bank.evidence,
                    [&](const BankEvidence& one) { return one.class_index != wanted; });
    }
  }
  if (!o.out.empty()) write_bank_csv(o.out, banks);
  if (line.common.json) {
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const auto& [name, one] : held.failed) {
      failed.push_back({{"case", name}, {"code", one.code}, {"reason", one.reason}});
    }
    print_json("rationale.concepts.judge",
               {{"model", card.name},
                {"recipe", banks.front().key.recipe},
                {"held_out", {{"cases", held.cases.size()}, {"left_out", held.n_left_out}}},
                {"failed", failed},
                {"concepts", bank_rows(banks)}});
    return held.failed.empty() ? 0 : 1;
  }
  fmt::print("{}, {} recipe", card.name, banks.front().key.recipe);
  if (!o.cases.empty()) {
    fmt::print(", {} held-out films ({} left out: trained on, or of such a patient)", held.cases.size(),
               held.n_left_out);
  }
  fmt::print("\n");
  print_banks(banks);
  for (const auto& [name, one] : held.failed) fmt::print("not read: {}: {}\n", name, one.reason);
  return held.failed.empty() ? 0 : 1;
}

}  // namespace rationale::ui
