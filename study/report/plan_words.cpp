// What the protocol planned and claimed, in words.
#include <fmt/format.h>

#include <cmath>

#include "data/cases/csv.h"
#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/words.h"

namespace rationale::study {

std::string alpha_text(double alpha) { return "\u03b1 = " + csv_number(alpha); }

std::string level_of(double alpha) {
  const double percent = 100 * (1 - alpha);
  int decimals = 0;
  while (decimals < 2 && std::abs(percent - std::round(percent * std::pow(10, decimals)) / std::pow(10, decimals)) > 1e-9) ++decimals;
  return fixed_text(percent, decimals) + "\u00a0%";
}

std::string few_words(const std::string& small_sample) {
  if (small_sample == "permutation") return "permuted signs of readers";
  if (small_sample == "corrected_df") return "Obuchowski-Rockette with J \u2212 1 degrees of freedom";
  return "the more careful of RRRC and RRFC";
}

std::string verdict_sentence(const ReportInput& input, const nlohmann::ordered_json* claim) {
  if (claim == nullptr || !claim->contains("met")) return "";
  const std::string aim = claim->value("aim", "");
  const double alpha = input.fpr.plan.alpha;
  const auto margin = number_at(claim, "margin");
  std::string text = fmt::format("<b>Claim as declared</b>: {}{}, {}{}: ",
                                 aim == "two_sided" ? "a difference in either direction" : aim == "noninferiority" ? "non-inferiority" : aim,
                                 margin ? fmt::format(", margin {}", csv_number(*margin)) : "", alpha_text(alpha), aim == "equivalence" ? "" : " two-sided");
  if (claim->value("status", "") != "ok") return text + "<b>not met</b>, " + missing_text(claim->value("reason", "not estimable")) + ".";
  const bool is_met = claim->at("met").get<bool>();
  text += is_met ? "<b>met</b>" : claim->value("is_reached", true) ? "<b>not met</b>" : "<b>not reached</b>, as a claim before it was not met";
  const auto p = number_at(claim, claim->contains("p_adjusted") ? "p_adjusted" : "p");
  return text + (p ? fmt::format(" ({})", escape_markup(p_phrase(*p))) : "") + ".";
}

bool has_other_plan(const ReportInput& input) {
  const auto* endpoint = find_block(input.results, {"endpoint"});
  if (endpoint == nullptr) return false;
  const bool is_metric = endpoint->value("metric", "") != "confidence" && endpoint->value("metric", "") != "time";
  if (endpoint->value("method", "or_hillis") != "or_hillis") return true;
  return is_metric && endpoint->value("small_sample", "none") != "none" && endpoint->value("holds_for", "") != "these readers";
}

std::string planned_row(const ReportInput& input, const std::string& metric_id) {
  const auto* endpoint = find_block(input.results, {"endpoint"});
  if (endpoint == nullptr && !input.facts.is_locked) return "No plan was locked before reading: no row is primary, all describe. ";
  if (metric_id != input.facts.primary) return "The protocol's primary end point is another: no row is primary, all describe. ";
  if (endpoint != nullptr && endpoint->value("method", "or_hillis") != "or_hillis") {
    return "The protocol names another analysis than these rows: see the result above. ";
  }
  const bool is_fixed = metric_of(input, metric_id).plan.has_fixed_readers;
  return fmt::format("The {} row {}; all others were not pre-specified. ", is_fixed ? "second" : "first",
                     input.facts.is_locked ? "was locked as primary" : "is primary by the protocol, of which no lock is recorded here");
}

}  // namespace rationale::study
