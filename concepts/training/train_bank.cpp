#include "concepts/training/train_bank.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "concepts/evidence/rank_test.h"
#include "concepts/evidence/resampling.h"
#include "concepts/evidence/stability.h"
#include "concepts/training/filter.h"
#include "concepts/training/gram.h"
#include "concepts/training/patterns.h"
#include "concepts/training/ridge.h"
#include "data/base/error.h"
#include "data/base/interrupt.h"

namespace rationale::concepts {
namespace {

constexpr double kPatternRidge = 1e-3;  // rho of docs/concepts.md

RowIndices judged_rows(const TrainingSet& set, const std::vector<std::size_t>& concepts) {
  RowIndices rows;
  for (Eigen::Index i = 0; i < set.n(); ++i) {
    const bool is_complete = std::ranges::all_of(concepts, [&](std::size_t k) {
      return set.is_judged(i, static_cast<Eigen::Index>(k)) > 0;
    });
    if (is_complete) rows.push_back(i);
  }
  return rows;
}

Eigen::MatrixXd columns_of(const Eigen::MatrixXd& matrix, const std::vector<std::size_t>& columns) {
  Eigen::MatrixXd taken(matrix.rows(), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t k = 0; k < columns.size(); ++k) {
    taken.col(static_cast<Eigen::Index>(k)) = matrix.col(static_cast<Eigen::Index>(columns[k]));
  }
  return taken;
}

std::vector<int> taken(const std::vector<int>& values, const RowIndices& rows) {
  std::vector<int> result;
  for (const Eigen::Index row : rows) result.push_back(values[static_cast<std::size_t>(row)]);
  return result;
}

/// Ridge filters of columns with their own lambda each, by whichever system is smaller, n or D.
Eigen::MatrixXd filters_with(const Eigen::MatrixXd& centred, const Eigen::MatrixXd& targets,
                             const std::vector<double>& factors) {
  const bool is_primal = centred.cols() <= centred.rows();
  Eigen::MatrixXd system = is_primal ? gram(centred.transpose()) : gram(centred);
  const Eigen::MatrixXd right = is_primal ? Eigen::MatrixXd(centred.transpose() * targets) : targets;
  const double unit = centred.squaredNorm() / static_cast<double>(centred.rows());
  Eigen::MatrixXd solved(right.rows(), right.cols());
  const Eigen::VectorXd diagonal = system.diagonal();
  for (const double factor : std::set<double>(factors.begin(), factors.end())) {
    system.diagonal() = diagonal.array() + std::max(factor * unit, 1e-300);
    const Eigen::LDLT<Eigen::MatrixXd> decomposed(system);
    for (std::size_t k = 0; k < factors.size(); ++k) {
      if (factors[k] != factor) continue;
      solved.col(static_cast<Eigen::Index>(k)) =
          decomposed.solve(right.col(static_cast<Eigen::Index>(k)));
    }
  }
  return is_primal ? solved : Eigen::MatrixXd(centred.transpose() * solved);
}

/// Concepts that were judged on the same images share one Gram matrix and its decompositions.
std::map<RowIndices, std::vector<std::size_t>> by_judged_rows(
    const TrainingSet& set, const std::vector<std::size_t>& concepts) {
  std::map<RowIndices, std::vector<std::size_t>> groups;
  for (const std::size_t k : concepts) groups[judged_rows(set, {k})].push_back(k);
  return groups;
}

/// Column of `names` that explains most of the concept: what it cannot be told apart from.
std::string worst_partner(const Eigen::VectorXd& label, const Eigen::MatrixXd& others,
                          const std::vector<std::string>& names) {
  double worst = -1;
  std::string name;
  for (Eigen::Index j = 0; j < others.cols(); ++j) {
    const double inflation = variance_inflation(label, others.col(j));
    if (inflation > worst) {
      worst = inflation;
      name = names[static_cast<std::size_t>(j)];
    }
  }
  return name;
}

void train_reference(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                     const std::vector<std::size_t>& concepts) {
  for (std::size_t column = 0; column < concepts.size(); ++column) {
    const RowIndices rows = judged_rows(set, {concepts[column]});
    const Eigen::MatrixXd features = take_rows(activations, rows);
    const Eigen::RowVectorXd mean = features.colwise().mean();
    Eigen::MatrixXd scaled = features.rowwise() - mean;
    Eigen::RowVectorXd deviation = scaled.array().square().colwise().mean().sqrt();
    deviation = (deviation.array() > 0).select(deviation, 1.0);
    scaled = scaled.array().rowwise() / deviation.array();
    const LinearFilter filter =
        fit_filter(scaled, columns_of(take_rows(set.labels, rows), {concepts[column]}).col(0),
                   {.loss = Loss::kLogistic, .C = 0.01, .bias = 1,
                    .weights = ClassWeights::kBalanced, .eps = 1e-6});
    const auto k = static_cast<Eigen::Index>(column);
    bank.filters.col(k) = filter.w.array() / deviation.transpose().array();
    bank.offsets(k) = filter.b - mean * bank.filters.col(k);
  }
}

void train_filters(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                   const std::vector<int>& folds, const std::vector<std::size_t>& concepts) {
  for (const auto& [rows, members] : by_judged_rows(set, concepts)) {
    check_interrupt();
    const CentredActivations centred = centre(take_rows(activations, rows));
    const Eigen::MatrixXd labels = columns_of(take_rows(set.labels, rows), members);
    const Eigen::RowVectorXd means = labels.colwise().mean();
    const NestedScores nested =
        nested_ridge_scores(gram(centred.values), labels, taken(folds, rows), ridge_factors());
    const Eigen::MatrixXd filters =
        filters_with(centred.values, labels.rowwise() - means, nested.final_factors);
    for (std::size_t m = 0; m < members.size(); ++m) {
      const auto column = static_cast<Eigen::Index>(
          std::ranges::find(concepts, members[m]) - concepts.begin());
      const auto k = static_cast<Eigen::Index>(m);
      BankConcept& one = bank.concepts[members[m]];
      one.reference = means(k);
      one.ridge_factor = nested.final_factors[m];
      one.nested_auc = delong_interval(nested.scores.col(k), labels.col(k));
      one.platt = fit_platt(nested.final_scores.col(k), labels.col(k));
      bank.filters.col(column) = filters.col(k);
      bank.offsets(column) = means(k) - centred.mean * filters.col(k);
    }
  }
}

void resample(ConceptBank& bank, const TrainingSet& complete, const Eigen::MatrixXd& activations,
              const std::vector<std::size_t>& concepts, const TrainOptions& options) {
  const auto n_columns = static_cast<Eigen::Index>(concepts.size());
  const Eigen::MatrixXd labels = columns_of(complete.labels, concepts);
  std::vector<double> factors;
  for (const std::size_t k : concepts) factors.push_back(bank.concepts[k].ridge_factor);
  const auto resamples = resamples_by_group(complete.groups, options.n_resamples, options.seed);
  bank.resampled_filters.resize(activations.cols(), n_columns * options.n_resamples);
  bank.resampled_patterns.resize(activations.cols(), n_columns * options.n_resamples);
  bank.resampled_offsets.resize(n_columns * options.n_resamples);
  Eigen::RowVectorXd cosines = Eigen::RowVectorXd::Zero(n_columns);
  for (std::size_t b = 0; b < resamples.size(); ++b) {
    check_interrupt();
    const Eigen::MatrixXd drawn = take_rows(activations, resamples[b]);
    const Eigen::MatrixXd drawn_labels = take_rows(labels, resamples[b]);
    const Eigen::MatrixXd patterns = multivariate_patterns(
        drawn, drawn_labels, take_rows(complete.strata, resamples[b]), kPatternRidge);
    cosines += column_cosines(patterns, bank.patterns);
    const Eigen::RowVectorXd mean = drawn.colwise().mean(), means = drawn_labels.colwise().mean();
    const Eigen::MatrixXd filters =
        filters_with(drawn.rowwise() - mean, drawn_labels.rowwise() - means, factors);
    const Eigen::Index first = static_cast<Eigen::Index>(b) * n_columns;
    bank.resampled_patterns.middleCols(first, n_columns) = patterns.cast<float>();
    bank.resampled_filters.middleCols(first, n_columns) = filters.cast<float>();
    bank.resampled_offsets.segment(first, n_columns) = (means - mean * filters).cast<float>();
  }
  for (std::size_t k = 0; k < concepts.size(); ++k) {
    bank.concepts[concepts[k]].stability =
        resamples.empty() ? 0
                          : cosines(static_cast<Eigen::Index>(k)) /
                                static_cast<double>(resamples.size());
  }
}

void measure_confounding(ConceptBank& bank, const TrainingSet& complete,
                         const std::vector<std::size_t>& concepts) {
  const Eigen::MatrixXd labels = columns_of(complete.labels, concepts);
  for (std::size_t k = 0; k < concepts.size(); ++k) {
    BankConcept& one = bank.concepts[concepts[k]];
    const Eigen::VectorXd label = labels.col(static_cast<Eigen::Index>(k));
    if (complete.strata.cols() > 0) {
      one.vif_strata = variance_inflation(label, complete.strata);
      one.worst_stratum = worst_partner(label, complete.strata, complete.strata_names);
    }
    if (concepts.size() < 2) continue;
    std::vector<std::size_t> others;
    std::vector<std::string> names;
    for (std::size_t j = 0; j < concepts.size(); ++j) {
      if (j == k) continue;
      others.push_back(j);
      names.push_back(bank.concepts[concepts[j]].name);
    }
    const Eigen::MatrixXd other_labels = columns_of(labels, others);
    one.vif_concepts = variance_inflation(label, other_labels);
    one.worst_concept = worst_partner(label, other_labels, names);
  }
}

/// Rows judged for all trained concepts; refused if they are too few to hold the concepts apart.
RowIndices complete_rows(const TrainingSet& set, const std::vector<std::size_t>& concepts) {
  const RowIndices rows = judged_rows(set, concepts);
  const auto needed = concepts.size() + static_cast<std::size_t>(set.strata.cols()) + 20;
  if (rows.size() >= needed) return rows;
  std::size_t worst = concepts.front();
  for (const std::size_t k : concepts) {
    if (set.is_judged.col(static_cast<Eigen::Index>(k)).sum() <
        set.is_judged.col(static_cast<Eigen::Index>(worst)).sum()) {
      worst = k;
    }
  }
  throw Error(Error::Kind::kRefused,
              fmt::format("only {} images are judged for all {} concepts, {} are needed", rows.size(),
                          concepts.size(), needed),
              "concept examples",
              fmt::format("label every image for every concept; \"{}\" lacks most",
                          set.concepts[worst].name))
      .with_code("too_few_examples");
}

}  // namespace

void train_bank(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                const TrainOptions& options) {
  const bool is_reference = bank.key.recipe == "reference";
  bank.seed = options.seed;
  bank.n_permutations = is_reference ? 0 : options.n_permutations;
  bank.n_resamples = is_reference ? 0 : options.n_resamples;
  bank.strata = set.strata_names;
  std::string counts;
  std::vector<std::size_t> concepts;
  for (std::size_t k = 0; k < set.concepts.size(); ++k) {
    const PatientCount count = count_patients(set, static_cast<Eigen::Index>(k));
    const bool is_trained = std::min(count.n_present, count.n_absent) >= kLeastPatients;
    BankConcept one;
    one.name = set.concepts[k].name;
    one.version = set.concepts[k].version;
    one.is_confounder = set.concepts[k].is_confounder;
    one.is_trained = is_trained;
    one.n_present = count.n_present;
    one.n_absent = count.n_absent;
    one.kappa = set.concepts[k].kappa;
    bank.concepts.push_back(one);
    if (is_trained) concepts.push_back(k);
    counts += fmt::format("{}{} {} with, {} without", counts.empty() ? "" : "; ",
                          set.concepts[k].name, count.n_present, count.n_absent);
  }
  if (concepts.empty()) {
    throw Error(Error::Kind::kRefused, fmt::format("too few examples ({})", counts),
                "concept examples",
                fmt::format("a concept needs at least {} patients with and without it, and 50 of each "
                            "to be established",
                            kLeastPatients))
        .with_code("too_few_examples");
  }
  const std::vector<int> folds =
      folds_by_group(set.groups, set.labels, options.n_folds, options.seed);
  for (std::size_t i = 0; i < set.cases.size(); ++i) {
    if (bank.rows.size() <= i) bank.rows.emplace_back();
    bank.rows[i].case_name = set.cases[i].name;
    bank.rows[i].patient = set.cases[i].patient;
    bank.rows[i].fold = folds[i];
  }
  const auto n_columns = static_cast<Eigen::Index>(concepts.size());
  bank.mean = activations.colwise().mean();
  bank.filters.resize(activations.cols(), n_columns);
  bank.offsets.resize(n_columns);
  if (is_reference) {
    train_reference(bank, set, activations, concepts);
    return;
  }
  const RowIndices complete = complete_rows(set, concepts);
  train_filters(bank, set, activations, folds, concepts);
  const TrainingSet judged = set.subset(complete);
  const Eigen::MatrixXd rows = take_rows(activations, complete);
  bank.patterns = multivariate_patterns(rows, columns_of(judged.labels, concepts), judged.strata,
                                        kPatternRidge);
  resample(bank, judged, rows, concepts, options);
  measure_confounding(bank, judged, concepts);
}

void add_evidence(ConceptBank& bank, const TrainingSet& set, const Eigen::MatrixXd& activations,
                  const std::vector<int>& class_indices, const std::vector<std::string>& class_names,
                  const Eigen::MatrixXd& mean_gradients) {
  const std::vector<std::size_t> concepts = bank.trained();
  const RowIndices rows = complete_rows(set, concepts);
  const TrainingSet complete = set.subset(rows);
  const Eigen::MatrixXd labels = columns_of(complete.labels, concepts);
  const Eigen::MatrixXd effects =
      (take_rows(activations, rows).rowwise() - bank.mean) * mean_gradients.transpose();
  const auto permutations = permutations_by_group(
      complete.groups, std::vector<int>(rows.size(), 0), bank.n_permutations, bank.seed);
  std::map<int, RowIndices> fold_rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    fold_rows[bank.rows[static_cast<std::size_t>(rows[i])].fold].push_back(
        static_cast<Eigen::Index>(i));
  }
  for (std::size_t c = 0; c < class_indices.size(); ++c) {
    check_interrupt();
    const Eigen::VectorXd s = effects.col(static_cast<Eigen::Index>(c));
    std::vector<BankEvidence> of_class;
    std::vector<double> p_values;
    std::vector<std::size_t> estimable;
    double largest = 0;
    for (std::size_t k = 0; k < bank.concepts.size(); ++k) {
      BankEvidence one;
      one.class_index = class_indices[c];
      one.class_name = class_names[c];
      one.ordinal = k;
      const auto place = std::ranges::find(concepts, k);
      if (place != concepts.end()) {
        const Eigen::Index column = place - concepts.begin();
        Eigen::MatrixXd covariates(labels.rows(), labels.cols() - 1 + complete.strata.cols());
        covariates << labels.leftCols(column), labels.rightCols(labels.cols() - 1 - column),
            complete.strata;
        const RankTest test = freedman_lane(s, labels.col(column), covariates, permutations);
        if (test.is_estimable) {
          one.effect = test.effect;
          one.effect_se = test.se;
          one.p = test.p;
          p_values.push_back(test.p);
          estimable.push_back(k);
          largest = std::max(largest, std::abs(test.effect));
          for (const auto& [fold, members] : fold_rows) {
            const RankTest part =
                freedman_lane(take_rows(s, members), take_rows(Eigen::VectorXd(labels.col(column)), members),
                              take_rows(covariates, members), {});
            if (!part.is_estimable) continue;
            ++one.folds;
            one.folds_same_sign += part.effect * test.effect > 0 ? 1 : 0;
          }
        }
      }
      of_class.push_back(one);
    }
    const std::vector<double> adjusted = holm(p_values);
    for (std::size_t e = 0; e < estimable.size(); ++e) {
      BankEvidence& one = of_class[estimable[e]];
      one.p_holm = adjusted[e];
      one.materiality = largest > 0 ? std::abs(*one.effect) / largest : 0;
    }
    for (BankEvidence& one : of_class) {
      one.gate = judge(gate_input(bank.concepts[one.ordinal], one));
      bank.evidence.push_back(std::move(one));
    }
  }
}

Eigen::MatrixXd concept_scores(const ConceptBank& bank, const Eigen::MatrixXd& activations) {
  return (activations * bank.filters).rowwise() + bank.offsets;
}

}  // namespace rationale::concepts
