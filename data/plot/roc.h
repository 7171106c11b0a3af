// The empirical ROC curves of one reader in both arms.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/plot/plot.h"

namespace rationale {

/// (false-positive rate, true-positive rate), both 0 to 1, from (0, 0) to (1, 1).
using RocPoint = std::pair<double, double>;

struct RocCurve {
  std::vector<RocPoint> points;
  std::optional<RocPoint> operating_point;  ///< where the reader decided
  std::string text;                         ///< direct label, such as "visible 0.895"
};

struct Roc {
  std::string id, title, description;
  std::string reader;
  RocCurve control, treated;
  std::string difference;  ///< a third line of text; may be empty
};

/// Points without those on the straight line between their neighbours. Ends stay.
std::vector<RocPoint> drop_collinear(const std::vector<RocPoint>& points);

/// The curve through one point per distinct rating, from the highest threshold down. A tie of a
/// normal and a diseased case gives a slanted step, so the area counts it one half.
/// @return  empty if one of the two is empty
std::vector<RocPoint> empirical_roc(const std::vector<double>& normal,
                                    const std::vector<double>& diseased);

/// 228 × 252 px: a square of 0 to 100 %, control dashed and treated solid.
Plot roc_plot(const Roc& roc);

}  // namespace rationale
