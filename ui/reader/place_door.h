// The window's door to a package that is read: the session of a ReadingPlace.
#pragma once

#include "study/exchange/reading_place.h"
#include "ui/reader/door.h"
#include "ui/reader/page_of.h"
#include "ui/reader/stamps.h"

namespace rationale::ui {

class PlaceDoor : public SessionDoor {
 public:
  /// Both outlive this.
  PlaceDoor(study::ReadingPlace& place, const StampMaker& stamps) : place_(place), stamps_(stamps) {}

  View view() const override;
  void begin(const AppWindow::Display& display, const study::Stamp& at) override;
  void open_next(const study::Stamp& at) override;
  void open_item(const study::Item& item, const study::Stamp& at) override;
  void shown(const study::Stamp& at) override;
  void unreadable(const std::string& why, const study::Stamp& at) override;
  void act(const Intent& intent, const study::Stamp& at) override;
  void focus(bool has_focus, const study::Stamp& at) override;
  void input(const study::Stamp& at) override;
  void window_changed(double centre, double width, bool is_inverted, const study::Stamp& at) override;
  void zoom_changed(double zoom, const study::Stamp& at) override;
  void display_checked(const CheckPage& check, const AppWindow::Display& display,
                       const study::Stamp& at) override;
  bool tick(const study::Stamp& at) override;
  Ending close(const study::Stamp& at) override;
  study::Item item(int position) const override { return place_.item(position); }
  WordsPage start_page() const override;
  bool needs_display_check(const study::Stamp& at) const override;
  study::DisplayRules display_rules() const override { return place_.protocol().display; }
  bool is_confirmed(int position) const override { return place_.session().is_closed(position); }

 private:
  CaseState case_state() const;
  void answer(const Intent& intent, const study::Stamp& at);
  void look(const Intent& intent, const study::Stamp& at);
  void flag(std::size_t index, const study::Stamp& at);
  void cover(Cover wanted, const study::Stamp& at);
  /// After a case: the next one, a break, or the end.
  void after_case(const study::Stamp& at);

  study::ReadingPlace& place_;
  const StampMaker& stamps_;
  Phase phase_ = Phase::kBefore;
  bool has_begun_ = false;  // a session was opened here
  int showing_ = 0;
  Cover pause_cover_ = Cover::kPause;  // which page a pause shows: its own or the keys
  study::ItemAi ai_;
  std::optional<Ending> ending_;
};

}  // namespace rationale::ui
