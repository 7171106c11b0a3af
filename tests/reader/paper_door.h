// A session on paper: two questions, cases in a row, everything that was stored in a list. Stands where the
// real session stands, so that the window can be tested alone.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "data/base/error.h"
#include "tests/reader/example_page.h"
#include "ui/reader/door.h"

namespace rationale::test {

class PaperDoor : public ui::SessionDoor {
 public:
  struct Stored {
    std::string what;
    study::Stamp at;
  };
  std::vector<Stored> stored;
  int n_cases = 3;
  bool is_disk_full = false;
  bool has_ai = true;
  bool checks_display = false;
  int break_after = 0;

  int count(const std::string& what) const {
    int n = 0;
    for (const Stored& one : stored) n += one.what.rfind(what, 0) == 0 ? 1 : 0;
    return n;
  }

  View view() const override {
    View view;
    view.phase = phase_;
    view.position = position_;
    view.showing = position_;
    for (int next = position_ + 1; next <= std::min(n_cases, position_ + 2); ++next) view.next.push_back(next);
    if (phase_ != Phase::kReading) return view;
    ui::ReadingPage page = example_page();
    page.position = position_;
    page.n_readings = n_cases;
    if (has_ai) page.ai = example_ai();
    page.ai.is_on = is_on_;
    page.ai.opacity_percent = opacity_;
    page.ai.has_outline = has_outline_;
    for (std::size_t i = 0; i < 2; ++i) page.questions[0].options[i].is_chosen = answer_ == static_cast<int>(i);
    page.questions[1].ppm = ppm_;
    page.comment = comment_;
    page.still_open = answer_ < 0 ? "Still open: question 1" : (!ppm_ ? "Still open: question 2" : "");
    page.cover = cover_;
    page.can_undo = answer_ >= 0;
    view.page = page;
    return view;
  }
  void begin(const ui::AppWindow::Display&, const study::Stamp& at) override { store("begin", at); }
  void open_item(const study::Item&, const study::Stamp&) override {}
  void open_next(const study::Stamp& at) override {
    store("open", at);
    ++position_;
    phase_ = position_ > n_cases ? Phase::kEnd : Phase::kReading;
    answer_ = -1;
    ppm_.reset();
    comment_.clear();
  }
  void shown(const study::Stamp& at) override { store("shown " + std::to_string(position_), at); }
  void unreadable(const std::string&, const study::Stamp& at) override { store("unreadable", at); }
  void act(const ui::Intent& intent, const study::Stamp& at) override {
    using ui::Action;
    switch (intent.action) {
      case Action::kChoose:
        store("answer " + std::to_string(intent.option), at);
        answer_ = static_cast<int>(intent.option);
        break;
      case Action::kPlace:
        store("ppm " + std::to_string(intent.ppm), at);
        ppm_ = intent.ppm;
        break;
      case Action::kConfirm:
        store("confirm " + std::to_string(position_), at);
        if (position_ == break_after) {
          phase_ = Phase::kBreak;
        } else {
          open_next(at);
        }
        break;
      case Action::kHeatmap:
        store(intent.steps == 1 ? "heatmap on" : "heatmap off", at);
        is_on_ = intent.steps == 1;
        break;
      case Action::kOutline:
        store("outline", at);
        has_outline_ = !has_outline_;
        break;
      case Action::kOpacity:
        store("opacity", at);
        opacity_ += 5 * intent.steps;
        break;
      case Action::kComment:
        store("comment " + intent.text, at);
        comment_ = intent.text;
        break;
      case Action::kPause:
        store("pause", at);
        cover_ = ui::Cover::kPause;
        break;
      case Action::kHelp:
        store("help", at);
        cover_ = cover_ == ui::Cover::kHelp ? ui::Cover::kNone : ui::Cover::kHelp;
        break;
      case Action::kGoOn:
        store("go on", at);
        cover_ = ui::Cover::kNone;
        break;
      case Action::kFlag:
        store("flag " + std::to_string(intent.index), at);
        break;
      case Action::kUndo:
        store("undo", at);
        answer_ = -1;
        break;
      default:
        store("other", at);
        break;
    }
  }
  void focus(bool has_focus, const study::Stamp& at) override {
    store(has_focus ? "focus on" : "focus off", at);
    if (!has_focus) cover_ = ui::Cover::kFocus;
  }
  void input(const study::Stamp&) override {}
  void window_changed(double, double, bool is_inverted, const study::Stamp& at) override {
    store(is_inverted ? "window inverted" : "window", at);
  }
  void zoom_changed(double, const study::Stamp& at) override { store("zoom", at); }
  void display_checked(const ui::CheckPage& check, const ui::AppWindow::Display&,
                       const study::Stamp& at) override {
    store("display check " + std::to_string(check.n_right()), at);
  }
  bool tick(const study::Stamp&) override { return false; }
  Ending close(const study::Stamp&) override {
    return {"ABCD-EFGH-JKMN", "/somewhere/r2-p1-0001.rbn", count("confirm"), n_cases - count("confirm")};
  }
  study::Item item(int position) const override {
    study::Item item;
    item.position = position;
    const ui::Film film = example_film();
    item.films.push_back({*film.values, 1, film.window, false});
    for (float& value : item.films[0].values.values) value = std::round(value * (1 - 0.1F * static_cast<float>(position % 3)));
    if (has_ai) {
      const ui::HeatMap map = example_map();
      item.ai.heatmap = study::ItemHeatmap{map.values, map.cell_to_picture, map.scale};
    }
    return item;
  }
  ui::WordsPage start_page() const override {
    return {.small_title = "Reader r2", .title = "Before you read", .facts = {{"Cases", "3"}},
            .paragraphs = {"You will read 3 films."}, .note = "Next", .button = "Go on"};
  }
  bool needs_display_check(const study::Stamp&) const override { return checks_display; }
  study::DisplayRules display_rules() const override { return {}; }
  bool is_confirmed(int) const override { return false; }

 private:
  void store(const std::string& what, const study::Stamp& at) {
    if (is_disk_full) {
      throw Error(Error::Kind::kEnvironment, "the disk is full", "session.db", "make room").with_code("disk_full");
    }
    stored.push_back({what, at});
  }

  Phase phase_ = Phase::kBefore;
  int position_ = 0, answer_ = -1, opacity_ = 40;
  std::optional<std::int64_t> ppm_;
  std::string comment_;
  bool is_on_ = true, has_outline_ = false;
  ui::Cover cover_ = ui::Cover::kNone;
};

}  // namespace rationale::test
