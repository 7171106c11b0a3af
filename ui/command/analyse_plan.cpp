// What the protocol planned, in the results table.
#include <fmt/format.h>

#include "ui/command/analyse_rows.h"
#include "ui/command/analyse_sections.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

std::string claim_text(const Json& claim, const std::string& role) {
  const std::string name = fmt::format("{}: {} {}", role, claim.at("metric").get<std::string>(), claim.at("aim").get<std::string>());
  if (claim.value("status", "") != "ok") return line_of(name, "not estimable: " + claim.value("reason", ""));
  const bool is_holm = claim.contains("p_adjusted");
  return line_of(name, fmt::format("p {}{}, {}{}", p_text(claim.at(is_holm ? "p_adjusted" : "p")), is_holm ? " (Holm)" : "",
                                   claim.at("met").get<bool>() ? "met" : claim.value("is_reached", true) ? "not met" : "not reached",
                                   claim.value("is_fixed_reader_wider", false) ? "; the fixed-reader interval is wider and counts" : ""));
}

}  // namespace

std::string endpoint_text(const Json& results) {
  const Json* result = at(results, {"endpoint", "result"});
  if (result == nullptr) return {};
  const Json& endpoint = results.at("endpoint");
  const std::string metric = endpoint.at("metric"), method = endpoint.at("method");
  const bool is_rate = metric == "fpr" || metric == "sensitivity" || metric == "specificity", is_log_odds = result->contains("scale");
  const double scale = is_rate && !is_log_odds ? 100 : 1;
  const int digits = metric == "confidence" || scale > 1 ? 1 : 3;
  return fmt::format("Primary end point {}, method {}, small-sample method {}: {}{}\n\n", metric, method,
                     endpoint.at("small_sample").get<std::string>(), outcome_text(*result, scale, digits),
                     is_log_odds ? " (log odds ratio)" : "");
}

std::string declared_text(const Json& results) {
  if (!results.contains("declared")) return {};
  const Json& declared = results.at("declared");
  std::string text = fmt::format("Claims as declared, alpha {}\n", declared.at("alpha").get<double>());
  text += claim_text(declared.at("primary"), "primary");
  for (const Json& one : declared.at("secondary")) {
    text += claim_text(one, one.contains("order") ? fmt::format("sequence {}", one.at("order").get<int>()) : "Holm family");
  }
  return text;
}

std::string estimand_text(const Json& results) {
  if (!results.contains("estimand")) return {};
  std::string text = "Estimand\n";
  for (const auto& [name, words] : results.at("estimand").items()) text += fmt::format("  {}: {}\n", name, words.get<std::string>());
  return text;
}

}  // namespace rationale::ui
