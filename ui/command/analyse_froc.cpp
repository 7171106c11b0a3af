// `rationale analyse froc`: figures of merit of a free-response study, as JSON or as a table.
#include <fmt/format.h>

#include "data/base/digest.h"
#include "data/base/file.h"
#include "data/base/version.h"
#include "study/export/export.h"
#include "study/statistics/froc_file.h"
#include "study/statistics/froc_json.h"
#include "ui/command/analyse_rows.h"
#include "ui/command/bodies.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

double mean_of(const Json& row) {
  double sum = 0;
  for (const double value : row) sum += value;
  return sum / static_cast<double>(row.size());
}

std::string froc_table(const Json& results) {
  const Json& arms = results.at("arms");
  std::string text = fmt::format("{} readers, {} normal and {} diseased cases, {} lesions. Means over readers:\n\n",
                                 results.at("readers").size(), results.at("n_normal").get<int>(),
                                 results.at("n_diseased").get<int>(), results.at("n_lesions").get<int>());
  if (const Json& cluster = results.at("cluster"); cluster.at("unit") == "patient") {
    text.insert(text.find(". Means"), fmt::format(", of {} patients", cluster.at("n_patients").get<int>()));
  }
  text += fmt::format("  {:<8}", "");
  for (const Json& arm : arms) text += fmt::format(" {:>12}", arm.get<std::string>());
  text += "\n";
  for (const auto& [name, rows] : results.at("figures_of_merit").items()) {
    text += fmt::format("  {:<8}", name);
    for (const Json& row : rows) text += fmt::format(" {:>12.4f}", mean_of(row));
    text += "\n";
  }
  const Json& analyses = results.at("OR_jackknife");
  if (analyses.contains("status")) {
    return text + fmt::format("\nDifferences: not estimable: {}\n", analyses.value("reason", ""));
  }
  for (const auto& [name, analysis] : analyses.items()) {
    for (const auto& [pair, unused] : analysis.at("RRRC").at("differences").items()) {
      text += fmt::format("\n{}, {}\n", name, pair);
      for (const auto& [key, words] : {std::pair{"RRRC", "readers like these, cases like these"},
                                       {"FRRC", "these readers, cases like these"},
                                       {"RRFC", "readers like these, these cases"}}) {
        text += fmt::format("  {:<36} ({})  {}\n", words, key,
                            outcome_text(analysis.at(key).at("differences").at(pair), 1, 4));
      }
    }
  }
  return text;
}

}  // namespace

int run_analyse_froc(const CommandLine& line) {
  const FrocOptions& o = line.froc;
  const CsvTable marks = read_csv(o.marks), truth = read_csv(o.truth);
  const study::FrocStudy loaded = study::load_froc(marks, truth, o.arms);
  Json results = study::froc_json(loaded);
  if (!o.out.empty()) {
    const FileSet given{{"marks.csv", read_file(o.marks)}, {"truth.csv", read_file(o.truth)}};
    results["provenance"] = {{"program", fmt::format("rationale {}", version())},
                             {"digests", {{{"name", "marks"}, {"value", sha256_hex(given.at("marks.csv"))}},
                                          {{"name", "truth"}, {"value", sha256_hex(given.at("truth.csv"))}}}}};
    study::ExportSet set = study::export_froc(loaded, marks, truth, results);
    set.files.insert(given.begin(), given.end());
    study::add_guide(set, "A free-response study");
    write_checked_folder(o.out, set.files);
  }
  if (line.common.json) {
    print_json("rationale.analyse.froc", results);
  } else {
    fmt::print("{}", froc_table(results));
  }
  return 0;
}

}  // namespace rationale::ui
