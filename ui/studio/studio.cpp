#include "ui/studio/studio.h"

#include <chrono>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/base/text.h"
#include "ui/studio/class_panel.h"
#include "ui/studio/decision_panel.h"
#include "ui/studio/film_panel.h"
#include "ui/studio/layout.h"
#include "ui/studio/sentence_panel.h"
#include "ui/studio/top_bar.h"

namespace rationale::ui {
namespace {

Browser make_browser(const ExplanationStore& store, const std::vector<ExplainedCase>& cases,
                     const StudioSettings& settings) {
  std::vector<std::string> names;
  std::vector<std::vector<float>> logits;
  for (const ExplainedCase& one : cases) {
    names.push_back(one.name);
    logits.push_back(store.logits(one.key));
  }
  const std::vector<std::string>& classes = store.manifest().classes;
  Browser browser(names, classes, std::move(logits));
  const auto refuse = [&](const std::string& what, const std::vector<std::string>& candidates,
                          const std::string& wanted, const std::string& option) {
    std::string near;
    for (const std::string& name : near_names(wanted, candidates))
      near += (near.empty() ? "" : ", ") + name;
    throw Error(Error::Kind::kUsage, "no " + what + " “" + wanted + "” in this folder", option,
                near.empty() ? "leave the option out" : "near names: " + near);
  };
  if (!settings.case_name.empty() && !browser.choose_case(settings.case_name)) {
    refuse("case", names, settings.case_name, "--case");
  }
  if (!settings.class_name.empty() && !browser.choose_class(settings.class_name)) {
    refuse("class", classes, settings.class_name, "--class");
  }
  // The class of a chosen case is the one it is strongest in.
  if (!settings.case_name.empty() && settings.class_name.empty()) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < classes.size(); ++k) {
      if (browser.logit(browser.chosen_case(), k) > browser.logit(browser.chosen_case(), best))
        best = k;
    }
    browser.choose_class(best);
  }
  return browser;
}

}  // namespace

Studio::Studio(const std::filesystem::path& folder, const StudioSettings& settings)
    : films_(settings.films),
      store_(ExplanationStore::open(folder / "explanations.db")),
      cases_(store_.cases()),
      browser_(make_browser(store_, cases_, settings)),
      window_({.title = "Rationale Studio",
               .width = settings.width,
               .height = settings.height,
               .is_visible = settings.is_visible,
               .without_display = "write pictures without a window: `rationale explain --pictures top`"}),
      colours_(viridis_table()),
      view_(colours_) {}

void Studio::run() {
  bool has_changed = true;
  while (!window_.is_closing() && !is_interrupted()) {
    if (has_changed) {
      window_.frame([this](Canvas& canvas) { draw(canvas); });
    }
    window_.wait(std::chrono::milliseconds(500));
    has_changed = take_input();
  }
}

bool Studio::take_input() {
  InputEvent event;
  bool is_any = false;
  while (window_.input().pop(event)) {
    handle(event);
    is_any = true;
  }
  return is_any;
}

void Studio::handle(const InputEvent& event) {
  using Kind = InputEvent::Kind;
  const Spot pointer = window_.logical(event.x, event.y);
  // Keys before clicks: both answer to what was on the screen when they came.
  const Browser::Answer answer = browser_.handle(event);
  switch (answer.wish) {
    case Browser::Wish::kCopyText:
      copy();
      break;
    case Browser::Wish::kFit:
      view_.fit();
      view_.reset_window();
      break;
    case Browser::Wish::kWindow:
      view_.change_window(answer.level_steps, answer.width_steps);
      break;
    case Browser::Wish::kNothing:
      break;
  }
  const bool is_left_press = event.kind == Kind::kButtonDown && event.code == 0;
  if (is_left_press && window_.areas().click(pointer)) return;
  if (event.kind == Kind::kWheel && case_list_.scroll(event.wheel, pointer)) return;
  view_.handle(event, pointer);
}

void Studio::follow_choice() {
  if (browser_.is_empty()) {
    problem_ =
        "No case was explained in this folder. `rationale explain` says why it skipped or failed.";
    return;
  }
  const std::pair chosen{browser_.chosen_case(), browser_.chosen_class()};
  if (shown_ == chosen && has_own_scale_ == browser_.has_own_scale()) return;
  const bool is_other_case = !shown_ || shown_->first != chosen.first;
  shown_ = chosen;
  has_own_scale_ = browser_.has_own_scale();
  is_copied_ = false;
  problem_.clear();
  try {
    if (is_other_case) {
      case_.reset();
      case_ = read_case(store_, cases_[chosen.first], films_);
      view_.show(case_->film);
    }
    class_.reset();
    const auto scale = has_own_scale_ ? CaseContent::Scale::kImage : CaseContent::Scale::kFixed;
    if (case_) class_ = case_->of_class(store_, static_cast<int>(chosen.second), scale);
  } catch (const Error& error) {
    problem_ = std::string(error.what()) + (error.remedy.empty() ? "" : "\n" + error.remedy);
  }
  if (class_ && class_->map) {
    view_.show_map(*class_->map);
  } else {
    view_.clear_map();
  }
}

void Studio::draw(Canvas& canvas) {
  follow_choice();
  view_.begin_frame();
  const bool has_page = case_ && class_;
  const Extent extent = has_page ? case_->film.extent : Extent{};
  const Layout l = layout(
      window_.width(), window_.height(),
      extent.rows * extent.aspect / static_cast<double>(extent.cols), browser_.classes().size(),
      store_.manifest().concepts_sha256.empty() ? RightColumn::kWords : RightColumn::kWaterfall);
  draw_top_bar(canvas, l.top_bar, l.image.x, store_.manifest(), cases_.size());
  case_list_.draw(canvas, l.rail, browser_);
  if (!has_page) {
    canvas.paragraph(l.image.x, l.image.y + 20, l.sentence.right() - l.image.x, problem_,
                     {.size = 15, .colour = theme::kText2});
    return;
  }
  Page page;
  page.manifest = &store_.manifest();
  page.one = &*case_;
  page.chosen = &*class_;
  page.class_name = browser_.classes()[browser_.chosen_class()];
  page.is_copied = is_copied_;
  draw_film_panel(canvas, l, browser_, view_, page, colours_);
  draw_class_panel(canvas, l.classes, browser_, view_, page);
  Rect sentence = l.sentence;
  sentence.height = sentence_panel_height(canvas, sentence.width, page);
  draw_sentence_panel(canvas, sentence, page, [this] { copy(); });
  const float bottom = l.decision.bottom();
  draw_decision_panel(
      canvas, {sentence.x, sentence.bottom() + 16, sentence.width, bottom - sentence.bottom() - 16},
      page);
}

void Studio::copy() {
  if (!case_ || !class_) return;
  Page page;
  page.manifest = &store_.manifest();
  page.one = &*case_;
  page.chosen = &*class_;
  page.class_name = browser_.classes()[browser_.chosen_class()];
  window_.copy_text(copied_text(page));
  is_copied_ = true;
}

Pixels Studio::picture() {
  return window_.picture([this](Canvas& canvas) { draw(canvas); });
}

}  // namespace rationale::ui
