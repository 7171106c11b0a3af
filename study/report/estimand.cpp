#include "study/report/estimand.h"

#include <fmt/format.h>

namespace rationale::study {
namespace {

std::string arm_phrase(const Protocol& p, const std::string& id) {
  const Arm* arm = p.find_arm(id);
  if (arm == nullptr) return id;
  if (arm->shows.empty()) return fmt::format("{} (the image alone)", id);
  std::string shown;
  for (const std::string& what : arm->shows) shown += (shown.empty() ? "" : ", ") + what;
  return fmt::format("{} (shown: {}{})", id, shown, arm->sham == Sham::kNone ? "" : "; a sham map");
}

std::string population(const Protocol& p) {
  const PrimaryEndpoint& e = p.endpoint;
  const char* kind = e.metric == Metric::kFpr || e.metric == Metric::kSpecificity ? "normal cases"
                     : e.metric == Metric::kSensitivity                          ? "diseased cases"
                                                                                  : "cases";
  return fmt::format("{} like those of the list ({} cases in all; truth: {}), read by {}", kind, p.cases.count,
                     p.truth.standard,
                     e.readers == Readers::kRandom ? fmt::format("readers like the {} enrolled", p.readers.size())
                                                   : fmt::format("these {} readers", p.readers.size()));
}

std::string variable(const Protocol& p) {
  const PrimaryEndpoint& e = p.endpoint;
  const Question* question = p.find_question(e.question);
  std::string text = fmt::format("{} by the answer to \"{}\"", metric_phrase(e.metric), question == nullptr ? e.question : question->text);
  const bool is_rate = e.metric == Metric::kFpr || e.metric == Metric::kSensitivity || e.metric == Metric::kSpecificity;
  if (is_rate) text += fmt::format("; positive: {}", e.positive_at.empty() ? "yes" : e.positive_at + " and higher");
  return text;
}

}  // namespace

const char* metric_phrase(Metric metric) {
  switch (metric) {
    case Metric::kAuc: return "area under the ROC curve";
    case Metric::kFpr: return "false-positive rate";
    case Metric::kSensitivity: return "sensitivity";
    case Metric::kSpecificity: return "specificity";
    case Metric::kConfidence: return "confidence";
    case Metric::kTime: return "logarithm of the reading time";
  }
  return "false-positive rate";
}

std::string aim_phrase(const Endpoint& e) {
  const auto with_margin = [&](const char* word) { return fmt::format("{} with a margin of {}", word, e.margin.value_or(0)); };
  switch (e.aim) {
    case Aim::kSuperiority: return "superiority";
    case Aim::kNoninferiority: return with_margin("non-inferiority");
    case Aim::kEquivalence: return with_margin("equivalence");
    case Aim::kTwoSided: break;
  }
  return "a difference in either direction";
}

std::string method_phrase(const Protocol& p) {
  const PrimaryEndpoint& e = p.endpoint;
  const bool is_nested = p.design.kind == DesignKind::kParallel;  // each reader in one arm
  const bool is_mean = e.metric == Metric::kConfidence || e.metric == Metric::kTime, has_fixed_readers = e.readers == Readers::kFixed;
  switch (e.method) {
    case Method::kUstat: return "U-statistic moments of Barrett, Gallas and Clarkson, readers and cases random";
    case Method::kGlmm:
      if (is_mean && is_nested) return "linear mixed model with the readers' own level, readers and cases random";
      if (is_mean) return "linear mixed model with the readers' own reaction to the arm, readers and cases random";
      return has_fixed_readers ? "logistic mixed model, cases random, readers fixed (quadrature); log odds ratio"
                               : "logistic mixed model, readers and cases random (Laplace); log odds ratio";
    case Method::kBootstrap: return "bootstrap of readers and cases";
    case Method::kOrHillis: break;
  }
  constexpr const char* kCovariances[]{"unbiased", "DeLong's", "jackknife", "bootstrap"};
  constexpr const char* kFew[]{"none", "sign-flip permutation over readers", "J - 1 degrees of freedom",
                               "the larger p of RRRC and RRFC, the wider interval"};
  if (is_mean && is_nested) return "unpaired t over the readers' means; linear mixed model with the readers' own level beside it";
  if (is_mean) {
    return "paired t over the readers' means; linear mixed model with the readers' own reaction beside it";
  }
  return fmt::format("Obuchowski-Rockette with Hillis's degrees of freedom, {} random, {} covariance; for few readers: {}",
                     has_fixed_readers ? "cases" : "readers and cases", kCovariances[static_cast<std::size_t>(e.covariance)],
                     kFew[static_cast<std::size_t>(e.small_sample)]);
}

std::vector<EstimandAttribute> estimand(const Protocol& p) {
  const PrimaryEndpoint& e = p.endpoint;
  return {
      {"population", population(p)},
      {"arms", fmt::format("{} against {}", arm_phrase(p, e.treated), arm_phrase(p, e.control))},
      {"variable", variable(p)},
      {"intercurrent_events",
       "a reading that was not finished, or whose image could not be assessed, is missing and never counts as a call; what it "
       "could have changed is bounded (worst case, tipping point). Interrupted readings, readings of cases that the reader "
       "says to know, and finished readings of readers who withdrew count as they are. Repeated cases are left out"},
      {"summary", fmt::format("difference {} minus {} of the mean over readers; claim: {}, alpha {} two-sided; {}", e.treated,
                              e.control, aim_phrase(e), e.alpha, method_phrase(p))},
  };
}

}  // namespace rationale::study
