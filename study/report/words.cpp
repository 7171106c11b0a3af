#include "study/report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "data/plot/number_text.h"
#include "data/plot/svg.h"

namespace rationale::study {

const MetricWords& metric_words(std::string_view id) {
  static const std::array<MetricWords, 4> kWords{{
      {"fpr", "false-positive rate", "percentage points", "pp", 100, 1},
      {"sensitivity", "sensitivity", "percentage points", "pp", 100, 1},
      {"specificity", "specificity", "percentage points", "pp", 100, 1},
      {"auc", "area under the curve", "", "AUC", 1, 3},
  }};
  for (const MetricWords& words : kWords) {
    if (words.id == id) return words;
  }
  return kWords[0];
}

const MetricResult& metric_of(const ReportInput& input, std::string_view id) {
  if (id == "sensitivity") return input.sensitivity;
  if (id == "specificity") return input.specificity;
  if (id == "auc") return input.auc;
  return input.fpr;
}

std::string number_word(std::size_t n) {
  static const std::array<const char*, 11> kWords{"no",  "one",   "two",   "three", "four", "five",
                                                  "six", "seven", "eight", "nine",  "ten"};
  return n < kWords.size() ? kWords[n] : fmt::format("{}", n);
}

std::string these_readers(std::size_t n) {
  return n == 1 ? "this reader" : "these " + number_word(n) + " readers";
}

std::string plain_readers(std::size_t n) {
  return number_word(n) + (n == 1 ? " reader" : " readers");
}

std::string pair_words(const ReportInput& input) {
  if (input.all_arms.is_null()) return "";
  return fmt::format(" ({} \u2212 {})", escape_markup(input.facts.treated.label), escape_markup(input.facts.control.label));
}

std::string case_count(const ReportFacts& facts, std::size_t n) {
  return fmt::format("{} {}", n, escape_markup(n == 1 ? facts.case_one : facts.case_many));
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string level_text(const MetricWords& words, double value) {
  return words.id == "auc" ? fixed_text(value, 3) : percent_text(value);
}

std::string change_text(const MetricWords& words, double value) {
  return signed_text(value * words.factor, words.decimals);
}

std::string missing_text(std::string_view reason) {
  return "<span class=\"ne\">" + escape_markup(reason) + "</span>";
}

bool is_narrower_than_fixed(const MetricResult& metric) {
  return metric.random().is_estimable && metric.frrc.is_estimable &&
         metric.random().width() < metric.frrc.width() * (1 - 1e-6);
}

Quote quoted(const MetricResult& metric) {
  const bool is_random = metric.random().is_estimable && !metric.plan.has_fixed_readers;
  if (is_random && !is_narrower_than_fixed(metric)) return Quote::kReadersRandom;
  return metric.frrc.is_estimable ? Quote::kReadersFixed : Quote::kNothing;
}

bool supports_readers_like_these(const MetricResult& metric, std::size_t n_readers) {
  return n_readers > 2 && quoted(metric) == Quote::kReadersRandom && metric.random().p < metric.plan.alpha;
}

std::optional<double> difference_of(const MetricResult& metric) {
  for (const PrintedEstimate* estimate : {&metric.rrrc, &metric.frrc, &metric.rrfc}) {
    if (estimate->value) return estimate->value;
  }
  if (metric.control && metric.treated) return *metric.treated - *metric.control;
  return std::nullopt;
}

namespace {

/// "(t, df 2.13, p = 0.204)" or "(z = −2.56, p = 0.010)"; permuted signs have neither.
std::string reference_text(const PrintedEstimate& estimate) {
  if (estimate.df) {
    return fmt::format("(t, df {}, {})", df_text(estimate.df), escape_markup(p_phrase(estimate.p)));
  }
  if (estimate.z) {
    return fmt::format("(z = {}, {})", fixed_text(*estimate.z, 2),
                       escape_markup(p_phrase(estimate.p)));
  }
  return fmt::format("({})", escape_markup(p_phrase(estimate.p)));
}

std::string unit_after(const MetricWords& words) {
  return words.unit.empty() ? "" : " " + words.unit;
}

/// " 95 % interval is −15.6 to +6.0 (t, df 2.13, p = 0.204)"; at another alpha that level.
std::string interval_clause(const MetricWords& words, const PrintedEstimate& estimate, double alpha) {
  const auto [lower, upper] = estimate.at_alpha.value_or(std::pair{estimate.lower, estimate.upper});
  return fmt::format("the {} interval is {} {}", estimate.at_alpha ? level_of(alpha) : "95\u00a0%",
                     interval_text(lower, upper, words.factor, words.decimals), reference_text(estimate));
}

/// What the difference holds for: from the comma after it to the end, without the full stop.
std::string scope_clause(const ReportInput& input, const MetricWords& words,
                         const MetricResult& metric) {
  const std::size_t n = input.readers.size();
  const double alpha = metric.plan.alpha;
  const std::string many = escape_markup(input.facts.case_many);
  // Permuted signs of readers hold the cases as they are.
  const bool are_cases_held = metric.plan.small_sample == "permutation";
  const std::string no_claim =
      fmt::format(", but <b>{} {} not support a claim about readers in general</b>",
                  plain_readers(n), n == 1 ? "does" : "do");
  switch (quoted(metric)) {
    case Quote::kReadersRandom:
      if (supports_readers_like_these(metric, n)) {
        return fmt::format("; for <b>readers like these</b> and {} {}", are_cases_held ? "these " + many : many + " like these",
                           interval_clause(words, metric.random(), alpha));
      }
      return fmt::format("{}: for {} {}", no_claim,
                         are_cases_held ? "readers like these and these " + many : "readers and " + many + " like these",
                         interval_clause(words, metric.random(), alpha));
    case Quote::kReadersFixed: {
      const std::string whom = fmt::format("for {} and {} like these {}", these_readers(n), many, interval_clause(words, metric.frrc, alpha));
      if (metric.plan.has_fixed_readers) {
        return (metric.frrc.p < alpha ? "; " : ", but <b>no change is shown</b>: ") + whom;
      }
      const bool is_silent = metric.random().is_estimable && n > 2 && metric.frrc.p < alpha;
      return (is_silent ? "; " : no_claim + ": ") + whom;
    }
    case Quote::kNothing:
      break;
  }
  return fmt::format("{}: the interval is {}", no_claim,
                     missing_text("not estimable, " + metric.why_not()));
}

/// "12.2 %, against 17.0 % of four others with the heatmap hidden": other readers, so no arrow from one to the other.
std::string nested_levels(const ReportInput& input, const MetricWords& words, const MetricResult& metric) {
  return fmt::format("{}, against {} of {} {}", level_text(words, *metric.treated), level_text(words, *metric.control),
                     input.n_readers_control == 1 ? "another reader" : number_word(input.n_readers_control) + " others",
                     escape_markup(input.facts.control.phrase));
}

/// "four readers called fewer normal films positive than four others": different readers in each arm.
std::string nested_action(const ReportInput& input, const MetricWords& words, int direction) {
  const std::string who = plain_readers(input.n_readers_treated), cases = escape_markup(input.facts.case_many);
  if (words.id == "auc") {
    return fmt::format("{} had {} area under the curve", who, direction < 0 ? "a smaller" : direction > 0 ? "a larger" : "the same");
  }
  return fmt::format("{} called {} {} {} {}", who, direction < 0 ? "fewer" : direction > 0 ? "more" : "as many", words.id == "sensitivity" ? "diseased" : "normal",
                     cases, words.id == "specificity" ? "negative" : "positive");
}

/// Who did what more or less often, up to the rates.
std::string action(const ReportInput& input, const MetricWords& words, int direction) {
  const std::string who = these_readers(input.readers.size());
  const std::string cases = escape_markup(input.facts.case_many);
  const char* amount = direction < 0 ? "fewer" : direction > 0 ? "more" : "as many";
  if (words.id == "auc") {
    return fmt::format("the area under the curve of {} {}", who,
                       direction < 0   ? "fell"
                       : direction > 0 ? "rose"
                                       : "did not change");
  }
  const char* truth = words.id == "sensitivity" ? "diseased" : "normal";
  const char* call = words.id == "specificity" ? "negative" : "positive";
  return fmt::format("{} called {} {} {} {}", who, amount, truth, cases, call);
}

int printed_direction(const MetricWords& words, double difference) {
  const double printed = std::round(difference * words.factor * std::pow(10, words.decimals));
  return printed < 0 ? -1 : printed > 0 ? 1 : 0;
}

}  // namespace

std::string result_sentence(const ReportInput& input, const std::string& metric_id) {
  const MetricWords& words = metric_words(metric_id);
  const MetricResult& metric = metric_of(input, metric_id);
  if (!metric.control || !metric.treated) {
    const auto& level = metric.control ? metric.control : metric.treated;
    const ReportArm& arm = metric.control ? input.facts.control : input.facts.treated;
    if (level && !input.has_two_arms) {
      return fmt::format(
          "{} the {} of {} was <b>{}</b>. There is one arm, so <b>there is no "
          "difference to report</b>.",
          capital(escape_markup(arm.phrase)), words.name, these_readers(input.readers.size()),
          level_text(words, *level));
    }
    return fmt::format("The {} of the two arms <b>cannot be compared</b>: {}.", words.name,
                       missing_text(metric.why_not()));
  }
  const double difference = difference_of(metric).value_or(*metric.treated - *metric.control);
  if (input.is_nested) {
    return fmt::format("{} {}, {}, a difference of <b>{}{}</b>{}{}. Different readers are compared.",
                       capital(escape_markup(input.facts.treated.phrase)), nested_action(input, words, printed_direction(words, difference)),
                       nested_levels(input, words, metric), change_text(words, difference), unit_after(words), scope_clause(input, words, metric),
                       metric.plan.has_fixed_readers ? "; nothing is claimed of other readers" : "");
  }
  return fmt::format("{} {}, {} \u2192 {}, a change of <b>{}{}</b>{}{}.",
                     capital(escape_markup(input.facts.treated.phrase)),
                     action(input, words, printed_direction(words, difference)),
                     level_text(words, *metric.control), level_text(words, *metric.treated),
                     change_text(words, difference), unit_after(words),
                     scope_clause(input, words, metric),
                     metric.plan.has_fixed_readers ? "; nothing is claimed of other readers" : "");
}

std::string sensitivity_sentence(const ReportInput& input) {
  const MetricWords& words = metric_words("sensitivity");
  const MetricResult& metric = input.sensitivity;
  const auto& level = metric.control ? metric.control : metric.treated;
  if (!input.has_two_arms && level) {
    const ReportArm& arm = metric.control ? input.facts.control : input.facts.treated;
    return fmt::format("{} the sensitivity was <b>{}</b>; one arm, no difference.",
                       capital(escape_markup(arm.phrase)), percent_text(*level));
  }
  if (!metric.control || !metric.treated) {
    return fmt::format(
        "<b>Sensitivity could not be compared</b>: {}. A change of the false-positive "
        "rate alone does not say what was missed.",
        missing_text(metric.why_not()));
  }
  const double difference = difference_of(metric).value_or(*metric.treated - *metric.control);
  const int direction = printed_direction(words, difference);
  const char* verb = direction < 0 ? "fell" : direction > 0 ? "did not fall" : "did not change";
  std::string sentence =
      input.is_nested
          ? fmt::format("Sensitivity was {}: {} {}, <b>{} percentage points</b>{}", direction < 0 ? "lower" : direction > 0 ? "higher" : "the same",
                        escape_markup(input.facts.treated.phrase), nested_levels(input, words, metric), change_text(words, difference),
                        scope_clause(input, words, metric))
          : fmt::format("Sensitivity {}: {} \u2192 {}, <b>{} percentage points</b>{}", verb,
                        percent_text(*metric.control), percent_text(*metric.treated),
                        change_text(words, difference), scope_clause(input, words, metric));
  const Quote quote = quoted(metric);
  if (quote == Quote::kNothing) return sentence + ".";
  if (!input.facts.margin) return sentence + "; no non-inferiority margin was set.";
  const double margin = -*input.facts.margin;
  const double printed = 100 * margin;
  const std::string margin_text = fixed_text(printed, printed == std::round(printed) ? 0 : 1);
  const char* origin = input.facts.is_locked ? " locked in the protocol" : ", which was not locked";
  const PrintedEstimate& estimate = quote == Quote::kReadersRandom ? metric.random() : metric.frrc;
  if (estimate.claim_lower() > margin) {
    return sentence +
           fmt::format(", above the non-inferiority margin of {}{}.", margin_text, origin);
  }
  return sentence + fmt::format(
                        ", which <b>reaches below the non-inferiority margin</b> of {}{}: a "
                        "loss of that size is not ruled out.",
                        margin_text, origin);
}

std::string narrower_note(const ReportInput& input, const std::string& metric_id) {
  const MetricWords& words = metric_words(metric_id);
  const MetricResult& metric = metric_of(input, metric_id);
  if (!is_narrower_than_fixed(metric) || metric.plan.has_fixed_readers) return "";
  std::string changes;
  if (input.readers.size() <= 6 && metric_id != "auc" && !input.is_nested) {
    for (const ReportReader& reader : input.readers) {
      const bool is_sensitivity = metric_id == "sensitivity";
      const auto& control = is_sensitivity ? reader.tp_control : reader.fp_control;
      const auto& treated = is_sensitivity ? reader.tp_treated : reader.fp_treated;
      if (!control || !treated || control->n != treated->n) {
        changes.clear();
        break;
      }
      if (!changes.empty()) changes += ", ";
      changes += signed_text(
          static_cast<double>(treated->positive) - static_cast<double>(control->positive), 0);
    }
    if (!changes.empty())
      changes = " (" + changes + " " + escape_markup(input.facts.case_many) + ")";
  }
  std::string variance;
  if (metric.reader_arm_variance && *metric.reader_arm_variance < 0) {
    variance = " and the reader \u00d7 arm variance is estimated below zero (" +
               fixed_text(*metric.reader_arm_variance, 5) + ")";
  }
  return fmt::format(
      "<span class=\"flag\">Note.</span> For readers in general the computed interval of the {} is "
      "{} "
      "(df {}). It is <b>narrower</b> than for {} alone, because {}{}{}. "
      "Rely on the wider one.",
      words.name, interval_text(metric.random().lower, metric.random().upper, words.factor, words.decimals),
      df_text(metric.random().df), these_readers(input.readers.size()),
      input.is_nested ? "the readers of an arm differ little among themselves" : "the " + number_word(input.readers.size()) + " changes happen to agree",
      changes, variance);
}

std::string answers_note(const ReportInput& input, const std::string& metric_id) {
  const MetricWords& words = metric_words(metric_id);
  const MetricResult& metric = metric_of(input, metric_id);
  std::string note = words.unit.empty() ? "" : "pp: percentage points. ";
  note += planned_row(input, metric_id);
  if (input.is_nested) {
    note += fmt::format("Nobody read in both arms: {} against {}, so the difference is one between readers too. ",
                        plain_readers(input.n_readers_treated), number_word(input.n_readers_control) + (input.n_readers_control == 1 ? " other" : " others"));
  }
  if (metric.plan.alpha != 0.05) {
    note += "Intervals are 95\u00a0% ones; the protocol decides at " + alpha_text(metric.plan.alpha) + ". ";
  }
  if (metric.rrrc.is_estimable && metric.frrc.is_estimable) {
    const double alpha = metric.plan.alpha;
    if (metric.rrrc.p >= alpha && metric.frrc.p < alpha) {
      note += fmt::format(
          "The rows do not contradict each other: the effect is there in {} (readers fixed, {}), "
          "and "
          "its size in other readers is unknown (readers random, {}). ",
          these_readers(input.readers.size()), escape_markup(p_phrase(metric.frrc.p)),
          escape_markup(p_phrase(metric.rrrc.p)));
    } else if (metric.rrrc.p >= alpha) {
      note += "Neither readers like these nor these readers alone are shown to change. ";
    }
  }
  if (metric_id == "fpr" && input.ratio.ratio) {
    note += fmt::format("Relative change {}\u00a0%, ratio {}",
                        signed_text(100 * (*input.ratio.ratio - 1), 0),
                        fixed_text(*input.ratio.ratio, 2));
    if (input.ratio.lower && input.ratio.upper) {
      note += fmt::format(" ({} to {}, readers and cases random)",
                          fixed_text(*input.ratio.lower, 2), fixed_text(*input.ratio.upper, 2));
    } else {
      note += ", without an interval";
    }
    note += ". ";
  }
  if (!metric.covariance.empty()) {
    note += "Covariance: " + escape_markup(metric.covariance) + "; df: Hillis" + (metric.is_nested ? ", readers nested in arms." : ".");
  }
  return note;
}

}  // namespace rationale::study
