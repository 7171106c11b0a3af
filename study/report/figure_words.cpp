// Titles and notes of the figures: what is seen, never more than the interval allows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "data/plot/number_text.h"
#include "data/plot/svg.h"
#include "study/report/reader_values.h"
#include "study/report/words.h"

namespace rationale::study {

namespace {

constexpr std::size_t kFew = 30;  ///< films or pairs: below it a part is "too few to tell"

struct ReaderChange {
  const ReportReader* reader;
  long long change;  ///< false positives, treated less control
};

/// The changes of all readers, where every one read as many normal cases in both arms.
std::vector<ReaderChange> reader_changes(const ReportInput& input) {
  std::vector<ReaderChange> changes;
  for (const ReportReader& reader : input.readers) {
    if (!reader.fp_control || !reader.fp_treated || reader.fp_control->n != reader.fp_treated->n)
      return {};
    changes.push_back({&reader, static_cast<long long>(reader.fp_treated->positive) -
                                    static_cast<long long>(reader.fp_control->positive)});
  }
  return changes;
}

/// The reader who makes more than half of a common change, if there is one among three or more.
const ReaderChange* leading_reader(const std::vector<ReaderChange>& changes, long long total) {
  if (changes.size() < 3 || std::llabs(total) < 4) return nullptr;
  for (const ReaderChange& each : changes) {
    if (2 * each.change * (total < 0 ? -1 : 1) > std::llabs(total)) return &each;
  }
  return nullptr;
}

long long total_change(const std::vector<ReaderChange>& changes) {
  long long total = 0;
  for (const ReaderChange& each : changes) total += each.change;
  return total;
}

/// "2 of 3 readers", "both readers", "all three readers".
std::string some_readers(std::size_t some, std::size_t all) {
  if (all == 1) return "the reader";
  if (some == all) return all == 2 ? "both readers" : "all " + number_word(all) + " readers";
  return fmt::format("{} of {} readers", some, all);
}

std::size_t n_cases_where_ai(const ReportInput& input, bool is_right) {
  std::size_t n = 0;
  for (const AiStratum& stratum : input.ai.strata)
    n += stratum.is_ai_right == is_right ? stratum.n_cases : 0;
  return n;
}

std::string share(std::size_t part, std::size_t whole) {
  return percent_text(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string paired_title(const ReportInput& input) {
  const auto changes = reader_changes(input);
  if (changes.empty()) return "False positives of each reader";
  const long long total = total_change(changes);
  if (leading_reader(changes, total) != nullptr) {
    return total < 0 ? "One reader makes most of the fall" : "One reader makes most of the rise";
  }
  std::size_t fell = 0, rose = 0;
  for (const ReaderChange& each : changes) {
    fell += each.change < 0 ? 1 : 0;
    rose += each.change > 0 ? 1 : 0;
  }
  if (fell == 0 && rose == 0) return "No reader\u2019s false positives changed in number";
  const bool is_fall = total <= 0;
  return capital(some_readers(is_fall ? fell : rose, changes.size())) +
         (is_fall ? " called fewer" : " called more") + " normal " +
         escape_markup(input.facts.case_many) + " positive";
}

std::string paired_note(const ReportInput& input) {
  const auto changes = reader_changes(input);
  if (changes.empty()) {
    return "Where a reader\u2019s count is missing or differs between the arms, the table of "
           "counts says so";
  }
  const long long total = total_change(changes);
  if (const ReaderChange* leading = leading_reader(changes, total)) {
    return fmt::format("{}: {} of the {} {} false positives", escape_markup(leading->reader->name),
                       std::llabs(leading->change), std::llabs(total),
                       total < 0 ? "fewer" : "additional");
  }
  return fmt::format("Together {} \u2192 {} false positives", input.false_positives[0],
                     input.false_positives[1]);
}

std::string change_title(const std::string& name, const std::vector<ReaderPair>& values, std::size_t n_readers) {
  std::size_t rose = 0, fell = 0, n = 0;
  for (const ReaderPair& one : values) {
    if (!one.control || !one.treated) continue;
    ++n;
    rose += *one.treated > *one.control + 1e-12 ? 1 : 0;
    fell += *one.treated < *one.control - 1e-12 ? 1 : 0;
  }
  if (n == 0 || n < n_readers) return name + " of each reader";
  if (rose == 0 && fell == 0) return name + " changed for no reader";
  const bool is_rise = rose >= fell;
  const std::size_t some = is_rise ? rose : fell;
  const std::string verb = is_rise ? "rose" : "fell";
  if (n == 1) return name + " of the reader " + verb;
  if (some == n) return fmt::format("{} {} for each of the {} readers", name, verb, number_word(n));
  return fmt::format("{} {} for {} of {} readers", name, verb, some, n);
}

std::string roc_title(const ReportInput& input) {
  const std::vector<ReaderPair> values = reader_values(input, "auc");
  const bool is_of_all = std::ranges::count_if(values, [](const ReaderPair& one) { return one.control && one.treated; }) == std::ssize(input.readers);
  return is_of_all && !values.empty() ? change_title("The area under the curve", values, input.readers.size()) : "Areas under the curve";
}

std::string roc_note(const ReportInput& input) {
  const MetricResult& auc = input.auc;
  const auto difference = difference_of(auc);
  if (!difference) return "Mean difference: " + missing_text("not estimable, " + auc.why_not());
  const std::string mean = "Mean " + signed_text(*difference, 3);
  switch (quoted(auc)) {
    case Quote::kReadersRandom:
      return fmt::format("{}, 95\u00a0% interval {} for readers like these (df {}, {})", mean,
                         interval_text(auc.random().lower, auc.random().upper, 1, 3), df_text(auc.random().df),
                         escape_markup(p_phrase(auc.random().p)));
    case Quote::kReadersFixed:
      return fmt::format("{}, 95\u00a0% interval {} for {} ({})", mean,
                         interval_text(auc.frrc.lower, auc.frrc.upper, 1, 3),
                         these_readers(input.readers.size()), escape_markup(p_phrase(auc.frrc.p)));
    case Quote::kNothing:
      break;
  }
  return mean + ", no interval: " + missing_text("not estimable, " + auc.why_not());
}

std::string ai_note(const ReportInput& input) {
  std::string note;
  std::string small;
  for (const AiStratum& stratum : input.ai.strata) {
    if (stratum.n_cases >= kFew) continue;
    if (!small.empty()) small += " + ";
    small += fmt::format("{} {}", stratum.n_cases, stratum.metric == "fpr" ? "normal" : "diseased");
  }
  const std::size_t n_wrong = n_cases_where_ai(input, false);
  note = fmt::format("The AI was wrong on {} of {}", n_wrong,
                     case_count(input.facts, n_wrong + n_cases_where_ai(input, true)));
  if (!small.empty()) {
    note += fmt::format("; <b>too few to tell</b> where a part has fewer than {} {} ({})", kFew,
                        escape_markup(input.facts.case_many), small);
  }
  return note;
}

std::string switch_note(const ReportInput& input) {
  if (!input.ai.ai_right || !input.ai.ai_wrong) return "";
  const SwitchCounts& right = *input.ai.ai_right;
  const SwitchCounts& wrong = *input.ai.ai_wrong;
  const std::size_t were_right = wrong.right_right + wrong.right_wrong;
  const std::size_t were_right_beside = right.right_right + right.right_wrong;
  const std::size_t were_wrong = wrong.wrong_right + wrong.wrong_wrong;
  const std::size_t helped = right.wrong_right + right.wrong_wrong;
  std::string note;
  if (were_right + were_wrong < kFew) {
    // A share of a handful would read as a finding.
    note += fmt::format(
        "<b>Too few to tell</b> whether readers followed a wrong AI: it was wrong in {} of {} pairs. ",
        were_right + were_wrong, were_right + were_wrong + were_right_beside + helped);
  } else if (were_right > 0 && were_right_beside > 0) {
    note += fmt::format(
        "<span class=\"flag\">Automation bias</span>: {} of right readings turned wrong where the AI was wrong, "
        "against {} where it was right. ",
        share(wrong.right_wrong, were_right), share(right.right_wrong, were_right_beside));
  }
  if (were_wrong > 0 && helped > 0 && were_right + were_wrong >= kFew) {
    note += fmt::format(
        "<b>Re-reading alone corrects some errors</b>: readers also left their error in {} of pairs when the AI was "
        "wrong, so the {} beside it cannot be credited to the heatmap alone. ",
        share(wrong.wrong_right, were_wrong), share(right.wrong_right, helped));
  }
  return note + "The order of arms differs by pair; \u201cunaided\u201d is not \u201cbefore\u201d.";
}

namespace {

/// The mixed model beside the t over readers; empty where there is none.
std::string model_sentence(const MeanResult& mean, const std::string& effect, const std::string& unit, const std::string& interval) {
  const PrintedEstimate& model = mean.model;
  if (!model.is_estimable) return "";
  return fmt::format(" A linear mixed model (REML, Satterthwaite) {} gives {}{} ({}{}; df {}, {}{}).", mean.model_words, effect, unit, interval, unit,
                     df_text(model.df), escape_markup(p_phrase(model.p)), mean.model_boundary.empty() ? "" : "; a variance is estimated at its boundary");
}

}  // namespace

std::string confidence_sentence(const ReportInput& input) {
  const PrintedEstimate& change = input.confidence.difference;
  if (!change.is_estimable) {
    return "Confidence: " + missing_text("not estimable, " + change.reason) + ".";
  }
  return fmt::format(
             "Confidence {} <b>{} points</b> of 100 (95\u00a0% interval {}; {}, df {}, {}).", input.is_nested ? "differed by" : "changed by",
             signed_text(*change.value, 2), interval_text(change.lower, change.upper, 1, 1),
             input.confidence.method, df_text(change.df), escape_markup(p_phrase(change.p))) +
         model_sentence(input.confidence, signed_text(input.confidence.model.value.value_or(0), 1), "",
                        interval_text(input.confidence.model.lower, input.confidence.model.upper, 1, 1));
}

std::string time_sentence(const ReportInput& input) {
  const PrintedEstimate& change = input.time.difference;
  if (!change.is_estimable) {
    return "Reading time: " + missing_text("not estimable, " + change.reason) + ".";
  }
  const auto relative = [](double log_ratio) { return 100 * std::expm1(log_ratio); };
  const PrintedEstimate& model = input.time.model;
  return fmt::format(
             "Reading time {} <b>{}\u00a0%</b> (geometric mean, 95\u00a0% interval {}\u00a0%; {}, "
             "df {}, {}).", input.is_nested ? "differed by" : "changed by",
             signed_text(relative(*change.value), 1),
             interval_text(relative(change.lower), relative(change.upper), 1, 1), input.time.method,
             df_text(change.df), escape_markup(p_phrase(change.p))) +
         model_sentence(input.time, signed_text(relative(model.value.value_or(0)), 1), "\u00a0%",
                        interval_text(relative(model.lower), relative(model.upper), 1, 1));
}

std::string blinding_sentence(const ReportInput& input) {
  if (!input.facts.is_locked) {
    return "How the readers were blinded is not recorded in this file. A reader always sees which "
           "arm is "
           "on the screen; \u201cblinded\u201d can only mean blinded to truth and to the "
           "allocation sequence.";
  }
  return "Readers were blinded to truth and to the allocation sequence. They were not blinded to "
         "the arm: a "
         "reader sees which arm is on the screen.";
}

}  // namespace rationale::study
