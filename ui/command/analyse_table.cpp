#include "ui/command/analyse_table.h"

#include <fmt/format.h>

#include "ui/command/analyse_rows.h"
#include "ui/command/analyse_sections.h"

namespace rationale::ui {

using Json = nlohmann::ordered_json;

namespace {

/// "3 - 1", as every metric of the block names it.
std::string pair_name(const Json& results) {
  for (const char* metric : {"fpr", "sensitivity", "auc"}) {
    if (results.contains(metric) && results.at(metric).contains("difference")) return results.at(metric).at("difference");
  }
  return "the last arm against the first";
}

}  // namespace

std::string analyse_table(const Json& results) {
  const Json& clusters = results.at("cluster");
  std::string text = fmt::format(
      "{} readers, {} normal and {} diseased cases{}{}. Differences are second arm minus first; rates in "
      "percentage points.\n\n",
      results.at("n_readers").get<int>(), results.at("n_normal").get<int>(),
      results.at("n_diseased").get<int>(),
      results.at("fully_crossed").get<bool>()                     ? ", each read in every arm"
      : results.at("fpr").value("design", "") != ""               ? "; each reader read in one arm"
                                                                  : "; not every reader read every case in every arm",
      clusters.at("unit") == "patient"
          ? fmt::format("; sampled are {} patients, with up to {} cases", clusters.at("n_patients").get<int>(),
                        clusters.at("most_cases_of_a_patient").get<int>())
          : "");
  text += endpoint_text(results);
  // Of three or more arms: what compares two is about the pair of the report.
  const bool is_of_pair = results.contains("contrast");
  Json pair = is_of_pair ? results.at("contrast") : results;
  if (is_of_pair && results.contains("sham")) pair["sham"] = results.at("sham");
  text += metric_text(results, "fpr", "False-positive rate", true);
  const Json& exact = pair.at("randomisation_fpr");
  const bool is_parallel = exact.contains("design");
  text += exact.value("status", "ok") == "ok" && is_parallel
              ? fmt::format("  these readers only (their arms drawn anew)   p {}; the smallest that they can give is {}\n",
                            p_text(exact.at("p_two_sided")), p_text(exact.at("smallest_p")))
          : exact.value("status", "ok") == "ok"
              ? fmt::format("  these pairs only (exact randomisation test)   p {}; drawn by {}{}\n",
                            p_text(exact.at("p_two_sided")), exact.at("unit").get<std::string>(),
                            exact.at("is_declared").get<bool>() ? "" : " (from the periods: the file does not say)")
              : fmt::format("  these pairs only (exact randomisation test)   not estimable: {}\n",
                            exact.value("reason", ""));
  text += metric_text(results, "sensitivity", "Sensitivity", true);
  text += metric_text(results, "accuracy", "Accuracy (with this mix of cases)", true);
  text += metric_text(results, "auc", "AUC", false);
  if (is_of_pair) text += fmt::format("Of {} alone, also the randomisation test above:\n", pair_name(pair));
  text += means_text(pair, "confidence", "lmm_confidence", "Confidence, points of 100", 1);
  text += means_text(pair, "time", "lmm_log_time", "Log reading time", 3);
  text += models_text(pair);
  text += declared_text(results);
  text += estimand_text(results);
  text += robustness_text(pair);
  return text;
}

}  // namespace rationale::ui
