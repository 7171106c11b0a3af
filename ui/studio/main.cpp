// `rationale-studio`: the explanation browser. Started by the driver; needs no LibTorch.
#include <fmt/format.h>

#include "ui/command/command_line.h"
#include "ui/command/films_apart.h"
#include "ui/studio/studio.h"
#include "ui/widgets/screenshot.h"

namespace {

using rationale::Error;
using namespace rationale::ui;

int run_studio(const CommandLine& line) {
  const StudioOptions& options = line.studio;
  const bool is_picture = !options.screenshot.empty();
  Studio studio(options.explanations, {.case_name = options.case_name,
                                       .class_name = options.class_name,
                                       .width = options.size.at(0),
                                       .height = options.size.at(1),
                                       .is_visible = !is_picture,
                                       .films = {.picture = [](const auto& film) { return load_film_apart(film); },
                                                 .volume = load_volume_apart}});
  if (!is_picture) {
    studio.run();
    return 0;
  }
  write_screenshot(options.screenshot, studio.picture());
  if (line.common.json) {
    const Browser& browser = studio.browser();
    nlohmann::ordered_json body{{"screenshot", options.screenshot.string()}};
    if (!browser.is_empty()) {
      body["case"] = browser.case_name(browser.chosen_case());
      body["class"] = browser.classes()[browser.chosen_class()];
    }
    print_json("rationale.studio", body);
  } else {
    fmt::print("{}\n", options.screenshot.string());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_command_line(argc, argv, {{"studio", run_studio}}, [](const std::string& command, const CommandLine&) {
    return guarded(false, "rationale." + command, [&]() -> int {
      throw Error(Error::Kind::kUsage, "rationale-studio has no `" + command + "`", "",
                  "run it as `rationale " + command + "`");
    });
  });
}
