#include "concepts/attribution/explain_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "concepts/attribution/concept_bank.h"
#include "concepts/attribution/path.h"
#include "concepts/attribution/shapley.h"
#include "concepts/attribution/split_suffix.h"
#include "concepts/sentence/sentence.h"
#include "concepts/training/train_bank.h"
#include "data/base/error.h"

namespace rationale::concepts {
namespace {

constexpr Eigen::Index kExactPlayers = 12, kKeptPlayers = 10;
constexpr int kMidpoints = 12;
constexpr char kPooledName[] = "other annotated concepts";

/// Shapley values of one class: players' columns of the bank, the pooled rest last.
struct ClassShares {
  std::vector<std::vector<Eigen::Index>> players;  ///< [sample][player], without the rest
  bool has_rest = false;
  Eigen::MatrixXd phi;      ///< [N, players (+ 1)]
  Eigen::VectorXd empty;    ///< v(empty) [N]
};

/// What is the same for all classes of a run.
struct RunNumbers {
  Eigen::MatrixXd features, presence, changes;  ///< [N, D], [N, T], [N, T]
  std::vector<Eigen::MatrixXd> footprints;      ///< T x [N, D]
};

RunNumbers read_run(const SplitSuffix& suffix, const ConceptBank& bank) {
  RunNumbers run;
  run.features = suffix.own();
  std::vector<Platt> calibrations;
  Eigen::RowVectorXd references(bank.filters.cols());
  for (const std::size_t ordinal : bank.trained()) {
    references(static_cast<Eigen::Index>(calibrations.size())) = bank.concepts[ordinal].reference;
    calibrations.push_back(bank.concepts[ordinal].platt);
  }
  run.presence = presences(concept_scores(bank, run.features), calibrations);
  run.changes = run.presence.rowwise() - references;
  run.footprints = footprints_of(bank.patterns, run.changes);
  return run;
}

/// Every concept its own player: one set of suffix runs serves all classes.
std::vector<ClassShares> exact_shares(const SplitSuffix& suffix, const RunNumbers& run,
                                      const std::vector<std::int64_t>& classes) {
  const auto values = what_if_values(suffix, run.features, run.footprints);
  std::vector<Eigen::Index> all(run.footprints.size());
  std::iota(all.begin(), all.end(), Eigen::Index{0});
  std::vector<ClassShares> shares;
  for (const std::int64_t c : classes) {
    const Eigen::MatrixXd& v = values[static_cast<std::size_t>(c)];
    shares.push_back({.players = std::vector<std::vector<Eigen::Index>>(
                          static_cast<std::size_t>(run.features.rows()), all),
                      .has_rest = false,
                      .phi = shapley_values(v),
                      .empty = v.col(0)});
  }
  return shares;
}

/// The concepts with the largest single effect on this class in each sample; the rest moves as one.
ClassShares pooled_shares(const SplitSuffix& suffix, const RunNumbers& run,
                          const Eigen::MatrixXd& single, std::int64_t c) {
  const Eigen::Index n = run.features.rows();
  ClassShares shares{.players = {}, .has_rest = true, .phi = {}, .empty = {}};
  std::vector<Eigen::MatrixXd> footprints(
      kKeptPlayers + 1, Eigen::MatrixXd::Zero(n, run.features.cols()));
  for (Eigen::Index i = 0; i < n; ++i) {
    std::vector<Eigen::Index> order(run.footprints.size());
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
      return std::abs(single(i, a)) > std::abs(single(i, b));
    });
    for (std::size_t k = 0; k < order.size(); ++k) {
      const auto player = std::min<std::size_t>(k, kKeptPlayers);
      footprints[player].row(i) += run.footprints[static_cast<std::size_t>(order[k])].row(i);
    }
    order.resize(kKeptPlayers);
    shares.players.push_back(std::move(order));
  }
  const Eigen::MatrixXd values =
      what_if_values(suffix, run.features, footprints)[static_cast<std::size_t>(c)];
  shares.phi = shapley_values(values);
  shares.empty = values.col(0);
  return shares;
}

