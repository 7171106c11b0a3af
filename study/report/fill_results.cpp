#include "study/report/fill_results.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace rationale::study {

using Json = nlohmann::ordered_json;

namespace {

/// The one entry that is wanted, or the only one there is (ids differ from the file's only by
/// name).
const Json* of_pair(const Json* differences, const ReportFacts& facts) {
  if (differences == nullptr || !differences->is_object()) return nullptr;
  const auto place = differences->find(facts.treated.id + " - " + facts.control.id);
  if (place != differences->end()) return &*place;
  return nullptr;
}

/// A primary block is flat; an Obuchowski-Rockette block holds its pairs under "differences".
const Json* difference_block(const Json* block, const ReportFacts& facts) {
  if (block == nullptr || !block->is_object()) return nullptr;
  if (const Json* differences = find_block(*block, {"differences"})) {
    return of_pair(differences, facts);
  }
  return block;
}

const Json* obuchowski_rockette(const Json& metric) {
  return first_block(metric,
                  {{"OR_unbiased"}, {"OR", "unbiased"}, {"OR", "delong"}, {"OR", "jackknife"}});
}

std::optional<double> value_of(const Json& metric, const std::string& reader,
                               const std::string& arm) {
  const Json* cell =
      first_block(metric, {{"values", reader}, {"auc", reader}, {"OR_unbiased", "theta", reader}});
  return number_at(cell, arm);
}

std::optional<Count> count_of(const Json& results, const std::string& metric,
                              const std::string& reader, const std::string& arm) {
  const Json* cell = find_block(results, {metric, "counts", reader, arm});
  if (cell == nullptr || !cell->is_array() || cell->size() != 2) return std::nullopt;
  if (!(*cell)[0].is_number_integer() || !(*cell)[1].is_number_integer()) return std::nullopt;
  return Count{(*cell)[0].get<std::size_t>(), (*cell)[1].get<std::size_t>()};
}

/// Over all readers, or over those of that arm where each read in one; nothing where a value is missing.
std::optional<double> mean_value(const Json& metric, const std::vector<std::string>& readers,
                                 const std::string& arm, bool is_nested) {
  double sum = 0;
  std::size_t n = 0;
  for (const std::string& reader : readers) {
    const auto value = value_of(metric, reader, arm);
    if (!value && is_nested) continue;
    if (!value) return std::nullopt;
    sum += *value;
    ++n;
  }
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

std::optional<std::size_t> count_at(const Json* block, const std::string& key) {
  const auto value = number_at(block, key);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::size_t>(std::llround(*value));
}

MetricPlan metric_plan(const Json& results) {
  MetricPlan plan;
  plan.alpha = number_at(find_block(results, {"declared"}), "alpha").value_or(plan.alpha);
  const Json* endpoint = find_block(results, {"endpoint"});
  if (endpoint == nullptr) return plan;
  plan.has_fixed_readers = endpoint->value("holds_for", "") == "these readers";
  const std::string few = endpoint->value("small_sample", "none");
  if (few != "none" && !plan.has_fixed_readers) plan.small_sample = few;
  return plan;
}

}  // namespace

const std::string& MetricResult::why_not() const {
  for (const PrintedEstimate* one : {&rrrc, &frrc, &rrfc}) {
    if (!one->is_estimable && !one->reason.empty()) return one->reason;
  }
  static const std::string kNoMeans = "results.json has no mean of each arm";
  return kNoMeans;
}

MetricResult metric_result(const Json& results, const std::string& name, const ReportFacts& facts,
                           const std::vector<std::string>& readers) {
  MetricResult result;
  result.plan = metric_plan(results);
  const Json* metric = find_block(results, {name});
  if (metric == nullptr) {
    result.rrrc = result.frrc = result.rrfc = result.few = not_estimable("not_reported", "not in results.json");
    return result;
  }
  result.is_present = true;
  if (metric->value("status", "ok") != "ok") {
    result.rrrc = result.frrc = result.rrfc = result.few = estimate_of(metric);
    return result;
  }
  const Json* full = obuchowski_rockette(*metric);
  const auto analysis = [&](const std::string& kind) {
    const Json* block = difference_block(find_block(*metric, {kind}), facts);
    if (block == nullptr && full != nullptr) {
      block = difference_block(find_block(*full, {kind}), facts);
    }
    return estimate_of(block);
  };
  result.rrrc = analysis("RRRC");
  result.frrc = analysis("FRRC");
  result.rrfc = analysis("RRFC");
  // What makes readers and cases random impossible is the reason that holds for this row too.
  if (result.rrfc.code == "not_reported" && !result.rrrc.is_estimable) {
    result.rrfc = not_estimable(result.rrrc.code, result.rrrc.reason);
  }
  const Json* few = find_block(*metric, {"small_sample", result.plan.small_sample});
  result.few = few == nullptr ? result.rrrc : estimate_of(few);
  result.few_origin = careful_origin(few);
  const Json* means = full == nullptr ? find_block(*metric, {"OR_nested", "arm_mean"}) : find_block(*full, {"arm_mean"});
  result.control = number_at(means, facts.control.id);
  result.treated = number_at(means, facts.treated.id);
  result.is_nested = metric->value("design", "") == "readers_nested_in_arms";
  if (!result.control) result.control = mean_value(*metric, readers, facts.control.id, result.is_nested);
  if (!result.treated) result.treated = mean_value(*metric, readers, facts.treated.id, result.is_nested);
  result.covariance = metric->value("covariance", full == nullptr ? "" : "unbiased");
  if (full != nullptr) {
    result.reader_arm_variance =
        number_at(find_block(*full, {"variance_components_unclamped"}), "VarTR");
    for (const std::string& reader : readers) {
      result.readers.push_back(
          estimate_of(of_pair(find_block(*full, {"FRRC", "readers", reader}), facts)));
    }
  }
  return result;
}

std::vector<std::string> readers_in(const Json& results) {
  for (const auto& place : std::initializer_list<std::initializer_list<std::string>>{
           {"auc", "readers"},
           {"fpr", "OR_unbiased", "readers"},
           {"sensitivity", "OR_unbiased", "readers"}}) {
    const Json* names = find_block(results, place);
    if (names == nullptr || !names->is_array()) continue;
    std::vector<std::string> readers;
    for (const Json& name : *names) {
      if (name.is_string()) readers.push_back(name.get<std::string>());
    }
    return readers;
  }
  for (const char* metric : {"auc", "fpr", "sensitivity"}) {
    const Json* values = find_block(results, {metric, "values"});
    if (values == nullptr || !values->is_object()) continue;
    std::vector<std::string> readers;
    for (const auto& [name, arms] : values->items()) readers.push_back(name);
    return readers;
  }
  return {};
}

ReportReader reader_result(const Json& results, const std::string& name, const ReportFacts& facts) {
  ReportReader reader;
  reader.name = name;
  reader.fp_control = count_of(results, "fpr", name, facts.control.id);
  reader.fp_treated = count_of(results, "fpr", name, facts.treated.id);
  reader.tp_control = count_of(results, "sensitivity", name, facts.control.id);
  reader.tp_treated = count_of(results, "sensitivity", name, facts.treated.id);
  const Json* discordant = find_block(results, {"fpr", "mcnemar_per_reader", name});
  reader.fp_only_control = count_at(discordant, "first_only");
  reader.fp_only_treated = count_at(discordant, "second_only");
  reader.fp_exact_p = number_at(discordant, "p_exact");
  reader.tp_exact_p = number_at(find_block(results, {"sensitivity", "mcnemar_per_reader", name}), "p_exact");
  reader.own_kappa = number_at(find_block(results, {"agreement", "intra_reader_" + facts.control.id + "_vs_" + facts.treated.id, name}), "kappa");
  if (const Json* auc = find_block(results, {"auc"})) {
    reader.auc_control = value_of(*auc, name, facts.control.id);
    reader.auc_treated = value_of(*auc, name, facts.treated.id);
  }
  return reader;
}

RatioResult ratio_result(const Json& results) {
  RatioResult result;
  const Json* block = first_block(results, {{"fpr", "ratio_delta_method_RRRC"}, {"fpr", "ratio"}});
  result.ratio = number_at(block, "ratio");
  result.lower = number_at(block, "lower");
  result.upper = number_at(block, "upper");
  result.df = number_at(block, "df");
  if (block != nullptr && block->is_object()) {
    result.code = block->value("code", "");
    result.reason = block->value("reason", block->value("note", ""));
  }
  return result;
}

RandomisationResult randomisation_result(const Json& results) {
  RandomisationResult result;
  const Json* block = find_block(results, {"randomisation_fpr"});
  if (block == nullptr) {
    result.code = "not_reported";
    result.reason = "periods of the readings are not recorded in this file";
    return result;
  }
  result.is_present = true;
  result.p = number_at(block, "p_two_sided");
  result.discordant = count_at(block, "discordant").value_or(0);
  result.unit = block->value("unit", "");
  if (const Json* readers = find_block(*block, {"per_reader"}); readers && readers->is_object()) {
    for (const auto& [name, counts] : readers->items()) {
      result.n_pairs += count_at(&counts, "n").value_or(0);
    }
  }
  if (!result.p) {
    result.code = block->value("code", "not_reported");
    result.reason = block->value("reason", "no p-value in results.json");
  }
  return result;
}

void fill_switches(const Json& results, AiResult& ai) {
  const Json* all = find_block(results, {"switch", "all"});
  if (all == nullptr) return;
  const Json* right = find_block(*all, {"ai_right"});
  const Json* wrong = find_block(*all, {"ai_wrong"});
  const auto table = [](const Json* block) -> std::optional<SwitchCounts> {
    const auto n = count_at(block, "n"), left_right = count_at(block, "correct_to_wrong"),
               found = count_at(block, "wrong_to_correct");
    if (!n || !left_right || !found) return std::nullopt;
    SwitchCounts counts;
    counts.n = *n;
    counts.right_wrong = *left_right;
    counts.wrong_right = *found;
    // One of the two opportunities stands in the file; the other follows from n.
    std::size_t were_wrong = 0, were_right = 0;
    if (const auto wrong_first = count_at(block, "opportunities_wrong_unaided")) {
      were_wrong = std::min(*wrong_first, *n);
      were_right = *n - were_wrong;
    } else if (const auto right_first = count_at(block, "opportunities_correct_unaided")) {
      were_right = std::min(*right_first, *n);
      were_wrong = *n - were_right;
    } else {
      return std::nullopt;
    }
    if (counts.right_wrong > were_right || counts.wrong_right > were_wrong) return std::nullopt;
    counts.right_right = were_right - counts.right_wrong;
    counts.wrong_wrong = were_wrong - counts.wrong_right;
    return counts;
  };
  ai.ai_right = table(right);
  ai.ai_wrong = table(wrong);
}

}  // namespace rationale::study
