// How often and how well maps lie where people marked the finding, over cases, with intervals over patients.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "explain/quality/interval.h"
#include "explain/quality/map_metrics.h"

namespace rationale::explain {

/// The measures of one map against one marked finding.
struct MarkedMap {
  std::string finding, patient;
  Localisation measures;
};

struct Agreement {
  std::string finding;                                  ///< empty: all findings together
  Estimate pointing;                                    ///< hit rate; Wilson over patients
  Estimate energy, iou_top_area, iou_thr50, pixel_auc;  ///< means; bootstrap over patients
};

/// All findings together, then each one, in order of their first appearance.
std::vector<Agreement> agreement(const std::vector<MarkedMap>& maps, const Resampling& resampling);

/// What a map that is the same everywhere has to expect: hit and energy are the area's share, pixel AUC 1/2.
std::vector<Agreement> chance_agreement(const std::vector<std::string>& findings,
                                        const std::vector<std::string>& patients,
                                        const std::vector<double>& area_shares, const Resampling& resampling);

/// Means of `values` that can be estimated; the first reason where none can.
Estimate mean_of_measures(const std::vector<Measure>& values, const std::vector<std::string>& patients,
                          const Resampling& resampling);

}  // namespace rationale::explain
