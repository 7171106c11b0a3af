#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "data/base/text.h"
#include "study/protocol/findings.h"
#include "study/protocol/schema.h"

namespace rationale::study {
namespace {

using Kind = TomlValue::Kind;

bool is_text_list(const TomlValue& value) {
  return value.kind == Kind::kArray &&
         std::ranges::all_of(value.items,
                             [](const TomlValue& item) { return item.kind == Kind::kString; });
}

/// What a value should have been, in words; empty if the type fits.
std::string type_fault(const TomlValue& value, KeyType type) {
  switch (type) {
    case KeyType::kInteger:
      return value.kind == Kind::kInteger ? "" : "an integer";
    case KeyType::kNumber:
      return value.kind == Kind::kInteger || value.kind == Kind::kFloat ? "" : "a number";
    case KeyType::kTruth:
      return value.kind == Kind::kBoolean ? "" : "true or false";
    case KeyType::kText:
    case KeyType::kWord:
    case KeyType::kPath:
      return value.kind == Kind::kString ? "" : "a text in quotes";
    case KeyType::kTexts:
    case KeyType::kWords:
      return is_text_list(value) ? "" : "a list of texts in quotes";
  }
  return "";
}

bool is_one_of(const std::string& text, const std::vector<const char*>& words) {
  return std::ranges::any_of(words, [&](const char* word) { return text == word; });
}

bool has_double(const TomlValue& list) {
  std::set<std::string> seen;
  return std::ranges::any_of(list.items,
                             [&](const TomlValue& item) { return !seen.insert(item.text).second; });
}

void check_number(const TomlValue& value, const KeyRule& rule, const std::string& path,
                  Findings& findings) {
  if (path == "format") {
    if (value.integer != 1) {
      findings.error("RS117", path,
                     fmt::format("format {} is not known; this program reads format 1",
                                 value.integer));
    }
  } else if (!rule.numbers.empty()) {
    if (std::ranges::find(rule.numbers, value.integer) == rule.numbers.end()) {
      findings.error("RS114", path, fmt::format("{} is none of: {}", value.integer,
                                                fmt::join(rule.numbers, ", ")));
    }
  } else if (value.number < rule.low || value.number > rule.high) {
    findings.error("RS113", path, fmt::format("{} is out of range; {} to {}", value.number,
                                              rule.low, rule.high));
  }
}

void check_list(const TomlValue& value, const KeyRule& rule, const std::string& path,
                Findings& findings) {
  if (rule.type == KeyType::kWords) {
    for (const TomlValue& item : value.items) {
      if (is_one_of(item.text, rule.words)) continue;
      findings.error("RS114", path, fmt::format("\"{}\" is none of: {}", item.text,
                                                fmt::join(rule.words, ", ")));
      return;
    }
  } else if (const auto n = static_cast<double>(value.items.size());
             n < rule.low || n > rule.high) {
    findings.error("RS118", path, fmt::format("{} entries; {} to {} are allowed",
                                              value.items.size(), rule.low, rule.high));
    return;
  }
  // A contrast of an arm with itself has its own error (RS208).
  if (has_double(value) && std::string_view(rule.key) != "contrast") {
    findings.error("RS116", path, "an entry stands twice; each once");
  }
}

void check_value(const TomlValue& value, const KeyRule& rule, const std::string& path,
                 Findings& findings) {
  if (const std::string wanted = type_fault(value, rule.type); !wanted.empty()) {
    findings.error("RS112", path,
                   fmt::format("is {}; write {}", toml_kind_name(value.kind), wanted));
    return;
  }
  switch (rule.type) {
    case KeyType::kInteger:
    case KeyType::kNumber:
      check_number(value, rule, path, findings);
      break;
    case KeyType::kWord:
      if (!is_one_of(value.text, rule.words)) {
        findings.error("RS114", path, fmt::format("\"{}\" is none of: {}", value.text,
                                                  fmt::join(rule.words, ", ")));
      }
      break;
    case KeyType::kText:
      if (!has_form(value.text, rule.form, rule.low, rule.high)) {
        findings.error("RS115", path, fmt::format("\"{}\" does not fit; {}", value.text,
                                                  form_words(rule.form, rule.low, rule.high)));
      }
      break;
    case KeyType::kPath:
      if (!is_inner_path(value.text)) {
        findings.error("RS119", path,
                       fmt::format("\"{}\" is no path inside the study folder; write it relative, "
                                   "without .., \\ and :",
                                   value.text));
      }
      break;
    case KeyType::kTexts:
    case KeyType::kWords:
      check_list(value, rule, path, findings);
      break;
    case KeyType::kTruth:
      break;
  }
}

std::vector<std::string> known_names(const TableRule& rule) {
  std::vector<std::string> names;
  for (const KeyRule& key : rule.keys) names.emplace_back(key.key);
  if (*rule.name == '\0') {
    for (const TableRule& table : protocol_schema()) {
      if (*table.name != '\0') names.emplace_back(table.name);
    }
  }
  return names;
}

/// A default answer would anchor the reader; people ask for it under these names.
bool is_preset(const std::string& path, const std::string& key) {
  return path.starts_with("question[") &&
         (key == "default" || key == "initial" || key == "preset" || key == "value");
}

void check_unknown(const TableRule& rule, const std::string& table_path, const std::string& key,
                   const std::string& path, Findings& findings) {
  const std::vector<std::string> names = known_names(rule);
  if (std::ranges::find(names, key) != names.end()) return;
  if (is_preset(table_path, key)) {
    findings.error("RS223", path,
                   "an answer may not be preset, it would anchor the reader; remove it");
    return;
  }
  const std::vector<std::string> near = near_names(key, names, 1);
  findings.error("RS110", path,
                 near.empty() ? fmt::format("\"{}\" is not known; remove it", key)
                              : fmt::format("\"{}\" is not known; did you mean \"{}\"?", key,
                                            near.front()));
}

void check_table(const TomlValue& table, const TableRule& rule, const std::string& table_path,
                 Findings& findings) {
  const std::string prefix = table_path.empty() ? "" : table_path + ".";
  for (const auto& [key, value] : table.entries) {
    check_unknown(rule, table_path, key, prefix + key, findings);
  }
  for (const KeyRule& key : rule.keys) {
    const std::string path = prefix + key.key;
    if (const TomlValue* value = table.find(key.key)) {
      check_value(*value, key, path, findings);
    } else if (key.is_required) {
      findings.missing(table_path, path, fmt::format("is missing; add {} = …", key.key));
    }
  }
}

void check_list_of_tables(const TomlValue& list, const TableRule& rule, Findings& findings) {
  const bool is_list =
      list.kind == Kind::kArray && std::ranges::all_of(list.items, [](const TomlValue& item) {
        return item.kind == Kind::kTable;
      });
  if (!is_list) {
    findings.error("RS112", rule.name,
                   fmt::format("is {}; write [[{}]]", toml_kind_name(list.kind), rule.name));
    return;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", rule.name, i);
    check_table(list.items[i], rule, path, findings);
    const TomlValue* id = list.items[i].find("id");
    if (!seen.insert(id == nullptr ? "" : id->text).second) {
      findings.error("RS116", path + ".id", "this id stands twice; give each its own");
    }
  }
}

}  // namespace

void check_structure(const TomlValue& document, Findings& findings) {
  for (const TableRule& rule : protocol_schema()) {
    if (*rule.name == '\0') {
      check_table(document, rule, "", findings);
      continue;
    }
    const TomlValue* table = document.find(rule.name);
    if (table == nullptr) {
      if (rule.is_required) {
        findings.missing("", rule.name,
                         fmt::format("the table is missing; add {}{}{}", rule.is_list ? "[[" : "[",
                                     rule.name, rule.is_list ? "]]" : "]"));
      }
    } else if (rule.is_list) {
      check_list_of_tables(*table, rule, findings);
    } else if (table->kind != Kind::kTable) {
      findings.error("RS112", rule.name,
                     fmt::format("is {}; write [{}]", toml_kind_name(table->kind), rule.name));
    } else {
      check_table(*table, rule, rule.name, findings);
    }
  }
}

}  // namespace rationale::study
