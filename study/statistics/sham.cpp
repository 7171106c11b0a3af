#include "study/statistics/sham.h"

#include <algorithm>

#include "study/statistics/metric_block.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

Json pair_json(const CsvTable& table, const ReadingsOptions& options, const std::string& first, const std::string& second) {
  const LoadedReadings loaded = load_readings(table, {.arms = {first, second}, .positive_at = options.positive_at});
  const StudyReadings& s = loaded.readings;
  Json json = Json::object();
  for (const bool is_diseased : {false, true}) {
    Json& block = json[is_diseased ? "sensitivity" : "fpr"];
    if (!s.has_decisions) {
      block = no_block({"no_threshold", "what counts as positive is not said", {}, {}});
      continue;
    }
    const Merits m = rate_merits(s, s.decisions(is_diseased), is_diseased ? "diseased" : "normal");
    block = {{"RRRC", to_json(difference_rrrc(m))}, {"FRRC", to_json(difference_frrc(m))}};
  }
  return json;
}

}  // namespace

Json sham_json(const CsvTable& table, const ReadingsOptions& options, const std::vector<std::string>& shams) {
  const std::string control = options.arms.empty() ? "hidden" : options.arms.front();
  const std::string treated = options.arms.empty() ? "visible" : options.arms.back();
  const std::size_t arm = table.need("arm");
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(table.rows, [&](const CsvRow& row) { return row.cells[arm] == name; });
  };
  Json json = Json::object();
  for (const std::string& sham : shams) {
    if (!has(sham)) continue;
    if (has(treated)) json[sham][treated + " - " + sham] = pair_json(table, options, sham, treated);
    if (has(control)) json[sham][sham + " - " + control] = pair_json(table, options, control, sham);
  }
  return json;
}

}  // namespace rationale::study
