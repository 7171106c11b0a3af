// `rationale validate explanation`: docs/validation/explanation.md, and its figures as JSON.
#include <fmt/format.h>

#include "data/base/file.h"
#include "ui/engine/bodies.h"
#include "ui/engine/model_argument.h"
#include "ui/engine/survey_json.h"
#include "ui/engine/survey_run.h"
#include "ui/engine/validation_text.h"

namespace rationale::ui {
namespace {

/// As a reader types it: without the folders of this machine, and without what is the default anyway.
std::string command_text(const SurveyOptions& o, std::uint64_t seed) {
  std::string text = "rationale validate explanation";
  for (std::size_t i = 0; i < o.models.size(); ++i) {
    const auto name = [](const std::filesystem::path& path) {
      const auto folder = path.parent_path().filename();
      return (folder.empty() ? path.filename() : folder / path.filename()).string();
    };
    text += fmt::format(" \\\n  --model {} --cases {}", name(o.models[i]), name(o.cases[i]));
  }
  const SurveyOptions usual;
  std::string options;
  if (!o.layers.empty()) options += fmt::format(" --layer {}", fmt::join(o.layers, ","));
  if (!o.methods.empty()) options += fmt::format(" --method {}", fmt::join(o.methods, ","));
  if (!o.where.empty()) options += fmt::format(" --where {}", o.where);
  if (o.gate_films != usual.gate_films) options += fmt::format(" --gate-films {}", o.gate_films);
  if (o.deletion_films != usual.deletion_films) options += fmt::format(" --deletion-films {}", o.deletion_films);
  if (o.samples != usual.samples) options += fmt::format(" --samples {}", o.samples);
  if (o.steps != usual.steps) options += fmt::format(" --steps {}", o.steps);
  if (seed != CommonOptions{}.seed) options += fmt::format(" --seed {}", seed);
  return text + fmt::format(" \\\n {} --out explanation.md", options);
}

}  // namespace

int run_validate_explanation(const CommandLine& line) {
  const SurveyOptions& o = line.survey;
  if (o.models.size() != o.cases.size()) {
    throw Error(Error::Kind::kUsage, fmt::format("{} models and {} tables of cases", o.models.size(), o.cases.size()),
                "--cases", "give each --model its --cases, in the same order");
  }
  const explain::Mode mode = prepare_engine(line.common, explain::Mode::kReproducible);
  std::vector<Surveyed> models;
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < o.models.size(); ++i) {
    models.push_back(run_survey(o, i, line.common, mode));
    objects.push_back(as_json(models.back().input, models.back().result, models.back().chosen));
  }
  write_file(o.out, validation_text(models, command_text(o, line.common.seed)));
  if (line.common.json) {
    print_json("rationale.validate.explanation", {{"out", o.out.string()}, {"models", objects}});
  } else {
    fmt::print("{} models in {}\n", models.size(), o.out.string());
  }
  return 0;
}

}  // namespace rationale::ui
