#include "concepts/training/training_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "concepts/evidence/stability.h"
#include "concepts/training/gram.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/concepts_csv.h"

namespace rationale::concepts {
namespace {

/// The majority of the annotators who decided; nothing for a tie or where nobody did.
std::optional<bool> consensus(const std::vector<ExampleLabel>& labels) {
  int balance = 0;
  for (const ExampleLabel label : labels) {
    balance += label == ExampleLabel::kPresent ? 1 : label == ExampleLabel::kAbsent ? -1 : 0;
  }
  if (balance == 0) return std::nullopt;
  return balance > 0;
}

/// Kappa of the two annotators with most images in common.
std::optional<double> agreement(const std::vector<ConceptExample>& examples) {
  std::map<std::string, std::map<std::string, int>> by_annotator;
  for (const ConceptExample& one : examples) {
    if (one.label == ExampleLabel::kPresent) by_annotator[one.annotator][one.case_name] = 1;
    if (one.label == ExampleLabel::kAbsent) by_annotator[one.annotator][one.case_name] = 0;
  }
  std::vector<int> best_first, best_second;
  for (auto first = by_annotator.begin(); first != by_annotator.end(); ++first) {
    for (auto second = std::next(first); second != by_annotator.end(); ++second) {
      std::vector<int> a, b;
      for (const auto& [case_name, label] : first->second) {
        const auto other = second->second.find(case_name);
        if (other == second->second.end()) continue;
        a.push_back(label);
        b.push_back(other->second);
      }
      if (a.size() > best_first.size()) {
        best_first = std::move(a);
        best_second = std::move(b);
      }
    }
  }
  return cohen_kappa(best_first, best_second);
}

void add_strata(TrainingSet& set, const std::string& column) {
  std::vector<std::string> values;
  std::vector<std::optional<double>> numbers;
  std::map<std::string, int> levels;
  bool are_numbers = true;
  for (const Case& one : set.cases) {
    const auto found = one.columns.find(column);
    if (found == one.columns.end()) {
      std::vector<std::string> names;
      for (const auto& [name, value] : one.columns) names.push_back(name);
      const auto near = near_names(column, names);
      throw Error(Error::Kind::kInput, fmt::format("the table has no column \"{}\"", column),
                  one.where,
                  near.empty() ? "look at its header"
                               : fmt::format("did you mean {}?", fmt::join(near, ", ")));
    }
    values.push_back(found->second);
    numbers.push_back(parse_number(found->second));
    are_numbers = are_numbers && (found->second.empty() || numbers.back());
    ++levels[found->second];
  }
  const auto add = [&](const std::string& name, const Eigen::VectorXd& values_of) {
    set.strata.conservativeResize(set.n(), set.strata.cols() + 1);
    set.strata.rightCols(1) = values_of;
    set.strata_names.push_back(name);
  };
  Eigen::VectorXd column_values(set.n());
  if (are_numbers && levels.size() > 8) {
    double sum = 0, count = 0;
    for (const auto& number : numbers) {
      sum += number.value_or(0);
      count += number ? 1 : 0;
    }
    for (Eigen::Index i = 0; i < set.n(); ++i) {
      column_values(i) = numbers[static_cast<std::size_t>(i)].value_or(sum / count);
    }
    const double deviation =
        std::sqrt((column_values.array() - column_values.mean()).square().mean());
    add(column, column_values / (deviation > 0 ? deviation : 1));
    return;
  }
  const auto dropped = std::max_element(levels.begin(), levels.end(), [](const auto& a, const auto& b) {
    return a.second < b.second;
  });
  for (const auto& [level, count] : levels) {
    if (level == dropped->first) continue;
    for (Eigen::Index i = 0; i < set.n(); ++i) {
      column_values(i) = values[static_cast<std::size_t>(i)] == level ? 1 : 0;
    }
    add(fmt::format("{}={}", column, level), column_values);
  }
}

enum class Rules { kIgnore, kFollow };

TrainingSet labels_of(const ConceptLibrary& library, const std::vector<ConceptVersion>& versions,
                      const std::vector<Case>& cases, Rules rules) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < cases.size(); ++i) places[cases[i].name] = i;
  const auto n_concepts = static_cast<Eigen::Index>(versions.size());
  Eigen::MatrixXd labels =
      Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(cases.size()), n_concepts);
  Eigen::MatrixXd is_judged = labels;
  std::vector<bool> has_label(cases.size());
  TrainingSet set;
  for (std::size_t k = 0; k < versions.size(); ++k) {
    const ConceptVersion& version = versions[k];
    const std::vector<ConceptExample> examples =
        library.examples(version.card.name, version.version);
    std::map<std::size_t, std::vector<ExampleLabel>> of_case;
    for (const ConceptExample& one : examples) {
      const auto place = places.find(one.case_name);
      if (place != places.end()) of_case[place->second].push_back(one.label);
    }
    if (rules == Rules::kFollow && !version.card.rule.empty()) {
      const ColumnRule rule = parse_column_rules("rule:" + version.card.rule).at(0);
      for (std::size_t i = 0; i < cases.size(); ++i) {
        if (!of_case.count(i) && cases[i].columns.count(rule.column)) {
          of_case[i].push_back(apply_rule(rule, cases[i]));
        }
      }
    }
    for (const auto& [i, given] : of_case) {
      const auto decided = consensus(given);
      if (!decided) continue;
      labels(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = *decided ? 1 : 0;
      is_judged(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = 1;
      has_label[i] = true;
    }
    set.concepts.push_back({version.card.name, version.version, version.card.is_confounder,
                            agreement(examples)});
  }
  std::vector<Eigen::Index> rows;
  std::map<std::string, int> patients;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!has_label[i]) continue;
    rows.push_back(static_cast<Eigen::Index>(i));
    // The prefix keeps a patient's number apart from a case's name.
    std::string patient("patient ");
    if (cases[i].patient.empty()) patient = "case ";
    patient += cases[i].patient.empty() ? cases[i].name : cases[i].patient;
    set.groups.push_back(
        patients.emplace(patient, static_cast<int>(patients.size())).first->second);
    set.cases.push_back(cases[i]);
  }
  if (rows.empty()) {
    throw Error(Error::Kind::kInput, "the library has no label for any of these cases",
                library.file().string(), "import annotations of these cases, or give the right cases")
        .with_code("no_examples");
  }
  set.labels = take_rows(labels, rows);
  set.is_judged = take_rows(is_judged, rows);
  set.strata.resize(set.n(), 0);
  return set;
}

}  // namespace