std::vector<ClassShares> shares_of(const SplitSuffix& suffix, const RunNumbers& run,
                                   const std::vector<std::int64_t>& classes) {
  const auto n_concepts = static_cast<Eigen::Index>(run.footprints.size());
  if (n_concepts <= kExactPlayers) return exact_shares(suffix, run, classes);
  const Eigen::MatrixXd whole = suffix.value(run.features);
  std::vector<Eigen::MatrixXd> without;  // one a concept, [N, outputs]
  for (const Eigen::MatrixXd& footprint : run.footprints) {
    without.push_back(suffix.value(run.features - footprint));
  }
  std::vector<ClassShares> shares;
  for (const std::int64_t c : classes) {
    Eigen::MatrixXd single(run.features.rows(), n_concepts);
    for (Eigen::Index k = 0; k < n_concepts; ++k) {
      single.col(k) = whole.col(c) - without[static_cast<std::size_t>(k)].col(c);
    }
    shares.push_back(pooled_shares(suffix, run, single, c));
  }
  return shares;
}

/// How the path contributions dc_k A_k . IG differ between patient resamples: [T, B] of sample i, without
/// the contributions of the whole set.
Eigen::MatrixXd resampled_differences(const ConceptBank& bank, const RunNumbers& run,
                                      const Eigen::MatrixXd& gradients, Eigen::Index i) {
  const Eigen::Index n_concepts = run.changes.cols(), n_resamples = bank.n_resamples;
  const Eigen::RowVectorXf features = run.features.row(i).cast<float>();
  const Eigen::RowVectorXf gradient = gradients.row(i).cast<float>();
  const Eigen::RowVectorXf scores = features * bank.resampled_filters + bank.resampled_offsets;
  const Eigen::RowVectorXf effects = gradient * bank.resampled_patterns;
  const Eigen::RowVectorXd whole =
      run.changes.row(i).cwiseProduct(gradients.row(i) * bank.patterns);
  const std::vector<std::size_t> ordinals = bank.trained();
  Eigen::MatrixXd differences(n_concepts, n_resamples);
  for (Eigen::Index k = 0; k < n_concepts; ++k) {
    const BankConcept& one = bank.concepts[ordinals[static_cast<std::size_t>(k)]];
    for (Eigen::Index b = 0; b < n_resamples; ++b) {
      const Eigen::Index column = b * n_concepts + k;
      const double change =
          one.platt.presence(static_cast<double>(scores(column))) - one.reference;
      differences(k, b) = change * static_cast<double>(effects(column)) - whole(k);
    }
  }
  return differences;
}

/// Value at share `q` of the sorted values, between neighbours linearly (type 7).
double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

void set_uncertainty(Contribution& one, const std::vector<double>& differences) {
  one.low = one.phi - 0.5 * std::abs(one.effect);
  one.high = one.phi + 0.5 * std::abs(one.effect);
  one.estimate_low = one.estimate_high = one.phi;
  if (differences.empty()) return;
  std::vector<double> values;
  double same_sign = 0;
  for (const double difference : differences) {
    values.push_back(one.phi + difference);
    same_sign += values.back() * one.phi > 0 ? 1 : 0;
  }
  one.sign_stability = same_sign / static_cast<double>(values.size());
  one.estimate_low = quantile(values, 0.05);
  one.estimate_high = quantile(values, 0.95);
}

/// The lowest AUC that was measured: where it is below 0.95, presence is misread too often at 0.7.
double decisive_presence(const BankConcept& one) {
  double auc = one.nested_auc ? one.nested_auc->auc : 0;
  if (one.held_out_auc) auc = std::min(auc, one.held_out_auc->auc);
  return auc >= 0.95 ? 0.7 : 0.8;
}

const BankEvidence* find_evidence(const ConceptBank& bank, std::int64_t c, std::size_t ordinal) {
  for (const BankEvidence& one : bank.evidence) {
    if (one.class_index == c && one.ordinal == ordinal) return &one;
  }
  return nullptr;
}

Contribution contribution_of(const ConceptBank& bank, std::int64_t c, std::size_t ordinal) {
  const BankConcept& source = bank.concepts[ordinal];
  Contribution one;
  one.concept_name = source.name;
  one.version = source.version;
  one.reference = source.reference;
  one.decisive_presence = decisive_presence(source);
  if (const BankEvidence* evidence = find_evidence(bank, c, ordinal)) {
    one.effect = evidence->effect.value_or(0);
    one.verdict = evidence->gate.verdict;
  }
  return one;
}

std::vector<double> row_of(const Eigen::MatrixXd& matrix, Eigen::Index row) {
  const Eigen::VectorXd values = matrix.row(row);
  return {values.data(), values.data() + values.size()};
}

