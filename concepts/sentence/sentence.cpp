#include "concepts/sentence/sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "concepts/sentence/rounding.h"

namespace rationale::concepts {
namespace {

double share_of(double value, double total) { return total > 0 ? std::abs(value) / total : 0; }

bool is_present(const Contribution& one) { return one.presence > one.reference; }

/// "A" or "the absence of A", with "possibly" where the evidence is only suggestive.
std::string noun(const Contribution& one) {
  return (one.verdict == Verdict::kSuggestive ? "possibly " : "") +
         std::string(is_present(one) ? "" : "the absence of ") + one.concept_name;
}

/// "A reads as present (93 %)".
std::string reading(const Contribution& one) {
  return fmt::format("{} reads as {} ({:.0f} %)", one.concept_name,
                     one.presence >= 0.5 ? "present" : "absent", 100 * one.presence);
}

std::string join(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : separator) + words[i];
  return text;
}

/// "because of A", "primarily because of A, secondarily because of B", "because of A and B (order not
/// established)". Reasons come sorted by |phi|.
std::string reasons_text(const std::vector<const Contribution*>& reasons,
                         const SentenceRules& rules) {
  const auto leads = [&](std::size_t i, std::size_t j) {
    return std::abs(reasons[i]->phi) > std::abs(reasons[j]->phi) &&
           std::abs(reasons[i]->effect) >= rules.order_ratio * std::abs(reasons[j]->effect);
  };
  std::vector<std::string> nouns;
  for (const Contribution* one : reasons) nouns.push_back(noun(*one));
  if (nouns.empty()) return "";
  if (nouns.size() == 1) return "because of " + nouns[0];
  const bool first_leads =
      leads(0, 1) && (reasons.size() < 3 || leads(0, 2));
  if (!first_leads) return fmt::format("because of {} (order not established)", join(nouns, " and "));
  if (nouns.size() == 2) {
    return fmt::format("primarily because of {}, secondarily because of {}", nouns[0], nouns[1]);
  }
  const std::string start =
      fmt::format("primarily because of {}, secondarily because of {}", nouns[0], nouns[1]);
  return leads(1, 2) ? fmt::format("{}, then because of {}", start, nouns[2])
                     : fmt::format("{} and {} (order of these two not established)", start, nouns[2]);
}

/// "+2.1 (A) +0.8 (no B) -0.3 (other annotated concepts) +0.4 (not explained) = 3.0 above the reference 0.2".
std::string sum_text(const CaseExplanation& explanation,
                     const std::vector<const Contribution*>& named) {
  std::vector<double> terms;
  std::vector<std::string> words;
  double others = 0;
  bool has_others = false;
  for (const Contribution* one : named) {
    terms.push_back(one->phi);
    words.push_back((is_present(*one) ? "" : "no ") + one->concept_name);
  }
  for (const Contribution& one : explanation.contributions) {
    if (one.is_named) continue;
    others += one.phi;
    has_others = true;
  }
  if (has_others) {
    terms.push_back(others);
    words.push_back(named.empty() ? "annotated concepts" : "other annotated concepts");
  }
  terms.push_back(explanation.residual);
  words.push_back("not explained");
  std::vector<double> all = terms;
  all.push_back(explanation.logit - explanation.reference);
  const int decimals = decimals_for(all);
  const double scale = std::pow(10.0, decimals);
  const long long logit = std::llround(explanation.logit * scale);
  const long long reference = std::llround(explanation.reference * scale);
  const std::vector<long long> units = round_to_total(terms, logit - reference, decimals);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < units.size(); ++i) {
    parts.push_back(fmt::format("{} ({})", fixed(units[i], decimals, Sign::kAlways), words[i]));
  }
  return fmt::format("{} = {} {} the reference {}", join(parts, " "),
                     fixed(logit - reference, decimals),
                     logit >= reference ? "above" : "from", fixed(reference, decimals));
}

}  // namespace

void write_sentence(CaseExplanation& explanation, const SentenceRules& rules) {
  double total = std::abs(explanation.residual);
  for (const Contribution& one : explanation.contributions) total += std::abs(one.phi);
  explanation.residual_share = share_of(explanation.residual, total);

  std::vector<Contribution*> candidates;
  for (Contribution& one : explanation.contributions) {
    one.is_named = false;
    if (one.verdict != Verdict::kNotEstablished && one.version > 0 &&
        share_of(one.phi, total) >= rules.least_share &&
        one.sign_stability >= rules.least_sign_stability) {
      candidates.push_back(&one);
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto* a, const auto* b) {
    return std::abs(a->phi) > std::abs(b->phi);
  });

  const bool is_above = explanation.logit >= explanation.reference;
  std::vector<const Contribution*> named, reasons, obstacles, undecided;
  for (Contribution* one : candidates) {
    if (std::max(one->presence, 1 - one->presence) < one->decisive_presence) {
      undecided.push_back(one);
      continue;
    }
    if (static_cast<int>(named.size()) >= rules.most_names) continue;
    one->is_named = true;
    named.push_back(one);
    ((one->phi > 0) == is_above ? reasons : obstacles).push_back(one);
  }

  const int percent = static_cast<int>(std::lround(100 * explanation.residual_share));
  std::string text;
  const bool is_mostly_unexplained = explanation.residual_share >= rules.mostly_unexplained;
  if (is_mostly_unexplained) {
    text += fmt::format("Mostly not explained by your concepts ({} %). ", percent);
  }
  const std::string sum = sum_text(explanation, named);
  if (named.empty()) {
    text += fmt::format("This decision on {} is not explained by your concepts: {}.",
                        explanation.class_name, sum);
  } else {
    text += fmt::format("The model's output for {} is {} its reference", explanation.class_name,
                        is_above ? "above" : "below");
    const std::string because = reasons_text(reasons, rules);
    if (!because.empty()) text += " " + because;
    if (!obstacles.empty()) {
      std::vector<std::string> nouns;
      for (const Contribution* one : obstacles) nouns.push_back(noun(*one));
      text += (because.empty() ? " despite " : ", despite ") + join(nouns, " and ");
    }
    std::vector<std::string> readings;
    for (const Contribution* one : named) readings.push_back(reading(*one));
    text += fmt::format(": {}. {}.", sum, join(readings, "; "));
    if (because.empty()) text += " What pushes it that way is not among the named concepts.";
  }
  for (const Contribution* one : undecided) {
    text += fmt::format(" It cannot be told whether {} is present ({:.0f} %); it contributes between "
                        "{:+.2g} and {:+.2g}.",
                        one->concept_name, 100 * one->presence, one->low, one->high);
  }
  if (!is_mostly_unexplained && explanation.residual_share >= rules.partly_unexplained) {
    text += fmt::format(" A substantial part ({} %) is not explained.", percent);
  }
  explanation.sentence = text;
}

}  // namespace rationale::concepts
