#include "study/statistics/ai_switch.h"

#include <map>
#include <tuple>

namespace rationale::study {
namespace {

void add(SwitchTable& table, bool was_right, bool is_right) {
  ++table.n;
  ++(was_right ? (is_right ? table.right_right : table.right_wrong)
               : (is_right ? table.wrong_right : table.wrong_wrong));
}

}  // namespace

Switches switches(const StudyReadings& s, std::optional<bool> truth, std::optional<int> reader) {
  struct Pair {
    std::optional<bool> right[2], ai_right;
  };
  std::map<std::tuple<int, bool, int>, Pair> pairs;
  for (const ReadingRecord& one : s.records) {
    if ((truth && one.is_diseased != *truth) || !one.is_positive || one.arm > 1) continue;
    if (reader && one.reader != *reader) continue;
    Pair& pair = pairs[{one.reader, one.is_diseased, one.case_index}];
    pair.right[one.arm] = *one.is_positive == one.is_diseased;
    if (one.is_ai_positive) pair.ai_right = *one.is_ai_positive == one.is_diseased;
  }
  Switches result;
  for (const auto& [key, pair] : pairs) {
    if (!pair.right[0] || !pair.right[1]) continue;
    add(result.all, *pair.right[0], *pair.right[1]);
    if (!pair.ai_right) continue;
    result.has_ai = true;
    add(*pair.ai_right ? result.ai_right : result.ai_wrong, *pair.right[0], *pair.right[1]);
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