CaseExplanation explain_one(const ConceptBank& bank, const RunNumbers& run,
                            const ClassShares& shares, const Eigen::MatrixXd& gradients,
                            double logit, double reference, std::int64_t c, Eigen::Index i) {
  CaseExplanation result;
  result.logit = logit;
  result.reference = reference;
  result.residual = shares.empty(i) - reference;
  const std::vector<std::size_t> ordinals = bank.trained();
  const Eigen::MatrixXd differences = resampled_differences(bank, run, gradients, i);
  const auto& players = shares.players[static_cast<std::size_t>(i)];
  Eigen::RowVectorXd rest_differences = Eigen::RowVectorXd::Zero(differences.cols());
  double rest_effect = 0;
  for (std::size_t k = 0; k < ordinals.size(); ++k) {
    Contribution one = contribution_of(bank, c, ordinals[k]);
    const auto column = static_cast<Eigen::Index>(k);
    one.presence = run.presence(i, column);
    const auto place = std::ranges::find(players, column);
    if (place == players.end()) {
      rest_differences += differences.row(column);
      rest_effect += std::abs(one.effect);
      continue;
    }
    one.phi = shares.phi(i, place - players.begin());
    set_uncertainty(one, row_of(differences, column));
    result.contributions.push_back(std::move(one));
  }
  if (shares.has_rest) {
    Contribution rest;
    rest.concept_name = kPooledName;
    rest.phi = shares.phi(i, shares.phi.cols() - 1);
    rest.effect = rest_effect;
    set_uncertainty(rest, row_of(rest_differences, 0));
    result.contributions.push_back(std::move(rest));
  }
  double sum = result.reference + result.residual;
  for (const Contribution& one : result.contributions) sum += one.phi;
  result.check = std::abs(result.logit - sum);
  if (!std::isfinite(sum) || !std::isfinite(logit)) {
    throw Error(Error::Kind::kInput, "the network's output is not a finite number").with_code("not_finite");
  }
  if (result.check > 1e-5 * std::max(1.0, std::abs(logit))) {
    throw Error(Error::Kind::kInternal,
                fmt::format("the contributions sum to {} and the logit is {}", sum, logit))
        .with_code("identity");
  }
  return result;
}

}  // namespace

std::vector<std::vector<CaseExplanation>> explain_cases(const explain::SplitModel& model,
                                                        const explain::SplitRun& run,
                                                        const ConceptBank& bank,
                                                        const std::vector<std::int64_t>& classes) {
  const SplitSuffix suffix(model, run, bank.features());
  if (suffix.activation_shape() != bank.activation_shape) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the layer returns [{}] and the concepts were trained on [{}]",
                            fmt::join(suffix.activation_shape(), ","),
                            fmt::join(bank.activation_shape, ",")),
                bank.key.layer, "train the concepts again with this model and input size")
        .with_code("other_shape");
  }
  for (const std::int64_t c : classes) {
    if (c < 0 || c >= suffix.n_outputs()) {
      throw Error(Error::Kind::kUsage, fmt::format("the network has no class {}", c));
    }
  }
  const RunNumbers numbers = read_run(suffix, bank);
  const Eigen::MatrixXd logits = suffix.logits();
  const Eigen::MatrixXd references = suffix.value_at(bank.mean_activation);
  const std::vector<ClassShares> shares = shares_of(suffix, numbers, classes);
  std::vector<std::vector<CaseExplanation>> results(static_cast<std::size_t>(suffix.n_samples()));
  for (std::size_t j = 0; j < classes.size(); ++j) {
    const std::int64_t c = classes[j];
    const Eigen::MatrixXd gradients =
        path_gradients(suffix, numbers.features, bank.mean, kMidpoints, c);
    std::string class_name = std::to_string(c);
    for (const BankEvidence& one : bank.evidence) {
      if (one.class_index == c) class_name = one.class_name;
    }
    for (Eigen::Index i = 0; i < suffix.n_samples(); ++i) {
      CaseExplanation one = explain_one(bank, numbers, shares[j], gradients, logits(i, c),
                                        references(i, c), c, i);
      one.class_name = class_name;
      write_sentence(one);
      results[static_cast<std::size_t>(i)].push_back(std::move(one));
    }
  }
  return results;
}

}  // namespace rationale::concepts
