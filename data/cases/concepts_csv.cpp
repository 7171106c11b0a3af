#include "data/cases/concepts_csv.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/csv.h"

namespace rationale {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& remedy) {
  throw Error(Error::Kind::kInput, what, where, remedy);
}

/// Concepts in the order they are met.
class Collector {
 public:
  ConceptImport& of(const std::string& name, const std::string& where) {
    if (name.empty() || name.find_first_of("@,:") != std::string::npos) {
      refuse(fmt::format("\"{}\" cannot be a concept's name", name), where,
             "use a name without @ : and comma");
    }
    const auto [place, is_new] = places_.emplace(name, concepts_.size());
    if (is_new) concepts_.push_back({.card = {.name = name}, .examples = {}});
    return concepts_[place->second];
  }
  std::vector<ConceptImport> take() { return std::move(concepts_); }

 private:
  std::vector<ConceptImport> concepts_;
  std::map<std::string, std::size_t> places_;
};

std::string cell(const CsvRow& row, const std::optional<std::size_t>& column) {
  return column ? row.cells[*column] : std::string();
}

std::optional<ExampleRegion> region_of(const CsvTable& table, const CsvRow& row,
                                       const std::array<std::optional<std::size_t>, 4>& columns) {
  std::array<std::optional<double>, 4> numbers;
  int given = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string text = cell(row, columns[i]);
    if (text.empty()) continue;
    ++given;
    numbers[i] = parse_number(text);
    if (!numbers[i]) {
      refuse(fmt::format("\"{}\" is not a number", text), table.where(row),
             "a region is x,y,w,h in pixels of the file");
    }
  }
  if (given == 0) return std::nullopt;
  if (given < 4 || !(*numbers[2] > 0) || !(*numbers[3] > 0)) {
    refuse("a region needs x, y and a positive w and h", table.where(row),
           "give all four, in pixels of the file, or none");
  }
  return ExampleRegion{*numbers[0], *numbers[1], *numbers[2], *numbers[3]};
}

}  // namespace

std::vector<ConceptImport> read_concepts_csv(const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  const std::size_t concept_column = table.need("concept"), case_column = table.need("case"),
                    label_column = table.need("label"), annotator_column = table.need("annotator");
  const auto patient_column = table.find("patient");
  const std::array<std::optional<std::size_t>, 4> region_columns{table.find("x"), table.find("y"),
                                                                 table.find("w"), table.find("h")};
  Collector collector;
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<int, std::size_t>> seen;
  for (const CsvRow& row : table.rows) {
    const std::string where = table.where(row);
    ConceptImport& one = collector.of(row.cells[concept_column], where);
    ConceptExample example{.case_name = row.cells[case_column],
                           .annotator = row.cells[annotator_column],
                           .patient = cell(row, patient_column)};
    if (example.case_name.empty()) refuse("the case has no name", where, "fill in the column case");
    const std::string& word = row.cells[label_column];
    const auto label = example_label_from_name(word);
    if (!label) {
      refuse(fmt::format("\"{}\" is not a label", word), where,
             "write present, absent, uncertain or unjudged");
    }
    example.label = *label;
    const auto region = region_of(table, row, region_columns);
    if (region && *label == ExampleLabel::kAbsent) {
      refuse("a region of a concept that is absent", where, "leave x,y,w,h empty");
    }
    const auto key = std::tuple(one.card.name, example.case_name, example.annotator);
    const auto known = seen.find(key);
    if (known == seen.end()) {
      if (region) example.regions.push_back(*region);
      seen[key] = {row.line, one.examples.size()};
      one.examples.push_back(std::move(example));
      continue;
    }
    ConceptExample& first = one.examples[known->second.second];
    if (first.label != *label) {
      refuse(fmt::format("\"{}\" in case {} is {} here and {} in line {}", one.card.name,
                         example.case_name, word, example_label_name(first.label),
                         known->second.first),
             where, "keep one of the two rows, or give each annotator a name");
    }
    if (region) first.regions.push_back(*region);
  }
  return collector.take();
}

std::vector<ConceptImport> read_concept_cards(const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  const std::size_t concept_column = table.need("concept");
  const auto definition = table.find("definition"), excludes = table.find("not"),
             code = table.find("code"), author = table.find("author"),
             confounder = table.find("confounder");
  Collector collector;
  for (const CsvRow& row : table.rows) {
    ConceptCard& card = collector.of(row.cells[concept_column], table.where(row)).card;
    card.definition = cell(row, definition);
    card.excludes = cell(row, excludes);
    card.code = cell(row, code);
    card.author = cell(row, author);
    const std::string is_confounder = cell(row, confounder);
    if (!is_confounder.empty() && is_confounder != "0" && is_confounder != "1") {
      refuse(fmt::format("\"{}\" is neither 0 nor 1", is_confounder), table.where(row),
             "write 1 for a concept that must not matter, else 0");
    }
    card.is_confounder = is_confounder == "1";
  }
  return collector.take();
}

std::string ColumnRule::text() const {
  constexpr std::array<const char*, 7> kSigns{"", "=", "!=", ">=", "<=", ">", "<"};
  return column + kSigns[static_cast<std::size_t>(compare)] + value;
}

