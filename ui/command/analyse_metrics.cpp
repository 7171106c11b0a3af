// Rates and areas of the results table.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ui/command/analyse_rows.h"
#include "ui/command/analyse_sections.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// What other answers to the same question there are: a line each.
std::string other_answers(const Json& metric, double scale, int digits) {
  const auto number = [&](const Json& value) { return fmt::format("{:+.{}f}", value.get<double>() * scale, digits); };
  const auto interval = [&](const Json& o) { return fmt::format("{} to {}", number(o.at("lower")), number(o.at("upper"))); };
  std::string text;
  if (const Json* careful = at(metric, {"small_sample", "rrrc_rrfc_max"}); careful && careful->contains("p")) {
    const std::string p_from = careful->value("p_from", ""), interval_from = careful->value("interval_from", p_from);
    text += fmt::format("  the more careful of RRRC and RRFC              {}{}\n", outcome_text(*careful, scale, digits),
                        p_from == interval_from ? "" : fmt::format(" (p of {}, interval of {})", p_from, interval_from));
  }
  if (const Json* flips = at(metric, {"small_sample", "permutation"}); flips && flips->contains("p")) {
    text += fmt::format("  permuted signs of readers                      {} ({}), p {}\n", number(flips->at("estimate")),
                        interval(*flips), p_text(flips->at("p")));
  }
  if (const Json* both = at(metric, {"bootstrap", "readers_and_cases"})) {
    const Json& bca = both->at("bca");
    text += fmt::format("  resampled readers and cases                    {} ({}), {}\n", number(both->at("estimate")),
                        interval(bca.contains("lower") ? bca : both->at("percentile")),
                        bca.contains("lower") ? "BCa" : "percentile");
  }
  if (const Json* rest = at(metric, {"leave_one_reader_out"})) {
    std::optional<double> least, most;
    for (const Json& one : *rest) {
      if (!one.contains("estimate")) continue;
      const double value = one.at("estimate");
      least = std::min(least.value_or(value), value);
      most = std::max(most.value_or(value), value);
    }
    if (least) text += fmt::format("  one reader left out, each in turn              {} to {}\n", number(*least), number(*most));
  }
  return text;
}

/// The Obuchowski-Rockette block of all arms, by the unbiased covariance; or nullptr.
const Json* over_arms(const Json& metric) {
  if (const Json* nested = at(metric, {"OR_nested"})) return nested;
  const Json* areas = at(metric, {"OR", "unbiased"});
  return areas != nullptr ? areas : at(metric, {"OR_unbiased"});
}

/// Do the arms differ at all: the F test of readers and cases.
std::string omnibus_text(const Json& metric) {
  const Json* block = over_arms(metric);
  const Json* test = block == nullptr ? nullptr : at(*block, {"RRRC"});
  if (test == nullptr) return {};
  if (!test->contains("F")) return line_of("all arms alike? (RRRC)", "not estimable: " + test->value("reason", ""));
  return line_of("all arms alike? (RRRC)", fmt::format("F = {:.2f}, df {:.0f} and {}, p {}", test->at("F").get<double>(), test->at("df1").get<double>(),
                                                       test->at("df2").is_null() ? "infinite" : fmt::format("{:.2f}", test->at("df2").get<double>()), p_text(test->at("p"))));
}

std::string arm_means(const Json& metric, bool is_percent) {
  const Json* block = over_arms(metric);
  if (block == nullptr) return {};
  std::string text;
  for (const auto& [arm, mean] : block->at("arm_mean").items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", arm,
                        is_percent ? fmt::format("{:.1f} %", 100 * mean.get<double>())
                                   : fmt::format("{:.3f}", mean.get<double>()));
  }
  return text;
}

}  // namespace

std::string metric_text(const Json& results, const char* key, const char* title, bool is_percent) {
  if (!results.contains(key)) return {};
  const Json& metric = results.at(key);
  const double scale = is_percent ? 100 : 1;
  const int digits = is_percent ? 1 : 3;
  std::string text = fmt::format("{}: {}\n", title, arm_means(metric, is_percent));
  if (metric.contains("pairs")) {  // of three arms no pair leads
    text += omnibus_text(metric);
    for (const auto& [pair, block] : metric.at("pairs").items()) {
      text += line_of(pair + " (RRRC)", outcome_text(block.at("RRRC"), scale, digits));
      text += line_of(pair + " (FRRC)", outcome_text(block.at("FRRC"), scale, digits));
    }
    return text;
  }
  text += fmt::format("  readers like these, cases like these (RRRC)    {}\n",
                      outcome_text(metric.at("RRRC"), scale, digits));
  text += fmt::format("  {:<46} {}\n",
                      fmt::format("these {} readers, cases like these (FRRC)", results.at("n_readers").get<int>()),
                      outcome_text(metric.at("FRRC"), scale, digits));
  return text + other_answers(metric, scale, digits);
}

}  // namespace rationale::ui
