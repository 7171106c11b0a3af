// What could have changed the result, in the results table.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "ui/command/analyse_rows.h"
#include "ui/command/analyse_sections.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

/// What is compared, with its unit.
std::string parts_of(const std::string& metric) {
  return metric == "time" ? "log reading time" : metric == "confidence" ? "confidence, points of 100" : metric == "auc" ? "auc x 100" : metric + ", points";
}

std::string subgroups_text(const Json& results) {
  std::string text;
  if (!results.contains("subgroups")) return text;
  for (const auto& [id, block] : results.at("subgroups").items()) {
    text += fmt::format("Subgroup {}{}, {}\n", id, block.at("is_declared").get<bool>() ? "" : " (not pre-specified)", parts_of(block.at("metric")));
    if (!block.contains("levels")) {
      text += line_of("", "not estimable: " + block.value("reason", ""));
      continue;
    }
    const std::string metric = block.at("metric");
    const bool is_time = metric == "time";
    const double scale = is_time || metric == "confidence" ? 1 : 100;
    const auto said = [&](const Json& one) { return outcome_text(one, scale, is_time ? 3 : 1); };
    for (const auto& [level, one] : block.at("levels").items()) {
      const char* analysis = one.contains("RRRC") ? "RRRC" : "paired_t_over_readers";
      text += line_of(fmt::format("{} ({} cases)", level, one.at("n_cases").get<int>()),
                      one.contains(analysis) ? said(one.at(analysis)) : "not estimable: " + one.value("reason", ""));
      if (const Json* against = at(one, {"interaction"}); against && against->contains("p")) {
        text += line_of("  against all other cases", said(*against));
      }
    }
  }
  return text;
}

std::string order_text(const Json& results) {
  std::string text;
  if (!results.contains("order_effects")) return text;
  const Json& order = results.at("order_effects");
  std::string lines;
  for (const char* metric : {"fpr", "sensitivity"}) {
    for (const auto& [key, words] : {std::pair{"period", "period 2 minus 1"}, {"carry_over", "after a reading with the second arm"},
                                     {"days_since_last", "per day since last seen"}}) {
      const Json* one = at(order, {metric, key});
      if (one != nullptr && one->contains("RRRC")) one = &one->at("RRRC");
      if (one != nullptr && std::string_view(key) == "period") {
        for (const auto& [name, row] : one->items()) {  // of a longer crossover, each against the first
          if (row.is_object() && row.contains("p")) lines += line_of(fmt::format("{}, {} against the first", metric, name), outcome_text(row, 100, 2));
        }
      }
      if (one != nullptr && one->contains("p")) lines += line_of(fmt::format("{}, {}", metric, words), outcome_text(*one, 100, 2));
    }
  }
  if (const Json* days = at(order, {"days_since_last"}); days && days->contains("median")) {
    lines += line_of("days since a case was last seen", fmt::format("{:.1f} to {:.1f}, median {:.1f}", days->at("min").get<double>(),
                                                                   days->at("max").get<double>(), days->at("median").get<double>()));
  }
  if (!lines.empty()) text += "Order of reading (describes)\n" + lines;
  return text;
}

std::string missing_text(const Json& results) {
  std::string text;
  const Json* missing = at(results, {"missing"});
  if (missing == nullptr || missing->at("n").get<int>() == 0) return text;
  text += fmt::format("Missing readings: {}\n", missing->at("n").get<int>());
  for (const char* metric : {"fpr", "sensitivity"}) {
    for (const char* which : {"best", "worst"}) {
      if (const Json* one = at(*missing, {metric, "bounds", which})) text += line_of(fmt::format("{}, {} case", metric, which), outcome_text(*one, 100, 1));
    }
    if (const Json* tip = at(*missing, {metric, "tipping_point"})) {
      text += line_of(fmt::format("{}, tipping point", metric),
                      tip->at("tips").get<bool>() ? fmt::format("{} of {} missing calls turned against the second arm", tip->at("n_turned").get<int>(),
                                                                tip->at("of").get<int>())
                                                  : "none");
    }
  }
  return text;
}

std::string sham_text(const Json& results) {
  std::string text;
  if (!results.contains("sham")) return text;
  for (const auto& [sham, pairs] : results.at("sham").items()) {
    for (const auto& [pair, block] : pairs.items()) {
      text += line_of(fmt::format("sham: {}, fpr", pair), outcome_text(block.at("fpr").at("RRRC"), 100, 1));
      text += line_of(fmt::format("sham: {}, sensitivity", pair), outcome_text(block.at("sensitivity").at("RRRC"), 100, 1));
    }
  }
  return text;
}

/// "R1 1 of 4": whoever had the opportunity.
std::string readers_text(const Json& bias, const char* kind) {
  std::string text;
  for (const auto& [reader, errors] : bias.at("readers").items()) {
    const Json& rate = errors.at(kind);
    if (rate.value("status", "") != "ok") continue;
    text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", reader, rate.at("n").get<int>(), rate.at("of").get<int>());
  }
  return text;
}

std::string bias_text(const Json& results) {
  std::string text;
  const Json* bias = at(results, {"automation_bias"});
  if (bias == nullptr) return text;
  std::string lines;
  for (const char* kind : {"commission", "omission"}) {
    const Json& rate = bias->at(kind);
    if (rate.value("status", "") != "ok") continue;
    lines += line_of(fmt::format("{} (AI wrong, followed)", kind),
                     fmt::format("{} of {}, {:.1f} % ({:.1f} to {:.1f} %)", rate.at("n").get<int>(), rate.at("of").get<int>(), 100 * rate.at("rate").get<double>(),
                                 100 * rate.at("lower").get<double>(), 100 * rate.at("upper").get<double>()));
    lines += line_of("  by reader", readers_text(*bias, kind));
  }
  for (const Json& one : bias->at("reasons")) lines += fmt::format("  warning: {}\n", one.at("text").get<std::string>());
  if (!lines.empty()) text += "Following a wrong AI, and fewer calls\n" + lines;
  return text;
}

}  // namespace

std::string robustness_text(const Json& results) {
  return subgroups_text(results) + order_text(results) + missing_text(results) + sham_text(results) + bias_text(results);
}

}  // namespace rationale::ui
