#include "study/statistics/automation_bias.h"

#include "study/statistics/results_json.h"
#include "study/statistics/switch_rate.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;

Json rate_json(const std::variant<SwitchRate, NotEstimable>& outcome) {
  if (const auto* why = std::get_if<NotEstimable>(&outcome)) return to_json(*why);
  const auto& r = std::get<SwitchRate>(outcome);
  return {{"status", "ok"}, {"n", r.n}, {"of", r.of}, {"rate", r.rate}, {"se", r.se}, {"lower", r.lower}, {"upper", r.upper},
          {"holds_for", r.has_readers ? "readers and cases like these" : "this reader, cases like these"}};
}

/// The fixed-reader difference, where there is one.
const Json* difference(const Json& block, const char* metric) {
  const auto place = block.find(metric);
  if (place == block.end() || !place->contains("FRRC")) return nullptr;
  const Json& outcome = place->at("FRRC");
  return outcome.contains("estimate") ? &outcome : nullptr;
}

Json reason(const char* code, const std::string& text, const Json& outcome) {
  Json json{{"code", code}, {"text", text}, {"difference", outcome.at("estimate")}};
  const bool has_interval = outcome.contains("lower");
  json["interval_leaves_out_0"] =
      has_interval && (outcome.at("lower").get<double>() > 0 || outcome.at("upper").get<double>() < 0);
  return json;
}

Json reasons(const Json& results) {
  Json list = Json::array();
  const Json *fpr = difference(results, "fpr"), *sensitivity = difference(results, "sensitivity");
  const auto value = [](const Json* outcome) { return outcome == nullptr ? 0.0 : outcome->at("estimate").get<double>(); };
  if (value(fpr) < 0 && value(sensitivity) < 0) {
    list.push_back(reason("fewer_calls", "the false-positive rate falls while the sensitivity falls: readers may only call less",
                          *sensitivity));
  }
  const auto split = results.find("ai_split");
  if (split == results.end()) return list;
  const Json& wrong = split->at("ai_wrong");
  if (const Json* own = difference(wrong, "fpr"); value(own) > 0) {
    list.push_back(reason("ai_wrong_more_false_positives", "more false positives on normal cases that the AI called wrongly", *own));
  }
  if (const Json* own = difference(wrong, "sensitivity"); value(own) < 0) {
    list.push_back(reason("ai_wrong_fewer_findings", "fewer findings on diseased cases that the AI missed", *own));
  }
  return list;
}

/// Of the second arm: how long the heatmap was on, and how often it was switched.
Json heatmap_json(const StudyReadings& s) {
  struct Use {
    int n = 0, n_on = 0;
    double seconds = 0, toggles = 0;
  };
  std::vector<Use> use(s.readers.size());
  int n = 0;
  for (const ReadingRecord& one : s.records) {
    if (one.arm != 1 || (!one.heatmap_on_s && !one.heatmap_toggles)) continue;
    Use& own = use[static_cast<std::size_t>(one.reader)];
    ++own.n;
    own.n_on += one.heatmap_on_s.value_or(0) > 0 ? 1 : 0;
    own.seconds += one.heatmap_on_s.value_or(0);
    own.toggles += one.heatmap_toggles.value_or(0);
    ++n;
  }
  if (n == 0) {
    return to_json(NotEstimable{"no_column", "the file does not say how the heatmap was used (heatmap_on_s, heatmap_toggles)", {}, {}});
  }
  Json json{{"status", "ok"}, {"n_readings", n}};
  for (std::size_t j = 0; j < use.size(); ++j) {
    if (use[j].n == 0) continue;
    const double own = use[j].n;
    json["readers"][s.readers[j]] = {{"n_readings", use[j].n},
                                     {"share_with_heatmap_on", use[j].n_on / own},
                                     {"mean_on_s", use[j].seconds / own},
                                     {"mean_toggles", use[j].toggles / own}};
  }
  return json;
}

/// What readers get wrong with a wrong AI and had right without: commission on normal cases, omission on diseased ones.
Json errors_json(const StudyReadings& s, std::optional<int> reader = {}) {
  return {{"commission", rate_json(switch_rate(s, SwitchKind::kAutomationBias, false, reader))},
          {"omission", rate_json(switch_rate(s, SwitchKind::kAutomationBias, true, reader))}};
}

}  // namespace

Json switch_rates_json(const StudyReadings& s, std::optional<bool> truth, std::optional<int> reader) {
  const auto rate = [&](SwitchKind kind) { return rate_json(switch_rate(s, kind, truth, reader)); };
  return {{"automation_bias", rate(SwitchKind::kAutomationBias)},
          {"beneficial", rate(SwitchKind::kBeneficial)},
          {"away_from_right_ai", rate(SwitchKind::kAwayFromRightAi)},
          {"away_from_wrong_ai", rate(SwitchKind::kAwayFromWrongAi)}};
}

Json automation_bias_json(const Json& results, const StudyReadings& s, bool has_ai) {
  Json json;
  if (has_ai) {
    json = errors_json(s);
    for (std::size_t j = 0; j < s.readers.size(); ++j) json["readers"][s.readers[j]] = errors_json(s, static_cast<int>(j));
  } else {
    json["commission"] = json["omission"] = to_json(NotEstimable{
        "no_ai", "no reader has two readings of a case whose AI call is known (column ai_positive)", {}, {}});
  }
  const Json found = reasons(results);
  json["flag"] = !found.empty();
  json["reasons"] = found;
  json["heatmap_use"] = heatmap_json(s);
  return json;
}

}  // namespace rationale::study
