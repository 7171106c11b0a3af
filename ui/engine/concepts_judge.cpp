// `rationale concepts judge`: trained concepts against the evidence gate, with held-out films if there are any.
#include <fmt/format.h>

#include <algorithm>
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
  std::size_t n_cases = 0, n_left_out = 0;
  std::vector<FailedCase> failed;
};

HeldOut measure(std::vector<ConceptBank>& banks, const ConceptLibrary& library,
                const explain::ModelCard& card, const CommandLine& line) {
  const ConceptsOptions& o = line.concepts;
  const std::vector<Case> listed =
      select_cases(read_cases(o.cases, MissingFiles::kKeep), o.where);
  const std::vector<Case> cases = without_training(listed, banks);
  if (cases.empty()) {
    throw Error(Error::Kind::kInput, "every case was trained on, or shares its patient with one that was",
                o.cases.string(), "give held-out cases of other patients")
        .with_code("not_held_out");
  }
  HeldOut held{.n_cases = 0, .n_left_out = listed.size() - cases.size(), .failed = {}};
  std::vector<std::pair<std::string, int>> names;
  for (const BankConcept& one : banks.front().concepts) names.emplace_back(one.name, one.version);
  const TrainingSet all = labelled_cases(library, names, cases);
  std::vector<std::string> layers;
  for (const ConceptBank& bank : banks) layers.push_back(bank.key.layer);
  const LayerReader reader(card, layers, banks.front().features(),
                           {.load = load_film,
                            .device = line.common.device,
                            .is_fast = line.common.mode == "fast",
                            .quiet = line.common.progress()});
  const ReadCases films = reader.read(all.cases);
  const TrainingSet set =
      all.subset(std::vector<Eigen::Index>(films.cases.begin(), films.cases.end()));
  held.n_cases = films.cases.size();
  held.failed = films.failed;
  for (std::size_t l = 0; l < banks.size(); ++l) {
    ConceptBank& bank = banks[l];
    const Eigen::MatrixXd scores = concept_scores(bank, films.layers[l].features);
    const std::vector<std::size_t> ordinals = bank.trained();
    for (std::size_t t = 0; t < ordinals.size(); ++t) {
      const auto k = static_cast<Eigen::Index>(ordinals[t]);
      RowIndices rows;
      for (Eigen::Index i = 0; i < set.n(); ++i) {
        if (set.is_judged(i, k) > 0) rows.push_back(i);
      }
      bank.concepts[ordinals[t]].held_out_auc = delong_interval(
          take_rows(Eigen::VectorXd(scores.col(static_cast<Eigen::Index>(t))), rows),
          take_rows(Eigen::VectorXd(set.labels.col(k)), rows));
    }
    for (BankEvidence& one : bank.evidence) {
      one.gate = judge(gate_input(bank.concepts[one.ordinal], one));
    }
  }
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
    for (const FailedCase& one : held.failed) {
      failed.push_back({{"case", one.name}, {"code", one.code}, {"reason", one.reason}});
    }
    print_json("rationale.concepts.judge",
               {{"model", card.name},
                {"recipe", banks.front().key.recipe},
                {"held_out", {{"cases", held.n_cases}, {"left_out", held.n_left_out}}},
                {"failed", failed},
                {"concepts", bank_rows(banks)}});
    return held.failed.empty() ? 0 : 1;
  }
  fmt::print("{}, {} recipe", card.name, banks.front().key.recipe);
  if (!o.cases.empty()) {
    fmt::print(", {} held-out films ({} left out: trained on, or of such a patient)", held.n_cases,
               held.n_left_out);
  }
  fmt::print("\n");
  print_banks(banks);
  for (const FailedCase& one : held.failed) fmt::print("not read: {}: {}\n", one.name, one.reason);
  return held.failed.empty() ? 0 : 1;
}

}  // namespace rationale::ui
