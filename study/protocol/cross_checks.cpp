#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/base/text.h"
#include "study/protocol/findings.h"
#include "study/protocol/schema.h"

namespace rationale::study {
namespace {

constexpr int kLeastWashoutDays = 14, kUsualWashoutDays = 28;
constexpr int kFewReaders = 4;
/// Keys that the reading app needs itself (with Enter, Escape, Backspace, Tab, arrows and F-keys).
constexpr std::string_view kReservedKeys = " zuhbnpi?0-=+";

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

bool is_multi_period(DesignKind kind) {
  return kind == DesignKind::kCrossover || kind == DesignKind::kSplitPlot;
}

void check_design(const Protocol& p, Findings& findings) {
  const Design& design = p.design;
  const int n_arms = static_cast<int>(design.arms.size());
  for (const std::string& arm : design.arms) {
    if (p.find_arm(arm) != nullptr) continue;
    findings.error("RS201", "design.arms",
                   fmt::format("there is no [[arm]] \"{}\"; define it or remove it here", arm));
  }
  for (std::size_t i = 0; i < p.arms.size(); ++i) {
    if (has(design.arms, p.arms[i].id)) continue;
    findings.error("RS202", fmt::format("arm[{}].id", i),
                   fmt::format("design.arms does not name \"{}\"; add it there or remove the arm",
                               p.arms[i].id));
  }
  const int periods = is_multi_period(design.kind) ? n_arms : 1;
  if (design.periods != periods) {
    findings.error("RS203", "design.periods",
                   fmt::format("{} periods do not fit the design; write {}", design.periods,
                               periods));
  }
  if (design.periods > 1 && design.washout_days < kLeastWashoutDays &&
      trim(design.washout_justification).empty()) {
    findings.error("RS204", "design.washout_days",
                   fmt::format("{} days; at least {}, or give washout_justification",
                               design.washout_days, kLeastWashoutDays));
  } else if (design.periods > 1 && design.washout_days < kUsualWashoutDays) {
    findings.warning("W301", "design.washout_days",
                     fmt::format("{} days of washout; authorities expect {}", design.washout_days,
                                 kUsualWashoutDays));
  }
  if (design.kind == DesignKind::kSequential) {
    const Arm* first = p.find_arm(design.arms.front());
    const Arm* second = n_arms == 2 ? p.find_arm(design.arms.back()) : nullptr;
    if (first == nullptr || second == nullptr || first->shows_any() ||
        second->reveal != Reveal::kAfterAnswer) {
      findings.error("RS205", "design.kind",
                     "sequential reading needs two arms: one that shows nothing, then one with "
                     "reveal = \"after_answer\"");
    }
  }
}

void check_arms(const Protocol& p, Findings& findings) {
  for (std::size_t i = 0; i < p.arms.size(); ++i) {
    const Arm& arm = p.arms[i];
    const std::string path = fmt::format("arm[{}].", i);
    const bool has_heatmap = arm.shows_what("heatmap");
    if (arm.reveal == Reveal::kAfterAnswer && p.design.kind != DesignKind::kSequential) {
      findings.error("RS227", path + "reveal",
                     "after_answer belongs to sequential designs; remove it");
    }
    const bool is_sham = arm.sham != Sham::kNone;
    if ((is_sham && !has_heatmap) || arm.is_placebo != is_sham) {
      findings.error("RS213", path + (is_sham ? "sham" : "placebo"),
                     "a sham is a heatmap that says placebo = true; set all three or none");
    } else if (arm.is_placebo &&
               std::ranges::none_of(p.arms, [&](const Arm& other) {
                 return other.label == arm.label && other.shows == arm.shows && !other.is_placebo;
               })) {
      findings.error("RS230", path + "label",
                     "the label tells the placebo; give it the label and shows of the arm that it "
                     "imitates");
    } else if (!has_heatmap) {
      for (const char* key : {"toggle", "start", "opacity", "opacity_adjustable", "heatmap_method"}) {
        if (!findings.lines().has(path + key)) continue;
        findings.error("RS221", path + key, "this arm shows no heatmap; remove it");
      }
    }
  }
}

void check_readers(const Protocol& p, Findings& findings) {
  const int n_readers = static_cast<int>(p.readers.size());
  const int n_arms = static_cast<int>(p.design.arms.size());
  const bool is_split = p.design.kind == DesignKind::kSplitPlot;
  if (n_readers < 2) {
    findings.error("RS218", "reader[0].id", "one reader is no study; enrol at least two");
  } else if (n_readers < kFewReaders && p.endpoint.readers == Readers::kRandom) {
    findings.warning("W302", findings.lines().has("endpoint.readers") ? "endpoint.readers"
                                                                      : "endpoint",
                     fmt::format("{} readers can hardly carry a claim about readers in general; "
                                 "see `rationale study power`{}",
                                 n_readers,
                                 p.endpoint.small_sample == SmallSample::kNone
                                     ? ", and write small_sample = \"rrrc_rrfc_max\": without it the test of "
                                       "a rate rejects too often"
                                     : ""));
  }
  if (is_split != (p.design.blocks > 1) || (is_split && p.design.blocks * 2 > n_readers)) {
    findings.error("RS206", "design.blocks",
                   "blocks above 1 belong to split_plot, with at least two readers each");
  }
  const int n_sequences = n_arms % 2 == 0 || n_arms == 1 ? n_arms : 2 * n_arms;
  const int n_blocks = is_split ? p.design.blocks : 1;
  if (is_multi_period(p.design.kind) && p.design.unit == Unit::kReader &&
      n_readers / n_blocks < n_sequences) {
    findings.error("RS207", "design.unit",
                   fmt::format("{} sequences need as many readers in a block; enrol more, or use "
                               "unit = \"reader_case\"",
                               n_sequences));
  }
  if (p.design.repeats > p.cases.count / n_blocks / 2) {
    findings.error("RS219", "design.repeats",
                   fmt::format("{} repeats; at most half the cases of a block, {}",
                               p.design.repeats, p.cases.count / n_blocks / 2));
  }
}

bool needs_levels(QuestionType type) {
  return type == QuestionType::kOrdinal || type == QuestionType::kChoice ||
         type == QuestionType::kMultichoice;
}

/// What can be answered; the levels of a binary question are not in the file.
std::vector<std::string> answers(const Question& question) {
  if (question.type == QuestionType::kBinary) return {"no", "yes"};
  return question.levels;
}

bool is_one_character(const std::string& key) {
  return has_form(key, TextForm::kLength, 1, 1);
}

/// Which question or flag has a key already; a second claim is a clash.
class KeyClaims {
 public:
  bool is_free(const std::string& key, const std::string& claimant) {
    const std::string lower = lower_case(key);
    if (kReservedKeys.find(lower) != std::string_view::npos) return false;
    return claims_.try_emplace(lower, claimant).first->second == claimant;
  }

