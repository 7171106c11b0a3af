// concepts.csv (annotations), columns of cases.csv as concepts, and concept cards.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/cases/cases.h"
#include "data/records/concept_library.h"

namespace rationale {

/// concept,case,label,annotator[,patient][,x,y,w,h]: label present, absent, uncertain or unjudged; one row a
/// region where a case has several.
/// @throws Error (kInput) with file:line for an unknown label, a region that is not four numbers, or rows
///         that contradict each other (same concept, case and annotator)
std::vector<ConceptImport> read_concepts_csv(const std::filesystem::path& file);

/// concept,definition,not,code,author,confounder: all but the first column may be missing.
std::vector<ConceptImport> read_concept_cards(const std::filesystem::path& file);

/// [NAME:]COLUMN, COLUMN=VALUE, COLUMN!=VALUE, COLUMN>=NUMBER (also <=, >, <).
struct ColumnRule {
  enum class Compare { kLabel, kEqual, kNotEqual, kAtLeast, kAtMost, kAbove, kBelow };
  std::string name;    ///< of the concept
  std::string column;
  Compare compare = Compare::kLabel;  ///< kLabel: the column itself holds 1, 0 or a label
  std::string value;

  std::string text() const;  ///< without the name, such as "age>=60"
};

/// Comma separated rules, as `--columns` takes them. @throws Error (kUsage)
std::vector<ColumnRule> parse_column_rules(const std::string& text);

/// What the rule says about a case. An empty cell is unjudged; -1 is uncertain.
/// @throws Error (kInput) with the case's line for a column that is not there or a value that cannot be read
ExampleLabel apply_rule(const ColumnRule& rule, const Case& one);

/// One concept a rule, one example a case; the annotator is the table's file name.
std::vector<ConceptImport> concepts_from_cases(const std::filesystem::path& cases_csv,
                                               const std::vector<ColumnRule>& rules);

/// Cases that meet every one of the comma separated conditions ("split=pool", "age>=60"); all if empty.
std::vector<Case> select_cases(std::vector<Case> cases, const std::string& conditions);

}  // namespace rationale
