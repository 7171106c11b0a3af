#include "study/statistics/ai_switch.h"

namespace rationale::study {
namespace {

void add(SwitchTable& table, bool was_right, bool is_right) {
  ++table.n;
  ++(was_right ? (is_right ? table.right_right : table.right_wrong)
               : (is_right ? table.wrong_right : table.wrong_wrong));
}

}  // namespace

std::vector<SwitchPair> switch_pairs(const StudyReadings& s, std::optional<bool> truth, std::optional<int> reader) {
  struct Both {
    std::optional<bool> right[2], ai_right;
  };
  const std::size_t n_normal = s.normal.size(), n_cases = n_normal + s.diseased.size();
  std::vector<Both> found((reader ? 1 : s.readers.size()) * n_cases);  // reader by reader: normal cases, then diseased
  for (const ReadingRecord& one : s.records) {
    if ((truth && one.is_diseased != *truth) || !one.is_positive || one.arm > 1) continue;
    if (reader && one.reader != *reader) continue;
    const std::size_t row = reader ? 0 : static_cast<std::size_t>(one.reader);
    Both& both = found[row * n_cases + (one.is_diseased ? n_normal : 0) + static_cast<std::size_t>(one.case_index)];
    both.right[one.arm] = *one.is_positive == one.is_diseased;
    if (one.is_ai_positive) both.ai_right = *one.is_ai_positive == one.is_diseased;
  }
  std::vector<SwitchPair> pairs;
  for (std::size_t place = 0; place < found.size(); ++place) {
    const Both& both = found[place];
    if (!both.right[0] || !both.right[1]) continue;
    const std::size_t column = place % n_cases;
    const bool is_diseased = column >= n_normal;
    pairs.push_back({reader.value_or(static_cast<int>(place / n_cases)), static_cast<int>(is_diseased ? column - n_normal : column),
                     is_diseased, *both.right[0], *both.right[1], both.ai_right});
  }
  return pairs;
}

Switches switches(const StudyReadings& s, std::optional<bool> truth, std::optional<int> reader) {
  Switches result;
  for (const SwitchPair& pair : switch_pairs(s, truth, reader)) {
    add(result.all, pair.was_right, pair.is_right);
    if (!pair.is_ai_right) continue;
    result.has_ai = true;
    add(*pair.is_ai_right ? result.ai_right : result.ai_wrong, pair.was_right, pair.is_right);
  }
  return result;
}

std::optional<AiReliance> ai_reliance(const StudyReadings& s, std::optional<bool> truth,
                                      std::optional<int> reader) {
  const Switches w = switches(s, truth, reader);
  const int n = w.ai_right.n + w.ai_wrong.n;
  if (n == 0) return std::nullopt;
  AiReliance result;
  // A call is the AI's where both are right or both are wrong.
  const SwitchTable &right = w.ai_right, &wrong = w.ai_wrong;
  const int first = right.right_right + right.right_wrong + wrong.wrong_right + wrong.wrong_wrong;
  const int second = right.right_right + right.wrong_right + wrong.right_wrong + wrong.wrong_wrong;
  result.agreement = {static_cast<double>(first) / n, static_cast<double>(second) / n};
  result.overrides = wrong.right_right + wrong.wrong_right;
  if (truth.value_or(false)) return result;
  const SwitchTable normals = switches(s, false, reader).ai_wrong;
  result.false_positives_followed = normals.right_wrong + normals.wrong_wrong;
  return result;
}

}  // namespace rationale::study
