// Confidence and time from results.json: the t over readers, the mixed models beside it, each reader's means.
#include "study/report/fill_results.h"
#include "study/report/model_effect.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

namespace {

/// {readers: [...], arm: [mean of each]}, or of readers nested in arms {values: {reader: {arm: mean}}}.
std::vector<ReaderPair> reader_pairs(const Json* block, const ReportFacts& facts) {
  std::vector<ReaderPair> pairs;
  if (block == nullptr) return pairs;
  if (const Json* values = find_block(*block, {"values"}); values != nullptr && values->is_object()) {
    for (const auto& [reader, own] : values->items()) {
      pairs.push_back({reader, number_at(&own, facts.control.id), number_at(&own, facts.treated.id)});
    }
    return pairs;
  }
  const Json *names = find_block(*block, {"readers"}), *control = find_block(*block, {facts.control.id}),
             *treated = find_block(*block, {facts.treated.id});
  for (const Json* one : {names, control, treated}) {
    if (one == nullptr || !one->is_array() || one->size() != names->size()) return pairs;
  }
  const auto mean = [](const Json& value) { return value.is_number() ? std::optional(value.get<double>()) : std::nullopt; };
  for (std::size_t j = 0; j < names->size(); ++j) {
    if ((*names)[j].is_string()) pairs.push_back({(*names)[j].get<std::string>(), mean((*control)[j]), mean((*treated)[j])});
  }
  return pairs;
}

void fill_models(const Json& results, const std::string& prefix, MeanResult& result) {
  const std::string primary = results.value(prefix + "_primary", prefix);
  const ModelEffect lead = model_effect(find_block(results, {primary}));
  result.model = lead.arm;
  result.model_boundary = lead.boundary;
  result.model_words = primary != prefix ? "with each reader\u2019s own reaction"
                       : lead.formula.find("| reader)") != std::string::npos ? "with readers at their own level" : "with readers fixed";
  result.model_alike = primary == prefix ? not_estimable("not_reported", "not in results.json") : model_effect(find_block(results, {prefix})).arm;
}

}  // namespace

MeanResult mean_result(const Json& results, const std::string& name, const ReportFacts& facts) {
  MeanResult result;
  const bool is_time = name == "time";
  const Json* unpaired = find_block(results, {name, "unpaired_t_over_readers"});
  const Json* block = unpaired != nullptr ? unpaired
                      : is_time ? first_block(results, {{"time", "paired_t_over_readers"},
                                                   {"time", "paired_t"},
                                                   {"time", "difference"},
                                                   {"time"}})
                              : first_block(results, {{"confidence", "paired_t_over_readers"},
                                                   {"confidence", "paired_t"},
                                                   {"confidence", "difference"},
                                                   {"paired_t_over_readers"},
                                                   {"confidence"}});
  result.method = std::string(unpaired != nullptr ? "unpaired" : "paired") + (is_time ? " t on reader means of log time" : " t on reader means");
  result.readers = reader_pairs(find_block(results, {name}), facts);
  result.difference = estimate_of(block);
  // R's names for the same numbers: ci, parameter, statistic.
  const Json* limits = block == nullptr ? nullptr : find_block(*block, {"ci"});
  const auto estimate = number_at(block, "estimate"), p = number_at(block, "p");
  if (!result.difference.is_estimable && limits != nullptr && limits->is_array() &&
      limits->size() == 2 && (*limits)[0].is_number() && (*limits)[1].is_number() && estimate &&
      p) {
    result.difference = {};
    result.difference.is_estimable = true;
    result.difference.value = estimate;
    result.difference.lower = (*limits)[0].get<double>();
    result.difference.upper = (*limits)[1].get<double>();
    result.difference.p = *p;
    result.difference.df = number_at(block, "parameter");
    result.difference.t = number_at(block, "statistic");
  }
  fill_models(results, is_time ? "lmm_log_time" : "lmm_confidence", result);
  const Json* means = first_block(results, {{name, "arm_mean"}, {name, "means"}});
  result.control = number_at(means, facts.control.id);
  result.treated = number_at(means, facts.treated.id);
  return result;
}

}  // namespace rationale::study
