// The reading app's window: draws what the session says, gives it what the reader does.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "ui/reader/door.h"
#include "ui/reader/input.h"
#include "ui/reader/loader.h"
#include "ui/reader/questions.h"
#include "ui/reader/script.h"
#include "ui/reader/stamps.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/window.h"

namespace rationale::ui {

struct DeskSettings {
  int width = 1600, height = 1000;
  bool is_visible = true;
  std::filesystem::path screenshots;  ///< folder for what a script asks for
};

class ReadingDesk {
 public:
  /// @throws Error (kEnvironment) without a display
  ReadingDesk(SessionDoor& door, const StampMaker& stamps, const DeskSettings& settings);

  /// Until the session ends, the window is closed or the script is over. The session is closed then.
  SessionDoor::Ending run(std::optional<ScriptPlayer> script);

  /// One turn: what waits in the ring, then one frame if something changed. For tests: does not wait.
  void turn();
  Pixels picture();
  InputRing& input() { return window_.input(); }
  /// Since the program was started, to the first frame on the screen.
  std::optional<double> first_frame_ms() const { return first_frame_ms_; }
  const ImageView& film() const { return view_; }

 private:
  enum class Page { kStart, kCheck, kReady, kSession, kEnd };

  void handle(const InputEvent& event);
  void handle_pointer(const InputEvent& event, Spot pointer);
  void do_intents();
  void do_intent(const Intent& intent);
  void do_on_page(const Intent& intent);
  void go_on();
  void answer_check(std::size_t side);
  void start_check();
  void local_view(const Intent& intent);
  /// Stores through the door; what could not be stored covers the film until it could.
  void store(std::function<void(const study::Stamp&)> action);
  void tick();
  void try_again();
  void refresh();
  void follow_session();
  void present_case();
  void log_view();
  void finish();
  void draw(Canvas& canvas);
  void draw_case(Canvas& canvas);
  ScriptState script_state() const;
  bool is_case_on_screen() const;

  SessionDoor& door_;
  const StampMaker& stamps_;
  DeskSettings settings_;
  AppWindow window_;
  ColourTable colours_;
  ImageView view_;
  ItemLoader loader_;
  ReaderInput input_;
  Intents intents_;
  Page page_ = Page::kStart;
  SessionDoor::View session_;
  ReadingPage shown_page_;             // as drawn last: what input answers to
  std::optional<CheckPage> check_;
  AppWindow::Display display_;
  std::optional<SessionDoor::Ending> ending_;
  std::mt19937_64 sides_{std::random_device{}()};  // of the half-moons: new each time, no part of a result

  int uploaded_ = 0;                   // SessionDoor::View::showing of the film in view_
  int presented_ = 0;                  // and of the one whose first frame was stored
  std::shared_ptr<const study::Item> item_;
  std::size_t film_ = 0;
  float scroll_ = 0, most_scroll_ = 0;
  std::optional<std::size_t> dragged_line_;
  std::int64_t dragged_ppm_ = 0;
  Rect dragged_place_;
  std::vector<VasLine> lines_;
  std::optional<Spot> pressed_film_;
  bool has_changed_ = true;
  std::chrono::steady_clock::time_point event_time_{}, last_move_{}, last_tick_{};
  bool is_cursor_hidden_ = false;
  Spot pointer_{-1, -1};
  std::optional<double> first_frame_ms_;

  struct Fault {
    std::string what, remedy;
    std::function<void(const study::Stamp&)> action;
    study::Stamp at;
  };
  std::optional<Fault> fault_;
  struct LoggedView {
    Window window;
    bool is_inverted = false;
    double zoom = 1;
  } logged_;
};

}  // namespace rationale::ui
