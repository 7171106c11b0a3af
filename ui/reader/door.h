// What the window needs of a reading session: what to show now, and where intents go. The window keeps no
// state of a reading itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/log/event.h"
#include "study/session/item.h"
#include "ui/reader/film_area.h"
#include "ui/reader/page.h"
#include "ui/widgets/window.h"

namespace rationale::ui {

class SessionDoor {
 public:
  enum class Phase {
    kBefore,   ///< nothing was read in this session yet
    kOpening,  ///< the item at `position` is to be opened as soon as it is decoded
    kReading,  ///< a case is open
    kBreak,    ///< between two cases, a break is offered
    kEnd,      ///< no case is left, or the session's limit is reached
  };

  struct View {
    Phase phase = Phase::kBefore;
    int position = 0;             ///< kReading: the item that belongs on the screen
    int showing = 0;              ///< counts openings and reopenings: another number is a new first frame
    std::vector<int> next;        ///< positions that come after it, to be read ahead
    ReadingPage page;             ///< kReading: without focus and scroll, which are the window's
    std::vector<FilmMark> marks;
  };

  virtual ~SessionDoor() = default;

  virtual View view() const = 0;

  // All that follows stores an event before it returns, and changes nothing if it throws.
  // @throws Error (kEnvironment) if it could not be stored

  /// Opens the session, before the display check and the first case.
  virtual void begin(const AppWindow::Display& display, const study::Stamp& at) = 0;
  /// Goes on to the next case, from kBefore or kBreak.
  virtual void open_next(const study::Stamp& at) = 0;
  /// From kOpening: this is its item.
  virtual void open_item(const study::Item& item, const study::Stamp& at) = 0;
  /// The current item's first frame is on the screen.
  virtual void shown(const study::Stamp& at) = 0;
  /// The current item could not be decoded.
  virtual void unreadable(const std::string& why, const study::Stamp& at) = 0;
  virtual void act(const Intent& intent, const study::Stamp& at) = 0;
  virtual void focus(bool has_focus, const study::Stamp& at) = 0;
  /// Input that asks for nothing (a drag on the film): the reader is there.
  virtual void input(const study::Stamp& at) = 0;
  virtual void window_changed(double centre, double width, bool is_inverted, const study::Stamp& at) = 0;
  virtual void zoom_changed(double zoom, const study::Stamp& at) = 0;
  virtual void display_checked(const CheckPage& check, const AppWindow::Display& display,
                               const study::Stamp& at) = 0;
  /// To be called about twice a second: sleep and changed clocks are seen here, and what opens with time.
  /// @return  whether the view changed
  virtual bool tick(const study::Stamp& at) = 0;

  /// Closes the session (again: does nothing).
  struct Ending {
    std::string receipt, bundle;   ///< the bundle's path
    int n_confirmed = 0, n_left = 0;
  };
  virtual Ending close(const study::Stamp& at) = 0;

  /// Reads one item; called on another thread than all the rest.
  virtual study::Item item(int position) const = 0;

  /// What the reader reads before the first case, and what stands beside it.
  virtual WordsPage start_page() const = 0;
  virtual bool needs_display_check(const study::Stamp& at) const = 0;
  virtual study::DisplayRules display_rules() const = 0;
  virtual bool is_confirmed(int position) const = 0;
};

}  // namespace rationale::ui