TrainingSet TrainingSet::subset(const std::vector<Eigen::Index>& rows) const {
  TrainingSet part;
  part.concepts = concepts;
  part.strata_names = strata_names;
  for (const Eigen::Index row : rows) {
    part.cases.push_back(cases[static_cast<std::size_t>(row)]);
    part.groups.push_back(groups[static_cast<std::size_t>(row)]);
  }
  part.labels = take_rows(labels, rows);
  part.is_judged = take_rows(is_judged, rows);
  part.strata = take_rows(strata, rows);
  return part;
}

TrainingSet training_set(const ConceptLibrary& library, const std::vector<Case>& cases,
                         const std::vector<std::string>& strata_columns) {
  std::vector<ConceptVersion> versions;
  for (const ConceptVersion& one : library.concepts()) {
    if (one.state != "retired") versions.push_back(one);
  }
  TrainingSet set = labels_of(library, versions, cases, Rules::kIgnore);
  for (const std::string& column : strata_columns) add_strata(set, column);
  return set;
}

TrainingSet labelled_cases(const ConceptLibrary& library,
                           const std::vector<std::pair<std::string, int>>& concepts,
                           const std::vector<Case>& cases) {
  std::vector<ConceptVersion> versions;
  for (const auto& [name, version] : concepts) {
    versions.push_back(library.find(fmt::format("{}@{}", name, version)));
  }
  return labels_of(library, versions, cases, Rules::kFollow);
}

PatientCount count_patients(const TrainingSet& set, Eigen::Index k) {
  std::set<int> present, absent;
  for (Eigen::Index i = 0; i < set.n(); ++i) {
    if (set.is_judged(i, k) == 0) continue;
    (set.labels(i, k) > 0 ? present : absent).insert(set.groups[static_cast<std::size_t>(i)]);
  }
  return {static_cast<int>(present.size()), static_cast<int>(absent.size())};
}

}  // namespace rationale::concepts
