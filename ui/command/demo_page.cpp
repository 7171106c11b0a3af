#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "data/base/text.h"
#include "data/base/version.h"
#include "ui/command/demo.h"

namespace rationale::ui {
namespace {

const DemoConcept* find_concept(const DemoModel& model, const std::string& name) {
  const auto found = std::ranges::find(model.concepts, name, &DemoConcept::name);
  return found == model.concepts.end() ? nullptr : &*found;
}

bool uses(const DemoModel& model, const std::string& name) {
  const DemoConcept* one = find_concept(model, name);
  return one != nullptr && one->is_used;
}

/// Breaks at spaces so that no line is longer than `width`; later lines start with `indent`.
std::string wrap(const std::string& text, std::size_t width, const std::string& indent) {
  std::string result, line;
  for (const std::string& word : split(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      result += line + "\n";
      line = indent + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return result + line;
}

std::string minutes(const char* variable) {
  const char* text = std::getenv(variable);
  const auto seconds = text == nullptr ? std::nullopt : parse_number(text);
  if (!seconds) return "-";
  return *seconds < 60 ? fmt::format("{:.0f} s", *seconds)
                       : fmt::format("{:.1f} min", *seconds / 60);
}

}  // namespace

std::vector<DemoCheck> demo_checks(const DemoPage& page) {
  std::vector<DemoCheck> checks;
  for (const DemoModel& model : page.models) {
    if (model.shortcut.empty()) {
      checks.push_back({!uses(model, "shoulder") && !uses(model, "portable"),
                        fmt::format("{}: the gate finds neither shoulder nor portable used", model.name)});
      checks.push_back({model.naming_shoulder + model.naming_portable == 0,
                        fmt::format("{}: no sentence names shoulder or portable", model.name)});
    } else {
      checks.push_back({uses(model, model.shortcut),
                        fmt::format("{}: the gate finds {} used", model.name, model.shortcut)});
      // The largest share that the synthetic tests of the recipe reached is 0.96; silence is allowed,
      // but most films with the shortcut must say so.
      checks.push_back({model.films_with_shortcut > 0 &&
                            2 * model.shortcut_named_there > model.films_with_shortcut,
                        fmt::format("{}: {} of {} films with it name {} in their sentence", model.name,
                                    model.shortcut_named_there, model.films_with_shortcut,
                                    model.shortcut)});
    }
  }
  double worst = 0;
  int films = 0;
  for (const DemoModel& model : page.models) {
    worst = std::max(worst, model.worst_sum);
    films += model.films;
  }
  checks.push_back({films > 0 && worst <= 1e-5,
                    fmt::format("the numbers add up on all {} decisions: |logit - sum| <= {:.1e} "
                                "max(1, |logit|)",
                                films, worst)});
  return checks;
}

std::string demo_text(const DemoPage& page, const std::vector<DemoCheck>& checks) {
  const std::string rule(100, '-');
  std::string text = fmt::format(
      "{}\nRationale {}: from a DICOM file to a sentence, on phantoms where the truth is known\n{}\n",
      rule, version(), rule);
  text += fmt::format("Installed in {}, compiled in {}, this path in {:.0f} s\n\n",
                      minutes("RATIONALE_DEMO_SETUP_SECONDS"), minutes("RATIONALE_DEMO_BUILD_SECONDS"),
                      page.seconds);

  text += "What was done\n";
  text += fmt::format("  films      {} concept films and {} test films, 12-bit DX DICOM, seed {}\n",
                      page.concept_films, page.models.empty() ? 0 : page.models.front().films,
                      page.seed);
  text += fmt::format("  models     {}, TorchScript, each explained on every test film:\n", page.models.size());
  text += "             Grad-CAM of every class, what-if contributions of every concept, one sentence\n";
  for (const DemoModel& model : page.models) {
    text += fmt::format("               {:<18} flags {:>2} of {} films, {:.0f} s\n", model.name,
                        model.flagged, model.films, model.seconds);
  }

  text += "\nWhat the evidence gate says: mean change of the logit by each concept, and whether it is used\n";
  text += fmt::format("  {:<15}", "concept");
  for (const DemoModel& model : page.models) text += fmt::format("{:>20}", model.name);
  text += "\n";
  if (!page.models.empty()) {
    for (const DemoConcept& concept_row : page.models.front().concepts) {
      text += fmt::format("  {:<15}", concept_row.name);
      for (const DemoModel& model : page.models) {
        const DemoConcept* one = find_concept(model, concept_row.name);
        text += fmt::format("{:>20}", one == nullptr ? std::string("-")
                                                     : fmt::format("{:+.2f} {}", one->effect,
                                                                   one->is_used ? "USED    "
                                                                                : "not used"));
      }
      text += "\n";
    }
  }

  text += "\nWhat the sentences say (one film each)\n";
  for (const DemoModel& model : page.models) {
    text += fmt::format("  {}, film {}\n    {}\n", model.name, model.example_case,
                        wrap(model.example_sentence, 94, "    "));
  }

  text += "\nWhat must hold, and does it\n";
  for (const DemoCheck& check : checks) {
    text += fmt::format("  {:<5} {}\n", check.holds ? "yes" : "NO", check.what);
  }

  text += "\nWhere to look\n";
  for (const DemoModel& model : page.models) {
    if (!model.example_picture.empty()) text += fmt::format("  {}\n", model.example_picture.string());
  }
  text += fmt::format(
      "  in a window:   ./run rationale studio {}\n"
      "  one sentence:  ./run rationale sentence --explanations {} --case {}\n"
      "  your model:    README.md, \"Your own model in five commands\"\n",
      (page.folder / "shortcut-shoulder").string(), (page.folder / "shortcut-shoulder").string(),
      page.models.size() > 1 ? page.models[1].example_case : "CASE");
  return text;
}

}  // namespace rationale::ui
