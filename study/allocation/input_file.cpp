#include "study/allocation/input_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/base/error.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

[[noreturn]] void bad(const std::string& what, const std::string& name) {
  throw Error(Error::Kind::kInput, what, name,
              "see `rationale study allocate --help` for what the file holds")
      .with_code("bad_allocation");
}

/// The place of `word` in `words`.
template <typename Enum>
Enum one_of(const std::string& word, std::initializer_list<const char*> words,
            const std::string& name) {
  int place = 0;
  for (const char* candidate : words) {
    if (word == candidate) return static_cast<Enum>(place);
    ++place;
  }
  bad(fmt::format("\"{}\" is none of: {}", word, fmt::join(words, ", ")), name);
}

int in_range(const Json& json, const char* key, int fallback, int low, int high,
             const std::string& name) {
  const std::int64_t value = json.value(key, std::int64_t{fallback});
  if (value < low || value > high) {
    bad(fmt::format("design.{} is {}; {} to {}", key, value, low, high), name);
  }
  return static_cast<int>(value);
}

Design design_of(const Json& json, const std::string& name) {
  Design design;
  design.kind = one_of<DesignKind>(json.at("kind").get<std::string>(),
                                   {"crossover", "sequential", "split_plot", "parallel"}, name);
  design.unit =
      one_of<Unit>(json.value("unit", std::string("reader_case")), {"reader_case", "reader"}, name);
  design.arms = json.at("arms").get<std::vector<std::string>>();
  if (design.arms.empty() || design.arms.size() > 6) bad("design.arms needs 1 to 6 arms", name);
  design.blocks = in_range(json, "blocks", 1, 1, 16, name);
  design.order = one_of<Order>(json.value("order", std::string("blocked")), {"blocked", "random"}, name);
  design.order_block = in_range(json, "order_block", 2, 1, 1000, name);
  design.stratify_by_truth = json.value("stratify_by_truth", true);
  design.strata = json.value("strata", std::vector<std::string>{});
  design.repeats = in_range(json, "repeats", 0, 0, 1000, name);
  return design;
}

AllocationCase case_of(const Json& row, const std::vector<std::string>& columns, const Json& truth,
                       const std::string& name) {
  const auto cells = row.get<std::vector<std::string>>();
  if (cells.size() != columns.size()) bad("a case has more or fewer cells than columns", name);
  AllocationCase one;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c] == "case") {
      one.id = cells[c];
    } else {
      one.columns[columns[c]] = cells[c];
    }
  }
  if (one.id.empty()) bad("a case has no id (column \"case\")", name);
  one.truth = truth.value(one.id, std::string());
  return one;
}

}  // namespace

AllocationRequest parse_allocation_request(std::string_view text, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    AllocationRequest request;
    request.seed.bytes = bytes_from_hex<32>(json.at("seed").get<std::string>(), name + ": seed");
    request.input.design = design_of(json.at("design"), name);
    request.input.readers = json.at("readers").get<std::vector<std::string>>();
    const auto columns = json.at("columns").get<std::vector<std::string>>();
    const Json truth = json.value("truth", Json::object());
    for (const Json& row : json.at("cases")) {
      request.input.cases.push_back(case_of(row, columns, truth, name));
      if (request.input.design.stratify_by_truth && request.input.cases.back().truth.empty()) {
        bad(fmt::format("case {} has no truth, by which the design stratifies",
                        request.input.cases.back().id),
            name);
      }
    }
    return request;
  } catch (const Json::exception& error) {
    bad(error.what(), name);
  }
}

}  // namespace rationale::study
