// Private to the report: from the blocks of results.json to values. Read are, besides the blocks of
// a metric:
//   confidence.paired_t_over_readers   {estimate, lower, upper, df, t, p}, or R's {estimate, ci,
//   parameter, …} time.paired_t_over_readers         the same, of log seconds: the page prints
//   exp(estimate) - 1 ai_split.<ai_right|ai_wrong>.<fpr|sensitivity>.FRRC   (or metric first)
//   switch.all.<ai_right|ai_wrong>     {n, correct_to_wrong, wrong_to_correct, opportunities_…}
#pragma once

#include <string>

#include "study/report/report_input.h"

namespace rationale::study {

/// A metric's block in a contrast: primary RRRC and FRRC (`<metric>.RRRC`), else the
/// Obuchowski-Rockette block with the unbiased covariance, else with DeLong's.
/// @param name  "fpr", "sensitivity", "specificity", "accuracy" or "auc"
MetricResult metric_result(const nlohmann::ordered_json& results, const std::string& name,
                           const ReportFacts& facts, const std::vector<std::string>& readers);

/// The readers that results.json names, in its order; empty if it names none.
std::vector<std::string> readers_in(const nlohmann::ordered_json& results);

/// Counts, discordant pairs and areas of one reader, as far as results.json has them.
ReportReader reader_result(const nlohmann::ordered_json& results, const std::string& name,
                           const ReportFacts& facts);

RatioResult ratio_result(const nlohmann::ordered_json& results);
RandomisationResult randomisation_result(const nlohmann::ordered_json& results);

/// "confidence" or "time": the paired t test on reader means.
MeanResult mean_result(const nlohmann::ordered_json& results, const std::string& name,
                       const ReportFacts& facts);

/// The switch table of results.json, if it is there.
void fill_switches(const nlohmann::ordered_json& results, AiResult& ai);

}  // namespace rationale::study
