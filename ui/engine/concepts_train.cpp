// `rationale concepts train`: filters, patterns and evidence of all concepts, into the library.
#include <fmt/format.h>

#include <algorithm>

#include "concepts/training/layer_features.h"
#include "concepts/training/train_bank.h"
#include "concepts/training/training_set.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/concepts_csv.h"
#include "explain/model/card.h"
#include "explain/model/split_model.h"
#include "explain/model/torch_environment.h"
#include "ui/engine/bodies.h"
#include "ui/engine/concepts_report.h"
#include "ui/engine/enter_sandbox.h"

namespace rationale::ui {
namespace {

using namespace rationale::concepts;

/// Images along whose activations the mean gradient is taken.
constexpr std::size_t kReferenceCases = 40;

std::vector<std::string> chosen_layers(const ConceptsOptions& o, const explain::ModelCard& card) {
  if (!o.layers.empty()) return o.layers;
  if (!card.layers.empty()) return {card.layers.front()};
  std::vector<std::int64_t> shape = card.input_shape;
  shape.insert(shape.begin(), 1);
  return {explain::propose_layer(
              explain::list_layers(card.model_file, shape, card.output_select)).name};
}

/// Evenly spread over the set.
std::vector<Case> reference_cases(const TrainingSet& set) {
  std::vector<Case> cases;
  const std::size_t count = std::min(kReferenceCases, set.cases.size());
  for (std::size_t i = 0; i < count; ++i) cases.push_back(set.cases[i * set.cases.size() / count]);
  return cases;
}

}  // namespace

int run_concepts_train(const CommandLine& line) {
  const ConceptsOptions& o = line.concepts;
  if (o.cases.empty()) {
    throw Error(Error::Kind::kUsage, "the films of the examples are not named", "--cases",
                "give the cases.csv that lists them");
  }
  const explain::ModelCard card = explain::read_card(o.model);
  const std::string recipe = o.recipe.empty() ? "rationale" : o.recipe;
  if (card.output_kind == explain::OutputKind::kProbabilities && recipe == "rationale") {
    throw Error(Error::Kind::kRefused, "the model returns probabilities, and contributions add up in logits",
                o.model.string(), "export the model without its last softmax or sigmoid")
        .with_code("probabilities");
  }
  ConceptLibrary library(o.library, ConceptLibrary::Access::kWrite);
  std::vector<std::string> strata;
  for (const std::string& column : split(o.strata, ',')) {
    if (!trim(column).empty()) strata.emplace_back(trim(column));
  }
  const TrainingSet listed = training_set(
      library, select_cases(read_cases(o.cases, MissingFiles::kKeep), o.where), strata);

  explain::set_threads(line.common.threads);
  explain::make_deterministic();
  const Features features = features_of(o.features);
  const std::vector<std::string> layers = chosen_layers(o, card);
  const LayerReader reader(card, layers, features,
                           {.load = load_film,
                            .device = line.common.device,
                            .is_fast = line.common.mode == "fast",
                            .quiet = line.common.progress()});
  ReadCases films = reader.read(listed.cases);
  const TrainingSet set =
      listed.subset(std::vector<Eigen::Index>(films.cases.begin(), films.cases.end()));

  std::vector<ConceptBank> banks;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    ConceptBank& bank = banks.emplace_back();
    bank.key = {card.model_sha256, card.card_sha256, layers[l], recipe,
                features == Features::kFlat ? "flat" : "pooled"};
    bank.model_name = card.name;
    bank.activation_shape = films.layers[l].activation_shape;
    bank.mean_activation = films.layers[l].mean_activation;
    for (const std::string& digest : films.pixel_sha256) bank.rows.push_back({"", "", digest, 0});
    train_bank(bank, set, films.layers[l].features,
               {.seed = line.common.seed,
                .n_resamples = o.resamples,
                .n_permutations = o.permutations});
  }
  if (recipe == "rationale") {
    std::vector<int> classes;
    std::vector<std::string> class_names;
    for (std::size_t c = 0; c < card.classes.size(); ++c) classes.push_back(static_cast<int>(c));
    if (!o.class_name.empty()) classes = {explain::class_index(card, o.class_name)};
    for (const int c : classes) class_names.push_back(card.classes[static_cast<std::size_t>(c)]);
    std::vector<Eigen::RowVectorXd> means;
    for (const ConceptBank& bank : banks) means.push_back(bank.mean);
    const auto gradients = reader.mean_gradients(reference_cases(set), means, classes);
    for (std::size_t l = 0; l < banks.size(); ++l) {
      add_evidence(banks[l], set, films.layers[l].features, classes, class_names, gradients[l]);
    }
  }
  for (const ConceptBank& bank : banks) library.store(to_stored(bank));

  std::vector<std::string> untrained;
  for (const BankConcept& one : banks.front().concepts) {
    if (!one.is_trained) untrained.push_back(one.name);
  }
  if (!o.out.empty()) write_bank_csv(o.out, banks);
  const bool has_findings = !untrained.empty() || !films.failed.empty();
  if (line.common.json) {
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const FailedCase& one : films.failed) {
      failed.push_back({{"case", one.name}, {"code", one.code}, {"reason", one.reason}});
    }
    print_json("rationale.concepts.train", {{"model", card.name},
                                            {"recipe", recipe},
                                            {"features", banks.front().key.features},
                                            {"layers", layers},
                                            {"images", set.n()},
                                            {"failed", failed},
                                            {"too_few_examples", untrained},
                                            {"concepts", bank_rows(banks)}});
    return has_findings ? 1 : 0;
  }
  fmt::print("{}: {} concepts on {} films of {} cases, layers {}\n", card.name,
             banks.front().concepts.size(), set.n(), listed.n(), fmt::join(layers, ", "));
  print_banks(banks);
  for (const FailedCase& one : films.failed) fmt::print("not read: {}: {}\n", one.name, one.reason);
  if (!untrained.empty()) {
    fmt::print("too few examples, not trained: {} (a concept needs {} patients with and without it)\n",
               fmt::join(untrained, ", "), kLeastPatients);
  }
  return has_findings ? 1 : 0;
}

}  // namespace rationale::ui
