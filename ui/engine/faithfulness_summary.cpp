#include "ui/engine/faithfulness_summary.h"

#include <fmt/format.h>

#include <set>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "explain/quality/agreement.h"
#include "ui/engine/measure_json.h"

namespace rationale::ui {
namespace {

using nlohmann::ordered_json;

explain::Measure measure_of(const ordered_json& value) {
  if (value.is_number()) return explain::measured(value.get<double>());
  if (value.is_boolean()) return explain::measured(value.get<bool>() ? 1 : 0);
  return explain::not_estimable(value.at("code"), value.at("reason"));
}

}  // namespace

std::vector<std::string> read_patients(const std::filesystem::path& file, std::size_t n) {
  std::vector<std::string> patients(n);
  if (file.empty()) return patients;
  const CsvTable table = read_csv(file);
  const std::size_t sample = table.need("sample"), patient = table.need("patient");
  for (const CsvRow& row : table.rows) {
    const auto number = parse_integer(row.cells[sample]);
    if (!number || *number < 0 || static_cast<std::size_t>(*number) >= n) {
      throw Error(Error::Kind::kInput, "\"" + row.cells[sample] + "\" is no image of the tensor", table.where(row),
                  fmt::format("give the image's number, 0 to {}", n - 1))
          .with_code("unknown_sample");
    }
    patients[static_cast<std::size_t>(*number)] = row.cells[patient];
  }
  return patients;
}

ordered_json summary_of(const ordered_json& rows, const std::vector<std::string>& patients,
                        const explain::Resampling& resampling) {
  std::vector<std::string> whose;
  std::set<std::string> named;
  for (const ordered_json& row : rows) {
    whose.push_back(patients.at(row.at("sample").get<std::size_t>()));
    // Several classes of an image without a patient are one patient all the same.
    if (whose.back().empty()) whose.back() = fmt::format("image {}", row.at("sample").get<std::size_t>());
    named.insert(whose.back());
  }
  ordered_json summary{{"maps", rows.size()}, {"patients", named.size()}};
  for (const char* name : {"deletion_auc", "insertion_auc", "deletion_auc_blur", "insertion_auc_blur", "energy_in_mask",
                           "iou_thr50", "iou_thr25", "iou_top_area", "pixel_auc", "max_sensitivity",
                           "occlusion_spearman"}) {
    std::vector<explain::Measure> values;
    for (const ordered_json& row : rows) values.push_back(measure_of(row.at(name)));
    summary[name] = as_json(explain::mean_of_measures(values, whose, resampling));
  }
  for (const char* name : {"pointing_hit", "pointing_hit_tol3"}) {
    std::vector<double> hits;
    std::vector<std::string> of_hits;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].at(name).is_boolean()) continue;
      hits.push_back(rows[i].at(name).get<bool>() ? 1 : 0);
      of_hits.push_back(whose[i]);
    }
    summary[name] = as_json(explain::rate_over_patients(hits, of_hits));
  }
  return summary;
}

}  // namespace rationale::ui
