// The parts of the results table, each from results.json; empty where it has nothing of the kind.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rationale::ui {

/// One metric: RRRC, FRRC, other answers to the same question, pairs of more than two arms.
std::string metric_text(const nlohmann::ordered_json& results, const char* key, const char* title, bool is_percent);

/// Confidence or time: the paired t over readers, the mixed model with the readers' own reaction, and that without.
std::string means_text(const nlohmann::ordered_json& results, const char* key, const std::string& model, const char* title, int digits);

/// Logistic models of calls: log odds ratios.
std::string models_text(const nlohmann::ordered_json& results);

/// The primary end point by the analysis that the protocol names.
std::string endpoint_text(const nlohmann::ordered_json& results);
std::string declared_text(const nlohmann::ordered_json& results);
std::string estimand_text(const nlohmann::ordered_json& results);

/// Subgroups, order, missing readings, sham maps, following a wrong AI: what there is.
std::string robustness_text(const nlohmann::ordered_json& results);

}  // namespace rationale::ui
