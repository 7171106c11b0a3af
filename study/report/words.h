// The sentences of a study report: what was found, for whom it holds, and what it does not support.
// All return HTML: names of a study are escaped, numbers are written by data/plot/number_text.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "study/report/report_input.h"

namespace rationale::study {

/// How a metric is said and printed.
struct MetricWords {
  std::string id;          ///< "fpr"
  std::string name;        ///< "false-positive rate"
  std::string unit;        ///< "percentage points", "" for areas
  std::string short_unit;  ///< "pp"
  double factor = 100;     ///< from a proportion to the printed number
  int decimals = 1;
};

const MetricWords& metric_words(std::string_view id);
const MetricResult& metric_of(const ReportInput& input, std::string_view id);

/// "one" to "ten", digits above.
std::string number_word(std::size_t n);
/// "these three readers", "this reader"; plain: "three readers", "one reader".
std::string these_readers(std::size_t n);
std::string plain_readers(std::size_t n);
/// " (3 − 1)" where there are more than two arms: what compares one pair says which. Escaped; else empty.
std::string pair_words(const ReportInput& input);
/// "1 film", "300 films".
std::string case_count(const ReportFacts& facts, std::size_t n);
std::string capital(std::string text);
/// "film rates": "17.0 %", areas "0.862".
std::string level_text(const MetricWords& words, double value);
/// "−4.8", "+0.048": in the metric's unit, with its sign.
std::string change_text(const MetricWords& words, double value);

/// Which interval a sentence may quote. Readers in general only where it comes from RRRC and is not
/// narrower than the fixed-reader one: a negative reader × arm variance makes it so, then the wider
/// holds. Where the protocol claims for these readers only, theirs.
enum class Quote { kReadersRandom, kReadersFixed, kNothing };
Quote quoted(const MetricResult& metric);
/// RRRC narrower than FRRC, by more than rounding.
bool is_narrower_than_fixed(const MetricResult& metric);
/// May the result be said of readers like these? Two readers never; p at or above the plan's alpha never.
bool supports_readers_like_these(const MetricResult& metric, std::size_t n_readers);

/// The difference as best known.
std::optional<double> difference_of(const MetricResult& metric);

/// The one sentence of the result.
std::string result_sentence(const ReportInput& input, const std::string& metric_id);
/// The sentence beside it, margin named.
std::string sensitivity_sentence(const ReportInput& input);
/// The orange note where RRRC is narrower than FRRC; empty otherwise.
std::string narrower_note(const ReportInput& input, const std::string& metric_id);
/// Whether the protocol names another analysis of the primary end point than Obuchowski and Rockette's (or the paired t).
bool has_other_plan(const ReportInput& input);
/// "α = 0.05".
std::string alpha_text(double alpha);
/// Which row of the four answers the protocol names, and whether it is known to be locked; ends with a space.
std::string planned_row(const ReportInput& input, const std::string& metric_id);
/// "95 %", "99.5 %": the level of the limits that a claim at alpha is held against.
std::string level_of(double alpha);
/// "rrrc_rrfc_max" in words.
std::string few_words(const std::string& small_sample);
/// Aim, alpha and what came of a claim of results.json ("declared"); empty without one.
std::string verdict_sentence(const ReportInput& input, const nlohmann::ordered_json* claim);
/// Under the four answers.
std::string answers_note(const ReportInput& input, const std::string& metric_id);

std::string paired_title(const ReportInput& input);
/// "Sensitivity rose for 2 of 3 readers": of those with a value in both arms.
std::string change_title(const std::string& name, const std::vector<ReaderPair>& values, std::size_t n_readers);
std::string paired_note(const ReportInput& input);
std::string roc_title(const ReportInput& input);
std::string roc_note(const ReportInput& input);
std::string ai_note(const ReportInput& input);
std::string switch_note(const ReportInput& input);
std::string confidence_sentence(const ReportInput& input);
std::string time_sentence(const ReportInput& input);
/// Who was blinded to what: to truth and to the allocation sequence, never to the arm on the
/// screen.
std::string blinding_sentence(const ReportInput& input);

/// Text in a cell where a number is missing: italic, soft, with the reason in words.
std::string missing_text(std::string_view reason);

}  // namespace rationale::study