std::vector<ColumnRule> parse_column_rules(const std::string& text) {
  using Compare = ColumnRule::Compare;
  // Two-character signs first: ">=" is not ">".
  static constexpr std::array<std::pair<const char*, Compare>, 6> kSigns{
      {{"!=", Compare::kNotEqual}, {">=", Compare::kAtLeast}, {"<=", Compare::kAtMost},
       {"=", Compare::kEqual}, {">", Compare::kAbove}, {"<", Compare::kBelow}}};
  std::vector<ColumnRule> rules;
  for (const std::string& part : split(text, ',')) {
    std::string rest(trim(part));
    if (rest.empty()) continue;
    ColumnRule rule;
    const std::size_t colon = rest.find(':');
    if (colon != std::string::npos) {
      rule.name = std::string(trim(rest.substr(0, colon)));
      rest = std::string(trim(rest.substr(colon + 1)));
    }
    rule.column = rest;
    for (const auto& [sign, compare] : kSigns) {
      const std::size_t at = rest.find(sign);
      if (at == std::string::npos) continue;
      rule.column = std::string(trim(rest.substr(0, at)));
      rule.value = std::string(trim(rest.substr(at + std::string_view(sign).size())));
      rule.compare = compare;
      break;
    }
    if (rule.name.empty()) rule.name = colon == std::string::npos ? rule.column : "";
    const bool needs_number = rule.compare != Compare::kLabel && rule.compare != Compare::kEqual &&
                              rule.compare != Compare::kNotEqual;
    if (rule.column.empty() || rule.name.empty() || (needs_number && !parse_number(rule.value))) {
      throw Error(Error::Kind::kUsage, fmt::format("cannot read the rule \"{}\"", part), "--columns",
                  "write NAME:COLUMN=VALUE, NAME:COLUMN>=NUMBER, or COLUMN");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

ExampleLabel apply_rule(const ColumnRule& rule, const Case& one) {
  using Compare = ColumnRule::Compare;
  const auto found = one.columns.find(rule.column);
  if (found == one.columns.end()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : one.columns) names.push_back(name);
    const auto near = near_names(rule.column, names);
    refuse(fmt::format("the table has no column \"{}\"", rule.column), one.where,
           near.empty() ? "look at its header"
                        : fmt::format("did you mean {}?", fmt::join(near, ", ")));
  }
  const std::string& value = found->second;
  if (value.empty()) return ExampleLabel::kUnjudged;
  const auto answer = [](bool is_present) {
    return is_present ? ExampleLabel::kPresent : ExampleLabel::kAbsent;
  };
  if (rule.compare == Compare::kEqual) return answer(value == rule.value);
  if (rule.compare == Compare::kNotEqual) return answer(value != rule.value);
  if (rule.compare == Compare::kLabel) {
    if (const auto label = example_label_from_name(value)) return *label;
    const auto number = parse_number(value);
    if (number && (*number == 0 || *number == 1)) return answer(*number == 1);
    if (number && *number == -1) return ExampleLabel::kUncertain;
    refuse(fmt::format("\"{}\" in column {} is not a label", value, rule.column), one.where,
           fmt::format("write 1, 0, -1 (uncertain) or a label, or name the value: {}:{}=VALUE",
                       rule.name, rule.column));
  }
  const auto number = parse_number(value);
  if (!number) {
    refuse(fmt::format("\"{}\" in column {} is not a number", value, rule.column), one.where,
           "correct it, or leave the cell empty");
  }
  const double limit = *parse_number(rule.value);
  switch (rule.compare) {
    case Compare::kAtLeast: return answer(*number >= limit);
    case Compare::kAtMost: return answer(*number <= limit);
    case Compare::kAbove: return answer(*number > limit);
    default: return answer(*number < limit);
  }
}

std::vector<ConceptImport> concepts_from_cases(const std::filesystem::path& cases_csv,
                                               const std::vector<ColumnRule>& rules) {
  if (rules.empty()) {
    throw Error(Error::Kind::kUsage, "no column is named", "--columns",
                "write --columns \"view_AP:view=AP,Edema\"");
  }
  const std::vector<Case> cases = read_cases(cases_csv, MissingFiles::kKeep);
  Collector collector;
  for (const ColumnRule& rule : rules) {
    ConceptImport& one = collector.of(rule.name, "--columns");
    if (!one.examples.empty()) {
      throw Error(Error::Kind::kUsage, fmt::format("two rules make the concept {}", rule.name),
                  "--columns", "give one of them another name");
    }
    one.card.rule = rule.text();
    for (const Case& row : cases) {
      one.examples.push_back({.case_name = row.name,
                              .annotator = cases_csv.filename().string(),
                              .label = apply_rule(rule, row),
                              .patient = row.patient});
    }
  }
  return collector.take();
}

std::vector<Case> select_cases(std::vector<Case> cases, const std::string& conditions) {
  const std::vector<ColumnRule> rules = parse_column_rules(conditions);
  std::vector<Case> selected;
  for (Case& one : cases) {
    bool is_in = true;
    for (const ColumnRule& rule : rules) {
      is_in = is_in && apply_rule(rule, one) == ExampleLabel::kPresent;
    }
    if (is_in) selected.push_back(std::move(one));
  }
  if (selected.empty() && !cases.empty()) {
    refuse(fmt::format("no case meets \"{}\"", conditions), "--where",
           "look at the columns of the table");
  }
  return selected;
}

}  // namespace rationale
