#include "study/export/peer_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/text.h"
#include "data/cases/csv.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_plain(const std::string& name) {
  // iMRMC marks the rows of the truth by this word; R reads the others as values.
  for (const char* taken : {"truth", "na", "nan", "inf", "true", "false", "t", "f"}) {
    if (lower_case(name) == taken) return false;
  }
  const auto is_allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= 32 && is_letter(name.front()) && std::ranges::all_of(name, is_allowed);
}

/// Programs sort by bytes, or as a dictionary does: without regard to case and punctuation.
bool is_before_everywhere(const std::string& a, const std::string& b) {
  const auto dictionary = [](std::string name) {
    std::erase_if(name, [](char c) { return !is_letter(c) && !is_digit(c); });
    return lower_case(name);
  };
  return a < b && dictionary(a) < dictionary(b);
}

std::vector<std::string> kept_or_numbered(const std::vector<std::string>& names, char letter, std::size_t n_digits) {
  const auto wrong_order = [](const std::string& a, const std::string& b) { return !is_before_everywhere(a, b); };
  if (std::ranges::all_of(names, is_plain) && std::ranges::adjacent_find(names, wrong_order) == names.end()) {
    return names;
  }
  n_digits = std::max(n_digits, std::to_string(names.size()).size());
  std::vector<std::string> numbered;
  for (std::size_t i = 1; i <= names.size(); ++i) numbered.push_back(fmt::format("{}{:0{}}", letter, i, n_digits));
  return numbered;
}

}  // namespace

StudyNames peer_names(const StudyNames& original) {
  StudyNames names{.readers = kept_or_numbered(original.readers, 'R', 2),
                   .arms = kept_or_numbered(original.arms, 'A', 1),
                   .normal = {},
                   .diseased = {}};
  std::size_t next = 1000;
  while (next <= original.normal.size() + original.diseased.size()) next *= 10;
  for (std::size_t k = 0; k < original.normal.size(); ++k) names.normal.push_back(std::to_string(++next));
  for (std::size_t k = 0; k < original.diseased.size(); ++k) names.diseased.push_back(std::to_string(++next));
  return names;
}

std::string id_map_csv(const StudyNames& original, const StudyNames& exported) {
  std::string csv = header_line("id_map.csv");
  int place = 0;
  const auto add = [&](const char* kind, const std::vector<std::string>& from, const std::vector<std::string>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      csv += csv_line({kind, std::to_string(++place), csv_text_cell(from[i]), to[i]});
    }
  };
  add("reader", original.readers, exported.readers);
  place = 0;
  add("arm", original.arms, exported.arms);
  place = 0;
  add("case", original.normal, exported.normal);
  add("case", original.diseased, exported.diseased);
  return csv;
}

}  // namespace rationale::study