 private:
  std::map<std::string, std::string> claims_;
};

void check_question_keys(const Question& question, const std::string& path, KeyClaims& claims,
                         Findings& findings) {
  const std::size_t n = answers(question).size();
  if (!question.keys.empty() && question.keys.size() != n) {
    findings.error("RS224", path + ".keys",
                   fmt::format("{} keys for {} answers; one each, or none", question.keys.size(),
                               n));
  }
  for (const std::string& key : question.keys) {
    if (is_one_character(key) && claims.is_free(key, path) &&
        std::ranges::count(question.keys, lower_case(key), lower_case) == 1) {
      continue;
    }
    findings.error("RS214", path + ".keys",
                   fmt::format("the key \"{}\" is taken, or is not one character; choose another",
                               key));
    break;
  }
}

void check_show_if(const Protocol& p, std::size_t i, const std::string& path,
                   Findings& findings) {
  const Question& question = p.questions[i];
  if (question.show_if_question.empty() && question.show_if_answer.empty()) return;
  for (std::size_t k = 0; k < i; ++k) {
    const Question& earlier = p.questions[k];
    if (earlier.id == question.show_if_question && has(answers(earlier), question.show_if_answer)) {
      return;
    }
  }
  findings.error("RS215", path + ".show_if",
                 "write \"question=answer\" with an earlier question and one of its answers");
}

void check_questions(const Protocol& p, Findings& findings) {
  KeyClaims claims;
  for (std::size_t i = 0; i < p.questions.size(); ++i) {
    const Question& question = p.questions[i];
    const std::string path = fmt::format("question[{}]", i);
    if (needs_levels(question.type) ? question.levels.size() < 2 : !question.levels.empty()) {
      findings.error("RS222", path + ".levels",
                     needs_levels(question.type) ? "two levels or more are needed"
                                                 : "this type has no levels; remove them");
    }
    check_question_keys(question, path, claims, findings);
    const bool is_scale =
        question.type == QuestionType::kVas || question.type == QuestionType::kNumber;
    if (is_scale && question.min >= question.max) {
      findings.error("RS228", findings.lines().has(path + ".max") ? path + ".max" : path + ".min",
                     fmt::format("min {} is not below max {}", question.min, question.max));
    }
    check_show_if(p, i, path, findings);
  }
  for (std::size_t i = 0; i < p.flags.size(); ++i) {
    const std::string& key = p.flags[i].key;
    if (key.empty() || claims.is_free(key, fmt::format("flag[{}]", i))) continue;
    findings.error("RS214", fmt::format("flag[{}].key", i),
                   fmt::format("the key \"{}\" is taken; choose another", key));
  }
}

bool fits(Metric metric, QuestionType type) {
  switch (metric) {
    case Metric::kAuc:
    case Metric::kConfidence:
      return type == QuestionType::kOrdinal || type == QuestionType::kVas;
    case Metric::kTime:
      return true;
    case Metric::kFpr:
    case Metric::kSensitivity:
    case Metric::kSpecificity:
      return type == QuestionType::kBinary || type == QuestionType::kOrdinal;
  }
  return false;
}

bool has_operating_point(Metric metric) {
  return metric == Metric::kFpr || metric == Metric::kSensitivity ||
         metric == Metric::kSpecificity;
}

void check_endpoint(const Protocol& p, const Endpoint& endpoint, const std::string& path,
                    Findings& findings) {
  if (endpoint.treated == endpoint.control || !has(p.design.arms, endpoint.treated) ||
      !has(p.design.arms, endpoint.control)) {
    findings.error("RS208", path + ".contrast",
                   "name two different arms of the design, [treated, control]");
  }
  const Question* question = p.find_question(endpoint.question);
  if (question == nullptr) {
    findings.error("RS210", path + ".question",
                   fmt::format("there is no question \"{}\"", endpoint.question));
    return;
  }
  if (!fits(endpoint.metric, question->type)) {
    findings.error("RS211", path + ".metric",
                   fmt::format("this metric cannot be computed from \"{}\"; auc and confidence "
                               "need ordinal or vas, rates binary or ordinal",
                               endpoint.question));
    return;
  }
  const std::string& at = endpoint.positive_at;
  if (has_operating_point(endpoint.metric)) {
    const bool is_ordinal = question->type == QuestionType::kOrdinal;
    const std::vector<std::string> levels = answers(*question);
    if ((is_ordinal && at.empty()) ||
        (!at.empty() && (!has(levels, at) || at == levels.front()))) {
      findings.error("RS212", at.empty() ? path : path + ".positive_at",
                     "positive_at is a level above the lowest: it and higher count as positive");
    }
  } else if (!at.empty()) {
    findings.error("RS212", path + ".positive_at", "this metric has no threshold; remove it");
  }
}

}  // namespace

void check_together(const Protocol& p, Findings& findings) {
  check_design(p, findings);
  check_arms(p, findings);
  check_readers(p, findings);
  check_questions(p, findings);
  check_endpoint(p, p.endpoint, "endpoint", findings);
  const bool has_margin = p.endpoint.margin.value_or(0) > 0;
  if ((p.endpoint.aim == Aim::kNoninferiority) != has_margin) {
    findings.error("RS209",
                   findings.lines().has("endpoint.margin") ? "endpoint.margin" : "endpoint.aim",
                   "a margin above 0 goes with aim = \"noninferiority\", and only there");
  }
  for (std::size_t i = 0; i < p.secondary.size(); ++i) {
    check_endpoint(p, p.secondary[i], fmt::format("secondary[{}]", i), findings);
  }
  if (p.blinding.threshold > static_cast<int>(p.blinding.custodians.size())) {
    findings.error("RS216", "blinding.threshold",
                   fmt::format("{} of {} custodians can never meet", p.blinding.threshold,
                               p.blinding.custodians.size()));
  }
  if (!p.ai && std::ranges::any_of(p.arms, &Arm::shows_any)) {
    findings.error("RS217", "ai", "an arm shows AI output; add the table [ai]");
  }
  if (p.design.kind == DesignKind::kSequential) {
    findings.warning("W303", "design.kind",
                     "the first answer anchors the second: this shows no concurrent use");
  }
  if (p.blinding.tell_prevalence) {
    findings.warning("W304", "blinding.tell_prevalence",
                     "readers who know the prevalence read by it");
  }
}

}  // namespace rationale::study
