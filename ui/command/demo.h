// `rationale demo`: the whole path on films that the project makes itself, and one page of what it found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rationale::ui {

/// What the gate says about one concept in one model.
struct DemoConcept {
  std::string name;
  std::string verdict;  ///< established, suggestive or not_established
  bool is_used = false; ///< the gate's "used by the model" and "material" both pass
  double effect = 0;    ///< mean change of the logit when the concept is present, logits
};

/// What the demo found about one sample model.
struct DemoModel {
  std::string name;      ///< folder of the sample model, such as "shortcut-shoulder"
  std::string shortcut;  ///< the concept that the model was taught to abuse; empty for the honest ones
  int films = 0;
  int flagged = 0;       ///< films with a positive logit
  std::vector<DemoConcept> concepts;
  int naming_shoulder = 0, naming_portable = 0;  ///< sentences that name them
  int films_with_shortcut = 0;    ///< films that carry the shortcut
  int shortcut_named_there = 0;   ///< of these, sentences that name it
  double worst_sum = 0;           ///< max |logit - sum| / max(1, |logit|)
  std::string example_case, example_sentence;
  std::filesystem::path example_picture;
  double seconds = 0;
};

struct DemoPage {
  std::vector<DemoModel> models;
  int concept_films = 0;
  std::uint64_t seed = 0;
  std::filesystem::path folder;
  double seconds = 0;
};

/// A claim that the page makes, and whether it holds.
struct DemoCheck {
  bool holds = false;
  std::string what;
};

/// What the phantoms must show: shortcuts are caught, the honest model is not accused, sums add up.
std::vector<DemoCheck> demo_checks(const DemoPage& page);

/// The page as plain text, 100 columns at most.
std::string demo_text(const DemoPage& page, const std::vector<DemoCheck>& checks);

}  // namespace rationale::ui
