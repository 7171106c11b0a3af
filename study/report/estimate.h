// A difference between two arms as results.json gives it: numbers, or the reason why there are
// none.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace rationale::study {

struct PrintedEstimate {
  bool is_estimable = false;    ///< then the interval and p below hold
  std::optional<double> value;  ///< the difference; may be known where the interval is not
  double lower = 0, upper = 0, p = 1, se = 0;
  std::optional<double> df;    ///< nothing: the normal distribution
  std::optional<double> t, z;  ///< the statistic, by its reference distribution
  std::optional<std::pair<double, double>> at_alpha;  ///< limits at the protocol's alpha, where that is not 0.05
  std::string code, reason;    ///< where not estimable

  bool has_zero_inside() const { return lower <= 0 && upper >= 0; }
  /// The lower limit that a claim is held against.
  double claim_lower() const { return at_alpha ? at_alpha->first : lower; }
  double width() const { return upper - lower; }
};

/// Reads {estimate, lower, upper, p, df, t|z, se}, or {status: not_estimable, code, reason[,
/// estimate]}. Anything else, an absent block too, is "not_reported". Numbers that are not finite
/// count as absent.
PrintedEstimate estimate_of(const nlohmann::ordered_json* block);

/// Follows keys down; nullptr where one is missing. Keys may hold any character, unlike a JSON
/// pointer.
const nlohmann::ordered_json* find_block(const nlohmann::ordered_json& root,
                                         std::initializer_list<std::string> keys);

/// The first of several places that exists; nullptr where none does.
const nlohmann::ordered_json* first_block(const nlohmann::ordered_json& root,
                                          std::initializer_list<std::initializer_list<std::string>> places);

/// A finite number at a place, if it is there.
std::optional<double> number_at(const nlohmann::ordered_json* block, const std::string& key);

/// Of the more careful of RRRC and RRFC, where p and interval come from different ones: "p and df of RRRC, interval of
/// RRFC"; else empty.
std::string careful_origin(const nlohmann::ordered_json* block);

/// A verdict that no block of results.json gives: a code and its words.
PrintedEstimate not_estimable(std::string code, std::string reason);

/// What a code means in at most 26 letters, for a chart (the reason itself where the code is not
/// known).
std::string short_reason(const PrintedEstimate& estimate);

}  // namespace rationale::study
