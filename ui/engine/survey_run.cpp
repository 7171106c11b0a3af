#include "ui/engine/survey_run.h"

#include <fmt/format.h>

#include <cstdio>

namespace rationale::ui {

Surveyed run_survey(const SurveyOptions& options, std::size_t index, const CommonOptions& common, explain::Mode mode) {
  Surveyed surveyed;
  surveyed.input = read_survey(options, index, common, mode);
  if (!common.quiet) {
    surveyed.input.request.progress = [name = surveyed.input.card.name](const std::string& what) {
      fmt::print(stderr, "{}: {}\n", name, what);
    };
  }
  surveyed.result = explain::survey(surveyed.input.request);
  surveyed.chosen = explain::recommend(surveyed.input.request, surveyed.result);
  return surveyed;
}

}  // namespace rationale::ui
