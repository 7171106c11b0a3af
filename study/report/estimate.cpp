#include "study/report/estimate.h"

#include <array>
#include <cmath>
#include <utility>

namespace rationale::study {

using Json = nlohmann::ordered_json;

const Json* find_block(const Json& root, std::initializer_list<std::string> keys) {
  const Json* block = &root;
  for (const std::string& key : keys) {
    if (!block->is_object()) return nullptr;
    const auto place = block->find(key);
    if (place == block->end()) return nullptr;
    block = &*place;
  }
  return block;
}

const Json* first_block(const Json& root, std::initializer_list<std::initializer_list<std::string>> places) {
  for (const auto& place : places) {
    if (const Json* block = find_block(root, place)) return block;
  }
  return nullptr;
}

std::optional<double> number_at(const Json* block, const std::string& key) {
  if (block == nullptr || !block->is_object()) return std::nullopt;
  const auto place = block->find(key);
  if (place == block->end() || !place->is_number()) return std::nullopt;
  const double value = place->get<double>();
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

PrintedEstimate not_estimable(std::string code, std::string reason) {
  PrintedEstimate estimate;
  estimate.code = std::move(code);
  estimate.reason = std::move(reason);
  return estimate;
}

PrintedEstimate estimate_of(const Json* block) {
  if (block == nullptr || !block->is_object()) {
    return not_estimable("not_reported", "not in results.json");
  }
  PrintedEstimate estimate;
  estimate.value = number_at(block, "estimate");
  const auto lower = number_at(block, "lower"), upper = number_at(block, "upper"),
             p = number_at(block, "p");
  if (estimate.value && lower && upper && p && *lower <= *upper) {
    estimate.is_estimable = true;
    estimate.lower = *lower;
    estimate.upper = *upper;
    estimate.p = *p;
    estimate.se = number_at(block, "se").value_or(0);
    estimate.df = number_at(block, "df");
    estimate.t = number_at(block, "t");
    estimate.z = number_at(block, "z");
    const Json* planned = find_block(*block, {"at_alpha"});
    const auto from = number_at(planned, "lower"), to = number_at(planned, "upper");
    if (from && to && *from <= *to) estimate.at_alpha = {*from, *to};
    return estimate;
  }
  estimate.code = block->value("code", "not_reported");
  estimate.reason = block->value("reason", "no interval in results.json");
  return estimate;
}

std::string careful_origin(const Json* block) {
  if (block == nullptr || !block->is_object() || block->value("status", "") != "ok") return "";
  const std::string p = block->value("p_from", ""), interval = block->value("interval_from", "");
  return p.empty() || interval.empty() || p == interval ? "" : "p and df of " + p + ", interval of " + interval;
}

std::string short_reason(const PrintedEstimate& estimate) {
  static const std::array<std::pair<const char*, const char*>, 17> kWords{{
      {"one_reader", "one reader"},
      {"one_arm", "one arm"},
      {"zero_variance_zero_difference", "no difference, no variance"},
      {"zero_variance", "the variance is zero"},
      {"no_case_covariance", "too few cases"},
      {"no_diseased_cases", "no diseased case"},
      {"no_normal_cases", "no normal case"},
      {"no_threshold", "no threshold for a call"},
      {"empty_cell", "a reader lacks one arm"},
      {"negative_variance", "variance below zero"},
      {"separation", "no such reading in one arm"},
      {"zero_rate", "the rate is zero"},
      {"not_crossed", "readers read other cases"},
      {"no_period", "no period recorded"},
      {"no_column", "not recorded"},
      {"other_contrast", "other arms were compared"},
      {"not_reported", "not in results.json"},
  }};
  for (const auto& [code, words] : kWords) {
    if (estimate.code == code) return words;
  }
  return estimate.reason;
}

}  // namespace rationale::study
