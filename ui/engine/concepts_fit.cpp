// `rationale concepts fit`: all concept numbers of a folder of arrays.
#include <fmt/format.h>

#include "concepts/fit/fit_folder.h"
#include "ui/engine/bodies.h"

namespace rationale::ui {

int run_concepts_fit(const CommandLine& line) {
  const auto fit = concepts::fit_folder(line.concepts.folder, line.common.seed);
  concepts::write_fit(fit, line.concepts.out);
  if (line.common.json) {
    nlohmann::ordered_json body = fit.results;
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const auto& [name, array] : fit.arrays) names.push_back(name + ".npy");
    body["arrays"] = names;
    print_json("rationale.concepts.fit", body);
    return 0;
  }
  fmt::print("{} images, {} features, {} concepts; {} arrays and results.json in {}\n",
             fit.results.at("n").get<int>(), fit.results.at("D").get<int>(),
             fit.results.at("K").get<int>(), fit.arrays.size(), line.concepts.out.string());
  return 0;
}

}  // namespace rationale::ui
