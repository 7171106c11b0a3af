// What is on the page "Explain" now: read by the panels, made by Studio.
#pragma once

#include <string>

#include "ui/studio/case_content.h"

namespace rationale::ui {

struct Page {
  const ExplanationManifest* manifest = nullptr;
  const CaseContent* one = nullptr;      ///< the chosen case; nullptr: see `problem`
  const ClassContent* chosen = nullptr;  ///< its chosen class; nullptr with `one`
  std::string class_name;
  std::string problem;     ///< why no case is shown
  bool is_copied = false;  ///< the text of this case and class is in the clipboard
};

/// "logit", or "output" for models whose output is none.
inline std::string output_word(const ExplanationManifest& manifest) {
  return manifest.output_kind == "logits" ? "logit" : "output";
}

}  // namespace rationale::ui
