// `rationale card`: the page on a model.
#include <fmt/format.h>

#include "data/base/file.h"
#include "ui/engine/bodies.h"
#include "ui/engine/card_page.h"
#include "ui/engine/model_argument.h"
#include "ui/engine/survey_json.h"
#include "ui/engine/survey_run.h"

namespace rationale::ui {

int run_card(const CommandLine& line) {
  const explain::Mode mode = prepare_engine(line.common, explain::Mode::kReproducible);
  const Surveyed surveyed = run_survey(line.survey, 0, line.common, mode);
  write_file(line.survey.out, card_page(surveyed, card_pictures(surveyed)));
  if (line.common.json) {
    nlohmann::ordered_json object{{"out", line.survey.out.string()}};
    object.update(as_json(surveyed.input, surveyed.result, surveyed.chosen));
    print_json("rationale.card", object);
    return 0;
  }
  fmt::print("{}\n{}\n",
             surveyed.input.request.findings.empty() ? "No finding was marked: localisation cannot be said."
                                                     : place_sentence(surveyed) + " " + place_verdict(surveyed),
             gate_sentence(surveyed));
  for (const std::string& reason : surveyed.chosen.reasons) fmt::print("recommended: {}\n", reason);
  for (const std::string& warning : surveyed.chosen.warnings) fmt::print("note: {}\n", warning);
  fmt::print("{}\n", line.survey.out.string());
  return 0;
}

}  // namespace rationale::ui
