#include "explain/quality/agreement.h"

#include <algorithm>

namespace rationale::explain {
namespace {

Agreement of_some(const std::vector<const MarkedMap*>& maps, const std::string& finding, const Resampling& resampling) {
  std::vector<std::string> patients;
  std::vector<double> hits;
  for (const MarkedMap* map : maps) {
    patients.push_back(map->patient);
    hits.push_back(map->measures.pointing_hit.value);
  }
  const auto mean = [&](Measure Localisation::*measure) {
    std::vector<Measure> values;
    for (const MarkedMap* map : maps) values.push_back(map->measures.*measure);
    return mean_of_measures(values, patients, resampling);
  };
  return {finding,
          rate_over_patients(hits, patients),
          mean(&Localisation::energy_in_mask),
          mean(&Localisation::iou_top_area),
          mean(&Localisation::iou_thr50),
          mean(&Localisation::pixel_auc)};
}

std::vector<std::string> in_order(const std::vector<std::string>& names) {
  std::vector<std::string> unique;
  for (const std::string& name : names) {
    if (std::find(unique.begin(), unique.end(), name) == unique.end()) unique.push_back(name);
  }
  return unique;
}

}  // namespace

Estimate mean_of_measures(const std::vector<Measure>& values, const std::vector<std::string>& patients,
                          const Resampling& resampling) {
  std::vector<double> known;
  std::vector<std::string> whose;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    known.push_back(values[i].value);
    whose.push_back(patients[i]);
  }
  Estimate mean = mean_over_patients(known, whose, resampling);
  if (known.empty() && !values.empty()) mean.mean = mean.lower = mean.upper = values.front();
  return mean;
}

std::vector<Agreement> agreement(const std::vector<MarkedMap>& maps, const Resampling& resampling) {
  std::vector<const MarkedMap*> all;
  std::vector<std::string> names;
  for (const MarkedMap& map : maps) {
    all.push_back(&map);
    names.push_back(map.finding);
  }
  std::vector<Agreement> result{of_some(all, {}, resampling)};
  for (const std::string& name : in_order(names)) {
    std::vector<const MarkedMap*> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const MarkedMap* map) { return map->finding == name; });
    result.push_back(of_some(some, name, resampling));
  }
  return result;
}

std::vector<Agreement> chance_agreement(const std::vector<std::string>& findings,
                                        const std::vector<std::string>& patients,
                                        const std::vector<double>& area_shares, const Resampling& resampling) {
  std::vector<std::string> rows = in_order(findings);
  rows.insert(rows.begin(), std::string());
  std::vector<Agreement> result;
  for (const std::string& name : rows) {
    std::vector<Measure> shares, halves, none;
    std::vector<std::string> whose;
    for (std::size_t i = 0; i < findings.size(); ++i) {
      if (!name.empty() && findings[i] != name) continue;
      shares.push_back(measured(area_shares[i]));
      halves.push_back(measured(0.5));
      none.push_back(not_estimable("flat_map", "a map that is the same everywhere has no top pixels"));
      whose.push_back(patients[i]);
    }
    const Estimate share = mean_of_measures(shares, whose, resampling),
                   nothing = mean_of_measures(none, whose, resampling);
    result.push_back({name, share, share, nothing, nothing, mean_of_measures(halves, whose, resampling)});
  }
  return result;
}

}  // namespace rationale::explain
