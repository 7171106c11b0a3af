// What `bench statistics --null` found: a row a size of study, as JSON, as text and as docs/validation/statistics.md.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "study/statistics/null_simulation.h"

namespace rationale::ui {

struct NullRow {
  study::NullScenario scenario;
  study::SimulatedCell cell;
  study::CellRejections rejections;
};

struct NullTable {
  std::int64_t replicates = 0;  ///< studies a row
  std::uint64_t seed = 1;
  std::vector<NullRow> rows;
};

nlohmann::ordered_json null_json(const NullTable& table);
std::string null_text(const NullTable& table);
/// Every sentence with a figure is worked out from the table, also where it is unfavourable.
std::string null_page(const NullTable& table, const std::string& command);

}  // namespace rationale::ui
