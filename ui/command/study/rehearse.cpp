// `rationale study rehearse`: the whole study with simulated readers, before it is locked.
#include <fmt/format.h>

#include "study/coordinator/rehearsal.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"

namespace rationale::ui {

using namespace rationale::study;

int run_study_rehearse(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const RehearsalReport r = rehearse({.study = StudyFolder{o.folder},
                                      .out = o.out.empty() ? o.folder / "rehearsal" : o.out,
                                      .size = {.readers = o.n_readers, .cases = o.n_cases},
                                      .seed = o.seed.value_or(1),
                                      .now = o.now.empty() ? utc_now() : parse_utc(o.now, "--now"),
                                      .quiet = line.common.progress(),
                                      .load = [](const std::filesystem::path& film) { return load_film_apart(film); }});
  if (line.common.json) {
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    for (const auto& step : r.steps) steps.push_back({{"step", step.what}, {"seconds", step.seconds}});
    print_json("rationale.study.rehearse", {{"study", r.study_id},
                                            {"readers", r.n_readers},
                                            {"cases", r.n_cases},
                                            {"periods", r.n_periods},
                                            {"readings", r.n_readings},
                                            {"package_bytes", r.package_bytes},
                                            {"study_package_bytes", r.study_package_bytes},
                                            {"report", r.report.string()},
                                            {"steps", steps}});
    return 0;
  }
  fmt::print("REHEARSAL · {}: {} simulated readers, {} cases, {} periods, {} readings\n", r.study_id, r.n_readers,
             r.n_cases, r.n_periods, r.n_readings);
  for (const auto& step : r.steps) fmt::print("  {:<28}{:>7.1f} s\n", step.what, step.seconds);
  fmt::print("packages {:.1f} MB; those of the study itself about {:.1f} MB\n",
             static_cast<double>(r.package_bytes) / 1e6, static_cast<double>(r.study_package_bytes) / 1e6);
  fmt::print("{}\nshows that the study runs to its end, and nothing about how it will end\n", r.report.string());
  return 0;
}

}  // namespace rationale::ui
