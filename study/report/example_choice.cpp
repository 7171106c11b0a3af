#include "study/report/example_choice.h"

#include <map>
#include <optional>
#include <utility>

namespace rationale::study {
namespace {

struct Pair {
  std::optional<bool> control, treated;
};

struct CaseReadings {
  bool is_diseased = false;
  std::map<std::string, Pair> readers;
};

std::map<std::string, CaseReadings> by_case(const CsvTable& t, const std::string& control,
                                            const std::string& treated) {
  const std::size_t reader = t.need("reader"), id = t.need("case"), arm = t.need("arm"),
                    truth = t.need("truth"), positive = t.need("positive");
  std::map<std::string, CaseReadings> cases;
  for (const CsvRow& row : t.rows) {
    if (row.cells[positive].empty()) continue;
    CaseReadings& one = cases[row.cells[id]];
    one.is_diseased = row.cells[truth] == "1";
    Pair& pair = one.readers[row.cells[reader]];
    const bool is_positive = row.cells[positive] == "1";
    if (row.cells[arm] == control) pair.control = is_positive;
    if (row.cells[arm] == treated) pair.treated = is_positive;
  }
  return cases;
}

ChosenCase counted(const std::string& id, const CaseReadings& readings, bool is_for_the_better) {
  ChosenCase chosen{.id = id, .is_diseased = readings.is_diseased, .is_for_the_better = is_for_the_better};
  const bool right = readings.is_diseased;
  for (const auto& [reader, pair] : readings.readers) {
    if (!pair.control || !pair.treated) continue;
    ++chosen.n_readers;
    chosen.n_positive_control += *pair.control ? 1 : 0;
    chosen.n_positive_treated += *pair.treated ? 1 : 0;
    const bool was_right = *pair.control == right, is_right = *pair.treated == right;
    if (was_right != is_right && is_right == is_for_the_better) ++chosen.n_changed;
  }
  return chosen;
}

}  // namespace

std::vector<ChosenCase> choose_examples(const CsvTable& readings, const std::string& control,
                                        const std::string& treated) {
  const auto cases = by_case(readings, control, treated);
  std::vector<ChosenCase> chosen;
  for (const auto& [is_diseased, is_for_the_better] :
       {std::pair{false, true}, std::pair{false, false}, std::pair{true, true}, std::pair{true, false}}) {
    ChosenCase best;
    for (const auto& [id, one] : cases) {
      if (one.is_diseased != is_diseased) continue;
      const ChosenCase candidate = counted(id, one, is_for_the_better);
      if (candidate.n_changed > best.n_changed) best = candidate;
    }
    if (best.n_changed > 0) chosen.push_back(best);
  }
  return chosen;
}

}  // namespace rationale::study
