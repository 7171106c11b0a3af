#include "ui/engine/concepts_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/csv.h"
#include "ui/command/command.h"

namespace rationale::ui {
namespace {

using concepts::BankConcept;
using concepts::BankEvidence;
using concepts::ConceptBank;

bool is_reference(const ConceptBank& bank) { return bank.key.recipe == "reference"; }

nlohmann::ordered_json reference_row(const ConceptBank& bank, const BankConcept& one) {
  nlohmann::ordered_json row{{"concept", one.name},
                             {"version", one.version},
                             {"layer", bank.key.layer},
                             {"trained", one.is_trained},
                             {"n_present", one.n_present},
                             {"n_absent", one.n_absent}};
  if (one.held_out_auc) {
    row["auc"] = row["auc_held_out"] = one.held_out_auc->auc;
    row["low"] = one.held_out_auc->low;
    row["high"] = one.held_out_auc->high;
    row["held_out_present"] = one.held_out_auc->n_present;
    row["held_out_absent"] = one.held_out_auc->n_absent;
  } else {
    row["auc"] = row["auc_held_out"] =
        not_estimable("no_held_out", "no held-out cases with and without it");
  }
  return row;
}

std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string auc(const std::optional<concepts::AucInterval>& value) {
  return value ? fmt::format("{:.3f}", value->auc) : "-";
}

void print_reference(const ConceptBank& bank) {
  fmt::print("\nlayer {} (reference recipe)\n  {:<24} {:>8} {:>8} {:>9} {:>16}\n", bank.key.layer,
             "concept", "present", "absent", "held-out", "95 %");
  for (const BankConcept& one : bank.concepts) {
    fmt::print("  {:<24} {:>8} {:>8} {:>9} {:>16}\n", one.name, one.n_present, one.n_absent,
               one.is_trained ? auc(one.held_out_auc) : "too few",
               one.held_out_auc ? fmt::format("{:.3f} to {:.3f}", one.held_out_auc->low,
                                              one.held_out_auc->high)
                                : "-");
  }
}

/// The first check that fails, else the first weak one; the others are in `concepts show` and --json.
std::string main_reason(const BankEvidence& evidence) {
  std::string text;
  for (const concepts::Grade grade : {concepts::Grade::kFail, concepts::Grade::kWeak}) {
    for (const concepts::GateRow& row : evidence.gate.rows) {
      if (row.grade == grade && text.empty()) text = row.reason;
    }
  }
  if (evidence.gate.reasons.size() > 1) {
    text += fmt::format(" and {} more", evidence.gate.reasons.size() - 1);
  }
  return text;
}

void print_class(const ConceptBank& bank, int class_index) {
  bool is_first = true;
  for (const BankEvidence& row : bank.evidence) {
    if (row.class_index != class_index) continue;
    if (is_first) {
      fmt::print("\nlayer {}, class {}\n  {:<24} {:>7} {:>9} {:>8} {:>7} {:>7}  {:<16} {}\n",
                 bank.key.layer, row.class_name, "concept", "AUC", "held-out", "effect", "p", "share",
                 "verdict", "why not");
      is_first = false;
    }
    const BankConcept& one = bank.concepts[row.ordinal];
    std::string verdict = concepts::verdict_name(row.gate.verdict);
    std::ranges::replace(verdict, '_', ' ');
    if (row.gate.shortcut == concepts::Shortcut::kYes) verdict += " SHORTCUT";
    fmt::print("  {:<24} {:>7} {:>9} {:>8} {:>7} {:>7}  {:<16} {}\n", one.name,
               auc(one.nested_auc), auc(one.held_out_auc), number(row.effect, 2),
               number(row.p_holm, 3), number(row.materiality, 2), verdict, main_reason(row));
  }
}

}  // namespace

nlohmann::ordered_json bank_rows(const std::vector<ConceptBank>& banks) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ConceptBank& bank : banks) {
    if (is_reference(bank)) {
      for (const BankConcept& one : bank.concepts) rows.push_back(reference_row(bank, one));
    }
    for (const BankEvidence& one : bank.evidence) rows.push_back(evidence_json(bank, one));
  }
  return rows;
}

void print_banks(const std::vector<ConceptBank>& banks) {
  for (const ConceptBank& bank : banks) {
    if (is_reference(bank)) {
      print_reference(bank);
      continue;
    }
    int last = -1;
    for (const BankEvidence& one : bank.evidence) {
      if (one.class_index == last) continue;
      last = one.class_index;
      print_class(bank, last);
    }
  }
  if (std::ranges::none_of(banks, is_reference)) {
    fmt::print(
        "\nAUC: nested cross-validation by patient. effect: mean change of the logit when the concept "
        "appears,\nthe other concepts and strata held. p: permutation, Holm over the concepts. share: of "
        "the strongest effect. `rationale concepts show NAME` gives every check.\nAn effect of the concept's footprint; a cause that was not annotated and "
        "travels with it looks the same.\n");
  }
}

void write_bank_csv(const std::filesystem::path& file, const std::vector<ConceptBank>& banks) {
  std::string text =
      csv_line({"concept", "version", "layer", "class", "verdict", "used", "effect", "effect_se",
                "p_holm", "materiality", "auc", "auc_held_out", "n_present", "n_absent", "reasons"});
  const auto cell = [](const std::optional<double>& value) {
    return value ? csv_number(*value) : std::string();
  };
  const auto auc_cell = [](const std::optional<concepts::AucInterval>& value) {
    return value ? csv_number(value->auc) : std::string();
  };
  for (const ConceptBank& bank : banks) {
    const auto start = [&](const BankConcept& one) {
      return std::vector<std::string>{csv_text_cell(one.name), std::to_string(one.version),
                                      csv_text_cell(bank.key.layer)};
    };
    if (is_reference(bank)) {
      for (const BankConcept& one : bank.concepts) {
        std::vector<std::string> cells = start(one);
        for (int i = 0; i < 8; ++i) cells.emplace_back();
        cells.push_back(auc_cell(one.held_out_auc));
        cells.push_back(std::to_string(one.n_present));
        cells.push_back(std::to_string(one.n_absent));
        cells.emplace_back();
        text += csv_line(cells);
      }
    }
    for (const BankEvidence& row : bank.evidence) {
      const BankConcept& one = bank.concepts[row.ordinal];
      std::vector<std::string> cells = start(one);
      cells.push_back(csv_text_cell(row.class_name));
      cells.emplace_back(concepts::verdict_name(row.gate.verdict));
      cells.emplace_back(row.gate.is_used ? "1" : "0");
      for (const auto& value : {row.effect, row.effect_se, row.p_holm, row.materiality}) {
        cells.push_back(cell(value));
      }
      cells.push_back(auc_cell(one.nested_auc));
      cells.push_back(auc_cell(one.held_out_auc));
      cells.push_back(std::to_string(one.n_present));
      cells.push_back(std::to_string(one.n_absent));
      cells.push_back(csv_text_cell(fmt::format("{}", fmt::join(row.gate.reasons, "; "))));
      text += csv_line(cells);
    }
  }
  write_file(file, text);
}

concepts::Features features_of(const std::string& name) {
  if (name.empty() || name == "pooled") return concepts::Features::kPooled;
  if (name == "flat") return concepts::Features::kFlat;
  throw Error(Error::Kind::kUsage, fmt::format("\"{}\" is neither pooled nor flat", name),
              "--features");
}

}  // namespace rationale::ui
