#include "concepts/attribution/concept_bank.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "concepts/attribution/explain_case.h"
#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/version.h"

namespace rationale::concepts {
namespace {

using nlohmann::ordered_json;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowMajorFloat = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

[[noreturn]] void damaged(const std::string& what) {
  throw Error(Error::Kind::kInput, "the stored concepts are damaged: " + what, "library.db",
              "train again").with_code("damaged_database");
}

ordered_json optional_json(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::optional<double> optional_number(const ordered_json& json, const char* key) {
  if (!json.contains(key) || !json[key].is_number()) return std::nullopt;
  return json[key].get<double>();
}

ordered_json auc_json(const std::optional<AucInterval>& auc) {
  if (!auc) return nullptr;
  return {{"auc", auc->auc},
          {"low", auc->low},
          {"high", auc->high},
          {"n_present", auc->n_present},
          {"n_absent", auc->n_absent}};
}

std::optional<AucInterval> auc_from(const ordered_json& json) {
  if (!json.is_object() || !json.contains("auc")) return std::nullopt;
  return AucInterval{json.at("auc"), json.at("low"), json.at("high"), json.at("n_present"),
                     json.at("n_absent")};
}

DoubleArray array_of(const Eigen::MatrixXd& matrix) {
  DoubleArray array{{matrix.rows(), matrix.cols()}, {}};
  array.values.resize(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<RowMajor>(array.values.data(), matrix.rows(), matrix.cols()) = matrix;
  return array;
}

FloatArray array_of(const Eigen::MatrixXf& matrix) {
  FloatArray array{{matrix.rows(), matrix.cols()}, {}};
  array.values.resize(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<RowMajorFloat>(array.values.data(), matrix.rows(), matrix.cols()) = matrix;
  return array;
}

Eigen::MatrixXd doubles(const StoredBank& stored, const char* name) {
  const auto found = stored.arrays.find(name);
  if (found == stored.arrays.end() || !std::holds_alternative<DoubleArray>(found->second)) {
    damaged(std::string("there is no ") + name);
  }
  const DoubleArray& array = std::get<DoubleArray>(found->second);
  if (array.shape.size() != 2) damaged(name);
  return Eigen::Map<const RowMajor>(array.values.data(), array.shape[0], array.shape[1]);
}

Eigen::MatrixXf floats(const StoredBank& stored, const char* name) {
  const auto found = stored.arrays.find(name);
  if (found == stored.arrays.end() || !std::holds_alternative<FloatArray>(found->second)) {
    damaged(std::string("there is no ") + name);
  }
  const FloatArray& array = std::get<FloatArray>(found->second);
  if (array.shape.size() != 2) damaged(name);
  return Eigen::Map<const RowMajorFloat>(array.values.data(), array.shape[0], array.shape[1]);
}

ordered_json facts_json(const BankConcept& one) {
  return {{"is_confounder", one.is_confounder},
          {"n_present", one.n_present},
          {"n_absent", one.n_absent},
          {"platt_a", one.platt.a},
          {"platt_b", one.platt.b},
          {"reference", one.reference},
          {"ridge_factor", one.ridge_factor},
          {"auc_cv", auc_json(one.nested_auc)},
          {"stability", one.stability},
          {"vif_strata", optional_json(one.vif_strata)},
          {"vif_concepts", optional_json(one.vif_concepts)},
          {"worst_stratum", one.worst_stratum},
          {"worst_concept", one.worst_concept},
          {"kappa", optional_json(one.kappa)}};
}

BankConcept concept_from(const StoredConcept& stored) {
  const ordered_json json = ordered_json::parse(stored.facts_json);
  BankConcept one;
  one.name = stored.name;
  one.version = stored.version;
  one.is_trained = stored.is_trained;
  one.is_confounder = json.at("is_confounder");
  one.n_present = json.at("n_present");
  one.n_absent = json.at("n_absent");
  one.platt = {json.at("platt_a"), json.at("platt_b")};
  one.reference = json.at("reference");
  one.ridge_factor = json.at("ridge_factor");
  one.nested_auc = auc_from(json.at("auc_cv"));
  one.stability = json.at("stability");
  one.vif_strata = optional_number(json, "vif_strata");
  one.vif_concepts = optional_number(json, "vif_concepts");
  one.worst_stratum = json.at("worst_stratum");
  one.worst_concept = json.at("worst_concept");
  one.kappa = optional_number(json, "kappa");
  return one;
}

BankEvidence evidence_from(const StoredEvidence& stored, BankConcept& one) {
  const ordered_json json = ordered_json::parse(stored.evidence_json);
  BankEvidence evidence;
  evidence.class_index = stored.class_index;
  evidence.class_name = stored.class_name;
  evidence.ordinal = static_cast<std::size_t>(stored.ordinal);
  evidence.effect = optional_number(json, "effect");
  evidence.effect_se = optional_number(json, "effect_se");
  evidence.p = optional_number(json, "p");
  evidence.p_holm = optional_number(json, "p_holm");
  evidence.materiality = optional_number(json, "materiality");
  evidence.folds_same_sign = json.at("folds_same_sign");
  evidence.folds = json.at("folds");
  one.held_out_auc = auc_from(json.at("held_out"));
  evidence.gate = judge(gate_input(one, evidence));
  if (verdict_name(evidence.gate.verdict) != stored.verdict) damaged("a verdict does not follow");
  return evidence;
}

}  // namespace

std::vector<std::size_t> ConceptBank::trained() const {
  std::vector<std::size_t> ordinals;
  for (std::size_t k = 0; k < concepts.size(); ++k) {
    if (concepts[k].is_trained) ordinals.push_back(k);
  }
  return ordinals;
}

GateInput gate_input(const BankConcept& one, const BankEvidence& evidence) {
  GateInput in;
  in.concept_name = one.name;
  in.is_confounder = one.is_confounder;
  in.nested_auc = one.nested_auc;
  in.held_out_auc = one.held_out_auc;
  in.n_present = one.n_present;
  in.n_absent = one.n_absent;
  in.p_holm = evidence.p_holm;
  in.effect = evidence.effect;
  in.effect_se = evidence.effect_se;
  in.materiality = evidence.materiality;
  if (one.is_trained) in.stability = one.stability;
  in.vif_strata = one.vif_strata;
  in.vif_concepts = one.vif_concepts;
  in.worst_stratum = one.worst_stratum;
  in.worst_concept = one.worst_concept;
  in.kappa = one.kappa;
  in.folds_same_sign = evidence.folds_same_sign;
  in.folds = evidence.folds;
  return in;
}

ordered_json evidence_json(const ConceptBank& bank, const BankEvidence& evidence) {
  const BankConcept& one = bank.concepts[evidence.ordinal];
  const auto estimate = [](const std::optional<double>& value) -> ordered_json {
    if (value) return *value;
    return {{"status", "not_estimable"},
            {"code", "not_measured"},
            {"reason", "too few examples, or a combination of the other concepts and strata"}};
  };
  constexpr std::array<const char*, 3> kShortcut{"no", "possible", "yes"};
  ordered_json json{{"concept", one.name},
                    {"version", one.version},
                    {"layer", bank.key.layer},
                    {"class", evidence.class_name},
                    {"verdict", verdict_name(evidence.gate.verdict)},
                    {"used", evidence.gate.is_used},
                    {"confounder", one.is_confounder},
                    {"shortcut", kShortcut[static_cast<std::size_t>(evidence.gate.shortcut)]},
                    {"effect", estimate(evidence.effect)},
                    {"effect_se", estimate(evidence.effect_se)},
                    {"p", estimate(evidence.p)},
                    {"p_holm", estimate(evidence.p_holm)},
                    {"materiality", estimate(evidence.materiality)},
                    {"folds_same_sign", evidence.folds_same_sign},
                    {"folds", evidence.folds}};
  json["auc"] = estimate(one.nested_auc ? std::optional(one.nested_auc->auc) : std::nullopt);
  if (one.held_out_auc) json["auc_held_out"] = one.held_out_auc->auc;
  json["nested"] = one.nested_auc ? auc_json(one.nested_auc) : estimate(std::nullopt);
  json["held_out"] = one.held_out_auc
                         ? auc_json(one.held_out_auc)
                         : ordered_json{{"status", "not_estimable"},
                                        {"code", "no_held_out"},
                                        {"reason", "no held-out cases with and without it"}};
  ordered_json rows = ordered_json::array();
  for (const GateRow& row : evidence.gate.rows) {
    rows.push_back({{"check", row.check},
                    {"statistic", row.statistic},
                    {"value", row.value ? ordered_json(*row.value)
                                        : ordered_json{{"status", "not_estimable"},
                                                       {"code", "not_measured"},
                                                       {"reason", row.reason}}},
                    {"rule", row.rule},
                    {"grade", grade_name(row.grade)},
                    {"reason", row.reason}});
  }
  json["gate"] = rows;
  json["reasons"] = evidence.gate.reasons;
  return json;
}

StoredBank to_stored(const ConceptBank& bank) {
  StoredBank stored{.key = bank.key,
                    .model_name = bank.model_name,
                    .activation_shape = bank.activation_shape,
                    .seed = bank.seed,
                    .n_permutations = bank.n_permutations,
                    .n_resamples = bank.n_resamples,
                    .strata = bank.strata,
                    .program_version = version(),
                    .rows = bank.rows,
                    .concepts = {},
                    .evidence = {},
                    .arrays = {}};
  for (const BankConcept& one : bank.concepts) {
    stored.concepts.push_back({one.name, one.version, one.is_trained, facts_json(one).dump()});
  }
  for (const BankEvidence& one : bank.evidence) {
    stored.evidence.push_back({one.class_index, one.class_name, static_cast<int>(one.ordinal),
                               verdict_name(one.gate.verdict), evidence_json(bank, one).dump()});
  }
  stored.arrays["mean"] = array_of(Eigen::MatrixXd(bank.mean));
  stored.arrays["filters"] = array_of(bank.filters);
  stored.arrays["offsets"] = array_of(Eigen::MatrixXd(bank.offsets));
  stored.arrays["patterns"] = array_of(bank.patterns);
  stored.arrays["mean_activation"] =
      FloatArray{{static_cast<std::int64_t>(bank.mean_activation.size())}, bank.mean_activation};
  stored.arrays["resampled_filters"] = array_of(bank.resampled_filters);
  stored.arrays["resampled_patterns"] = array_of(bank.resampled_patterns);
  stored.arrays["resampled_offsets"] = array_of(Eigen::MatrixXf(bank.resampled_offsets));
  return stored;
}

ConceptBank from_stored(const StoredBank& stored) {
  ConceptBank bank;
  bank.key = stored.key;
  bank.model_name = stored.model_name;
  bank.activation_shape = stored.activation_shape;
  bank.seed = stored.seed;
  bank.n_permutations = stored.n_permutations;
  bank.n_resamples = stored.n_resamples;
  bank.strata = stored.strata;
  bank.rows = stored.rows;
  try {
    for (const StoredConcept& one : stored.concepts) bank.concepts.push_back(concept_from(one));
    for (const StoredEvidence& one : stored.evidence) {
      const auto ordinal = static_cast<std::size_t>(one.ordinal);
      if (ordinal >= bank.concepts.size()) damaged("evidence for no concept");
      bank.evidence.push_back(evidence_from(one, bank.concepts[ordinal]));
    }
  } catch (const nlohmann::json::exception& error) {
    damaged(error.what());
  }
  bank.mean = doubles(stored, "mean");
  bank.filters = doubles(stored, "filters");
  bank.offsets = doubles(stored, "offsets");
  bank.patterns = doubles(stored, "patterns");
  bank.resampled_filters = floats(stored, "resampled_filters");
  bank.resampled_patterns = floats(stored, "resampled_patterns");
  bank.resampled_offsets = floats(stored, "resampled_offsets");
  const auto map = stored.arrays.find("mean_activation");
  if (map == stored.arrays.end() || !std::holds_alternative<FloatArray>(map->second)) {
    damaged("there is no mean activation");
  }
  bank.mean_activation = std::get<FloatArray>(map->second).values;
  const auto columns = static_cast<Eigen::Index>(bank.trained().size());
  const bool fits = bank.filters.rows() == bank.mean.size() && bank.filters.cols() == columns &&
                    bank.offsets.size() == columns &&
                    static_cast<std::int64_t>(bank.mean_activation.size()) ==
                        element_count(bank.activation_shape) &&
                    (bank.key.recipe == "reference" ||
                     (bank.patterns.rows() == bank.filters.rows() &&
                      bank.patterns.cols() == columns &&
                      bank.resampled_filters.cols() == columns * bank.n_resamples &&
                      bank.resampled_patterns.cols() == columns * bank.n_resamples &&
                      bank.resampled_offsets.size() == columns * bank.n_resamples));
  if (!fits) damaged("the shapes of its arrays do not fit each other");
  return bank;
}

std::shared_ptr<const ConceptBank> load_bank(const std::filesystem::path& file,
                                             const std::string& model_sha256,
                                             const std::string& card_sha256,
                                             const std::string& layer) {
  const ConceptLibrary library(file);
  std::vector<BankKey> fitting;
  std::vector<std::string> layers;
  for (const BankKey& key : library.banks()) {
    if (key.recipe != "rationale" || key.model_sha256 != model_sha256 ||
        key.card_sha256 != card_sha256) {
      continue;
    }
    layers.push_back(key.layer);
    if (layer.empty() || key.layer == layer) fitting.push_back(key);
  }
  if (fitting.size() != 1) {
    const std::string what =
        fitting.empty() ? "the library has no concepts trained for this model, card and layer"
                        : "the library has concepts of several layers or features for this model";
    throw Error(Error::Kind::kInput, what, file.string(),
                layers.empty()
                    ? "run `rationale concepts train` with this model.toml first (a changed card or "
                      "model needs training again)"
                    : fmt::format("it has the layers {}; choose one with --layer, or train it",
                                  fmt::join(layers, ", ")))
        .with_code(fitting.empty() ? "not_trained" : "several_layers");
  }
  return std::make_shared<const ConceptBank>(from_stored(*library.load(fitting.front())));
}

std::string bank_sha256(const ConceptBank& bank) {
  const StoredBank stored = to_stored(bank);
  Sha256 digest;
  for (const std::string* field : {&bank.key.model_sha256, &bank.key.card_sha256, &bank.key.layer,
                                   &bank.key.recipe, &bank.key.features}) {
    digest.field(*field);
  }
  for (const StoredConcept& one : stored.concepts) {
    digest.field(fmt::format("{}@{}", one.name, one.version)).field(one.facts_json);
  }
  for (const StoredEvidence& one : stored.evidence) digest.field(one.evidence_json);
  for (const auto& [name, array] : stored.arrays) {
    digest.field(name);
    std::visit(
        [&](const auto& one) {
          digest.field(std::string_view(reinterpret_cast<const char*>(one.values.data()),
                                        one.values.size() * sizeof(one.values[0])));
        },
        array);
  }
  return digest.hex();
}

std::string bank_layer(const ConceptBank& bank) { return bank.key.layer; }

}  // namespace rationale::concepts
