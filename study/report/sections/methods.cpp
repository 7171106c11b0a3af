// The same question by other methods: where they disagree with the answer that leads, a reader shall see it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/page/html.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/sections.h"
#include "study/report/words.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

/// A row of difference, interval, df, p; each may be missing, then the reason stands in its place.
class Rows {
 public:
  Rows(const MetricWords& words, std::string pair) : words_(words), pair_(std::move(pair)) {}

  void add(const std::string& name, const Json* block) {
    if (block == nullptr) return;
    const auto value = number_at(block, "estimate"), lower = number_at(block, "lower"), upper = number_at(block, "upper");
    const auto p = number_at(block, "p"), df = number_at(block, "df");
    if (!value || !lower || !upper) {
      const PrintedEstimate estimate = estimate_of(block);
      rows_.push_back(table_row({{name, ""}, {escape_markup(estimate.reason), "ne", 4}}));
      return;
    }
    const bool is_normal = block->contains("z");
    rows_.push_back(table_row({{name, ""},
                               {signed_text(*value * words_.factor, words_.decimals), "n"},
                               {interval_text(*lower, *upper, words_.factor, words_.decimals), "n"},
                               {df || is_normal ? df_text(df) : "", "n"},
                               {p ? escape_markup(p_text(*p)) : "", "n"}}));
  }

  /// @param rest  of each reader left out
  void add_left_out(const Json* rest) {
    if (rest == nullptr) return;
    std::optional<double> least, most, most_p;
    for (const auto& one : *rest) {
      const auto value = number_at(&one, "estimate"), p = number_at(&one, "p");
      if (!value) continue;
      least = std::min(least.value_or(*value), *value);
      most = std::max(most.value_or(*value), *value);
      if (p) most_p = std::max(most_p.value_or(0), *p);
    }
    if (!least) return;
    const std::string range = fmt::format("{} to {}", signed_text(*least * words_.factor, words_.decimals),
                                          signed_text(*most * words_.factor, words_.decimals));
    rows_.push_back(table_row({{"One reader left out, each in turn", ""},
                               {range, "n", 3},
                               {most_p ? fmt::format("up to {}", escape_markup(p_text(*most_p))) : "", "n"}}));
  }

  std::string html() const {
    if (rows_.empty()) return "";
    return table(fmt::format("{}, by other methods ({}){}", capital(words_.name), words_.unit.empty() ? "area" : words_.unit, pair_),
                 {{"Method", ""}, {"difference", "n"}, {"95\u00a0% interval", "n"}, {"df", "n"}, {"p", "n"}}, rows_);
  }

 private:
  const MetricWords& words_;
  std::string pair_;  ///< which pair, of three arms
  std::vector<std::string> rows_;
};

std::string metric_table(const ReportInput& input, const std::string& metric) {
  const Json* block = find_block(input.results, {metric});
  if (block == nullptr) return "";
  Rows rows(metric_words(metric), pair_words(input));
  const Json* careful = find_block(*block, {"small_sample", "rrrc_rrfc_max"});
  const std::string origin = careful_origin(careful);
  rows.add("The more careful of RRRC and RRFC" + (origin.empty() ? "" : ": " + origin), careful);
  rows.add("Permuted signs of readers", find_block(*block, {"small_sample", "permutation"}));
  const char* difference = metric == "auc" ? "diff" : "difference";
  rows.add("U-statistics (readers and cases)", find_block(*block, {"BDG", difference}));
  const Json* fallback = find_block(*block, {"BDG", "ideal_bootstrap"});
  if (fallback != nullptr && fallback->value("is_fallback", false)) {
    rows.add("Ideal bootstrap, as that variance is negative", fallback);
  }
  if (const Json* resampled = find_block(*block, {"bootstrap", "readers_and_cases"})) {
    const Json* bca = find_block(*resampled, {"bca"});
    const bool has_bca = bca != nullptr && bca->contains("lower");
    const Json *percentile = find_block(*resampled, {"percentile"}), *estimate = find_block(*resampled, {"estimate"});
    Json row = has_bca ? *bca : percentile != nullptr ? *percentile : Json::object();
    if (estimate != nullptr) row["estimate"] = *estimate;
    rows.add(has_bca ? "Resampled readers and cases (BCa)" : "Resampled readers and cases (percentile)", &row);
  }
  rows.add("Cases read in both arms only", find_block(*block, {"paired_cases_only", "RRRC"}));
  rows.add_left_out(find_block(*block, {"leave_one_reader_out"}));
  return rows.html();
}

/// What the covariances and resamples take as the unit.
std::string unit_sentence(const ReportInput& input) {
  const Json* cluster = find_block(input.results, {"cluster"});
  if (cluster == nullptr) return "";
  if (cluster->value("unit", "") != "patient") {
    return cluster->value("has_patient_column", false)
               ? "Sampling unit: the case, which is the patient, as every patient has one case."
               : "Sampling unit: the case. The file does not name patients, so <b>every case counts as a patient of its own</b>; if some "
                 "patients have several, the intervals are too narrow.";
  }
  return fmt::format("Cases of a patient stay together: {} patients, with up to {} cases. Covariances, estimating "
                     "equations and resamples take the patient as their unit; linear mixed models have an effect of the patient; "
                     "logistic ones, which would take cases for independent, are not fitted.",
                     cluster->value("n_patients", 0), cluster->value("most_cases_of_a_patient", 0));
}

}  // namespace

std::string methods_section(const ReportInput& input) {
  const bool is_area = input.facts.primary == "auc";
  const std::string left = is_area ? metric_table(input, "auc") + metric_table(input, "fpr") : metric_table(input, "fpr");
  const std::string right = metric_table(input, "sensitivity");
  const std::string unit = paragraph("note", unit_sentence(input));
  if (left.empty() && right.empty() && unit.empty()) return "";
  if (left.empty() || right.empty()) return "<section>" + left + right + unit + "</section>\n";
  return "<div class=\"row c2b\"><div>" + left + "</div>\n<div>" + right + unit + "</div></div>\n";
}

}  // namespace rationale::study
