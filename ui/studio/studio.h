// The explanation browser: one store, one window, the page "Explain".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "data/records/explanations.h"
#include "ui/studio/browser.h"
#include "ui/studio/case_content.h"
#include "ui/studio/case_list.h"
#include "ui/studio/page.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/window.h"

namespace rationale::ui {

struct StudioSettings {
  std::string case_name, class_name;  ///< to begin with; empty: the highest logit of all
  int width = 1600, height = 1000;
  bool is_visible = true;
  FilmReader films;
};

class Studio {
 public:
  /// @param folder  that `rationale explain` wrote; its explanations.db is opened before the window
  /// @throws Error (kInput) for a folder without a sound store, (kUsage) for an unknown case or
  /// class,
  ///         (kEnvironment) without a display
  Studio(const std::filesystem::path& folder, const StudioSettings& settings);

  /// Until the window is closed. Draws only after input.
  void run();
  /// Input that waits in the ring, without waiting for more. True if there was any.
  bool take_input();
  /// What the window shows now.
  Pixels picture();

  InputRing& input() { return window_.input(); }
  const Browser& browser() const { return browser_; }

 private:
  void draw(Canvas& canvas);
  void handle(const InputEvent& event);
  void follow_choice();
  void copy();

  FilmReader films_;
  ExplanationStore store_;
  std::vector<ExplainedCase> cases_;
  Browser browser_;
  AppWindow window_;
  ColourTable colours_;
  ImageView view_;
  CaseList case_list_;
  std::optional<CaseContent> case_;
  std::optional<ClassContent> class_;
  std::string problem_;
  std::optional<std::pair<std::size_t, std::size_t>> shown_;  // case and class in case_ and class_
  bool has_own_scale_ = false;  // of the colours in class_
  bool is_copied_ = false;
};

}  // namespace rationale::ui
