#include "ui/reader/desk.h"

#define GLFW_INCLUDE_NONE
#include <fmt/format.h>

#include <GLFW/glfw3.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/image/colour_map.h"
#include "ui/reader/covers.h"
#include "ui/reader/desk_pages.h"
#include "ui/reader/display_check.h"
#include "ui/reader/panel.h"
#include "ui/reader/process_age.h"
#include "ui/reader/screens.h"
#include "ui/widgets/numbers.h"
#include "ui/widgets/screenshot.h"

namespace rationale::ui {
namespace {

using Kind = InputEvent::Kind;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kIdleWait{500}, kScriptWait{4};
constexpr std::chrono::seconds kCursorRest{2};
constexpr float kScrollStep = 48;

std::vector<double> outline_levels(double scale) {
  const std::vector<double> ticks = round_ticks(0, scale, 4);
  std::vector<double> levels(ticks.begin() + 1, ticks.end());
  while (levels.size() > 3) levels.erase(levels.begin() + 1);
  return levels;
}

bool is_input(Kind kind) {
  return kind == Kind::kKeyDown || kind == Kind::kButtonDown || kind == Kind::kWheel;
}

}  // namespace

ReadingDesk::ReadingDesk(SessionDoor& door, const StampMaker& stamps, const DeskSettings& settings)
    : door_(door),
      stamps_(stamps),
      settings_(settings),
      window_({.title = "Rationale Reader",
               .width = settings.width,
               .height = settings.height,
               .is_visible = settings.is_visible}),
      colours_(viridis_table()),
      view_(colours_),
      loader_([&door](int position) { return door.item(position); }, [] { AppWindow::wake(); }) {
  display_ = window_.display();
  refresh();
  loader_.want(session_.next);
}

// ---- the loop

SessionDoor::Ending ReadingDesk::run(std::optional<ScriptPlayer> script) {
  while (!window_.is_closing() && !is_interrupted()) {
    turn();
    if (script) {
      if (script->is_done() && window_.input().is_empty()) break;
      const auto name = script->play(script_state(), window_.input(), window_.scale());
      if (name && !settings_.screenshots.empty()) {
        write_screenshot(settings_.screenshots / (*name + ".png"), picture());
      }
    } else if (page_ == Page::kEnd && ending_ && window_.is_closing()) {
      break;
    }
    const bool is_soon = script || !is_case_on_screen();
    window_.wait(script ? kScriptWait : (is_soon ? kIdleWait / 4 : kIdleWait));
  }
  finish();
  return ending_.value_or(SessionDoor::Ending{});
}

void ReadingDesk::finish() {
  if (ending_) return;
  ending_ = door_.close(stamps_.now());
}

void ReadingDesk::turn() {
  InputEvent event;
  while (window_.input().pop(event)) {
    handle(event);
    has_changed_ = true;
  }
  const auto now = Clock::now();
  event_time_ = now;
  if (now - last_tick_ > kIdleWait) {
    last_tick_ = now;
    tick();
  }
  follow_session();
  const bool is_over_film = pointer_.x >= 0 && pointer_.x < window_.width() - 420;
  const bool hides = page_ == Page::kSession && is_over_film && now - last_move_ > kCursorRest;
  if (hides != is_cursor_hidden_) {
    is_cursor_hidden_ = hides;
    window_.set_cursor(hides ? AppWindow::Cursor::kHidden : AppWindow::Cursor::kShown);
  }
  if (!has_changed_) return;
  has_changed_ = false;
  window_.frame([this](Canvas& canvas) { draw(canvas); });
  if (!first_frame_ms_) first_frame_ms_ = process_age_ms();
  present_case();
}

// ---- following the session

void ReadingDesk::refresh() {
  session_ = door_.view();
  has_changed_ = true;
}

/// Keeps film and texture what the session says; opens the next case where no page comes between.
void ReadingDesk::follow_session() {
  if (page_ != Page::kSession || fault_) return;
  if (session_.phase == SessionDoor::Phase::kEnd) {
    store([this](const study::Stamp& at) { ending_ = door_.close(at); });
    if (ending_) page_ = Page::kEnd;
    return;
  }
  const bool is_opening = session_.phase == SessionDoor::Phase::kOpening;
  if (session_.phase != SessionDoor::Phase::kReading && !is_opening) return;
  std::vector<int> wanted{session_.position};
  wanted.insert(wanted.end(), session_.next.begin(), session_.next.end());
  loader_.want(wanted);
  if (is_opening) {
    const auto item = loader_.take(session_.position);  // what it throws ends the session: no case is open
    if (!item) return;
    event_time_ = Clock::now();
    store([this, item](const study::Stamp& at) { door_.open_item(*item, at); });
    if (session_.phase != SessionDoor::Phase::kReading) return;
  }
  if (uploaded_ == session_.showing) return;
  try {
    const auto item = loader_.take(session_.position);
    if (!item) return;
    item_ = item;
  } catch (const std::exception& error) {
    const std::string why = error.what();
    store([this, why](const study::Stamp& at) { door_.unreadable(why, at); });
    return;
  }
  uploaded_ = session_.showing;
  film_ = 0;
  scroll_ = 0;
  dragged_line_.reset();
  input_.reset();
  view_.show({.extent = {item_->films.at(0).values.rows, item_->films.at(0).values.cols, item_->films.at(0).aspect},
              .values = item_->films.at(0).values,
              .window = item_->films.at(0).window,
              .is_inverted = item_->films.at(0).is_inverted});
  // Every case uploads one map, so that no arm is faster than another.
  HeatMap map;
  if (item_->ai.heatmap) {
    const study::ItemHeatmap& heat = *item_->ai.heatmap;
    map = {heat.cells, heat.cell_to_picture, heat.scale, outline_levels(heat.scale)};
    view_.show_map(map);
  } else {
    view_.clear_map();
  }
  logged_ = {view_.window(), false, 1};
  has_changed_ = true;
}

bool ReadingDesk::is_case_on_screen() const {
  return page_ == Page::kSession && session_.phase == SessionDoor::Phase::kReading &&
         presented_ == session_.showing;
}

/// After the frame that first showed a case.
void ReadingDesk::present_case() {
  if (page_ != Page::kSession || fault_ || session_.phase != SessionDoor::Phase::kReading) return;
  if (uploaded_ != session_.showing || presented_ == session_.showing) return;
  const int showing = session_.showing;
  event_time_ = Clock::now();
  store([this](const study::Stamp& at) { door_.shown(at); });
  if (!fault_) presented_ = showing;
}

void ReadingDesk::store(std::function<void(const study::Stamp&)> action) {
  const study::Stamp at = stamps_.at(event_time_);
  try {
    action(at);
  } catch (const Error& error) {
    if (error.kind == Error::Kind::kInternal || error.kind == Error::Kind::kUsage) throw;
    if (error.kind == Error::Kind::kRefused) {  // such as a confirm that came a moment too early
      refresh();
      return;
    }
    fault_ = Fault{error.what(), error.remedy, std::move(action), at};
  }
  refresh();
}

/// A tick that changes nothing draws nothing: a reader who looks costs no power.
void ReadingDesk::tick() {
  if (page_ != Page::kSession || fault_) return;
  try {
    if (door_.tick(stamps_.now())) refresh();
  } catch (const Error&) {
    store([this](const study::Stamp& at) { door_.tick(at); });  // fails again, and then covers the film
  }
}

void ReadingDesk::try_again() {
  if (!fault_) return;
  const Fault fault = std::move(*fault_);
  fault_.reset();
  store(fault.action);
}

// ---- input

void ReadingDesk::handle(const InputEvent& event) {
  event_time_ = event.time;
  const Spot pointer = window_.logical(event.x, event.y);
  if (event.kind == Kind::kMove || event.kind == Kind::kButtonDown || event.kind == Kind::kWheel) {
    pointer_ = pointer;
    last_move_ = event.time;
  }
  if (event.kind == Kind::kFocusLost || event.kind == Kind::kFocusGained) {
    input_.handle(event, shown_page_, intents_);
    do_intents();
    if (page_ == Page::kSession && !fault_) {
      const bool has_focus = event.kind == Kind::kFocusGained;
      store([this, has_focus](const study::Stamp& at) { door_.focus(has_focus, at); });
    }
    dragged_line_.reset();
    view_.handle(event, pointer);
    return;
  }
  if (event.kind == Kind::kExposed) return;
  const bool is_reading = page_ == Page::kSession && session_.phase == SessionDoor::Phase::kReading;
  if (is_reading && presented_ == session_.showing) {
    if (is_input(event.kind) && shown_page_.cover == Cover::kNone) {
      store([this](const study::Stamp& at) { door_.input(at); });
    }
    input_.handle(event, shown_page_, intents_);
    handle_pointer(event, pointer);
  } else if (is_reading && fault_) {
    input_.handle(event, shown_page_, intents_);
    handle_pointer(event, pointer);
  } else if (event.kind == Kind::kKeyDown) {
    const bool is_enter = event.code == GLFW_KEY_ENTER || event.code == GLFW_KEY_KP_ENTER;
    if (is_enter) intents_.push_back({.action = fault_ ? Action::kTryAgain : Action::kGoOn});
    if (event.code == GLFW_KEY_LEFT) intents_.push_back({.action = Action::kSide, .index = 0});
    if (event.code == GLFW_KEY_RIGHT) intents_.push_back({.action = Action::kSide, .index = 1});
    if (event.character == U'z') intents_.push_back({.action = Action::kUndo});
    if (event.character == U'e' || event.code == GLFW_KEY_ESCAPE) intents_.push_back({.action = Action::kBreak});
  } else if (event.kind == Kind::kButtonDown && event.code == GLFW_MOUSE_BUTTON_LEFT) {
    window_.areas().click(pointer);
  }
  do_intents();
}

void ReadingDesk::handle_pointer(const InputEvent& event, Spot pointer) {
  const bool is_left = event.code == GLFW_MOUSE_BUTTON_LEFT;
  const bool is_open = shown_page_.cover == Cover::kNone;
  if (dragged_line_) {
    const auto line = std::find_if(lines_.begin(), lines_.end(),
                                   [&](const VasLine& one) { return one.question == *dragged_line_; });
    if (line == lines_.end()) {
      dragged_line_.reset();
    } else if (event.kind == Kind::kMove || (event.kind == Kind::kButtonUp && is_left)) {
      dragged_ppm_ = line->ppm_at(pointer.x);
      if (event.kind == Kind::kButtonUp) {
        intents_.push_back({.action = Action::kPlace,
                            .index = *dragged_line_,
                            .ppm = dragged_ppm_,
                            .steps = static_cast<int>(std::lround(line->line.width * window_.scale()))});
        dragged_line_.reset();
      }
    }
    return;
  }
  if (event.kind == Kind::kButtonDown && is_left) {
    if (input_.is_writing()) input_.leave_text(intents_);
    const ReaderLayout l = reader_layout(window_.width(), window_.height());
    if (is_open && l.middle.contains(pointer)) {
      for (const VasLine& line : lines_) {
        if (!line.card.contains(pointer)) continue;
        input_.focus_question(line.question, shown_page_);
        dragged_line_ = line.question;
        dragged_ppm_ = line.ppm_at(pointer.x);
        return;
      }
    }
    if (window_.areas().click(pointer)) return;
    if (is_open && l.film.contains(pointer)) pressed_film_ = pointer;
  }
  if (!is_open) return;
  if (event.kind == Kind::kWheel && pointer.x >= window_.width() - 420) {
    scroll_ = std::clamp(scroll_ - event.wheel * kScrollStep, 0.0F, most_scroll_);
    return;
  }
  view_.handle(event, pointer);
  if (event.kind == Kind::kButtonUp || event.kind == Kind::kWheel) log_view();
  if (event.kind == Kind::kButtonUp && is_left && pressed_film_) {
    const bool is_click = std::hypot(pointer.x - pressed_film_->x, pointer.y - pressed_film_->y) < 4;
    pressed_film_.reset();
    const auto marking = std::find_if(shown_page_.questions.begin(), shown_page_.questions.end(),
                                      [](const QuestionView& q) {
                                        return q.type == study::QuestionType::kMarks && q.is_focused;
                                      });
    if (!is_click || marking == shown_page_.questions.end() || shown_page_.ai.is_beside) return;
    const ReaderLayout l = reader_layout(window_.width(), window_.height());
    const Placement placement = view_.viewport().placement(l.film);
    for (const FilmMark& mark : session_.marks) {  // a click on a mark takes it away
      const Spot spot = placement.to_screen(mark.at);
      if (mark.film != film_ || std::hypot(spot.x - pointer.x, spot.y - pointer.y) > 10) continue;
      intents_.push_back({.action = Action::kMark, .index = marking->index, .ppm = mark.seq, .steps = -1});
      return;
    }
    const PictureSpot at = placement.at(pointer);
    const Extent& extent = view_.viewport().extent();
    if (at.row < 0 || at.col < 0 || at.row >= extent.rows || at.col >= extent.cols) return;
    intents_.push_back({.action = Action::kMark,
                        .index = marking->index,
                        .option = film_,
                        .x_milli = std::llround(at.col * 1000),
                        .y_milli = std::llround(at.row * 1000)});
  }
}

/// Window, grey scale and zoom as they were left, not each step of a drag.
void ReadingDesk::log_view() {
  const Window& window = view_.window();
  const bool is_inverted = view_.is_inverted();
  if (window.centre != logged_.window.centre || window.width != logged_.window.width ||
      is_inverted != logged_.is_inverted) {
    logged_.window = window;
    logged_.is_inverted = is_inverted;
    store([this, window, is_inverted](const study::Stamp& at) {
      door_.window_changed(window.centre, window.width, is_inverted, at);
    });
  }
  if (view_.viewport().zoom() != logged_.zoom) {
    const double zoom = logged_.zoom = view_.viewport().zoom();
    store([this, zoom](const study::Stamp& at) { door_.zoom_changed(zoom, at); });
  }
}

void ReadingDesk::do_intents() {
  // An intent may lead to others (leaving a text field writes it).
  for (std::size_t i = 0; i < intents_.size(); ++i) {
    const Intent intent = intents_[i];
    do_intent(intent);
  }
  intents_.clear();
  has_changed_ = true;
}

void ReadingDesk::do_intent(const Intent& intent) {
  if (intent.action == Action::kTryAgain) {
    try_again();
    return;
  }
  if (fault_) return;
  if (page_ != Page::kSession || session_.phase != SessionDoor::Phase::kReading) {
    do_on_page(intent);
    return;
  }
  switch (intent.action) {
    case Action::kFocus:
      input_.focus_question(intent.index, shown_page_);
      return;
    case Action::kComment:
      if (intent.steps == 0) {
        input_.begin_comment(shown_page_);
        return;
      }
      break;
    case Action::kResetView:
    case Action::kWindow:
    case Action::kInvert:
    case Action::kNextFilm:
      local_view(intent);
      return;
    default:
      break;
  }
  store([this, intent](const study::Stamp& at) { door_.act(intent, at); });
  shown_page_ = session_.page;  // the next event of the same turn answers to what is stored now
  input_.apply_to(shown_page_);
}

void ReadingDesk::local_view(const Intent& intent) {
  if (intent.action == Action::kResetView) {
    view_.fit();
    view_.reset_window();
  } else if (intent.action == Action::kInvert) {
    view_.invert();
  } else if (intent.action == Action::kWindow) {
    const auto key = static_cast<int>(intent.index);
    // Up is brighter, that is a lower level; right is a wider window.
    view_.change_window(key == GLFW_KEY_UP ? -1.0 : (key == GLFW_KEY_DOWN ? 1.0 : 0.0),
                        key == GLFW_KEY_LEFT ? -2.0 : (key == GLFW_KEY_RIGHT ? 2.0 : 0.0));
  } else if (item_) {
    const std::size_t n = item_->films.size();
    film_ = (film_ + (intent.steps > 0 ? 1 : n - 1)) % n;
    const study::ItemFilm& film = item_->films[film_];
    view_.show({.extent = {film.values.rows, film.values.cols, film.aspect},
                .values = film.values,
                .window = film.window,
                .is_inverted = film.is_inverted});
  }
  log_view();
}

void ReadingDesk::do_on_page(const Intent& intent) {
  if (intent.action == Action::kGoOn) go_on();
  if (intent.action == Action::kSide && page_ == Page::kCheck) answer_check(intent.index);
  if (intent.action == Action::kUndo && page_ == Page::kCheck && check_ && !check_->is_done()) {
    if (check_->current > 0) {
      --check_->current;
      check_->patches[check_->current].answered_right.reset();
    }
  }
  if (intent.action == Action::kBreak && page_ == Page::kSession) {
    store([this](const study::Stamp& at) { ending_ = door_.close(at); });
    if (ending_) page_ = Page::kEnd;
  }
}

void ReadingDesk::go_on() {
  switch (page_) {
    case Page::kStart:
      display_ = window_.display();
      store([this](const study::Stamp& at) { door_.begin(display_, at); });
      if (fault_) return;
      if (door_.needs_display_check(stamps_.now())) {
        start_check();
        page_ = Page::kCheck;
      } else {
        page_ = Page::kReady;
      }
      break;
    case Page::kCheck:
      if (!check_->is_done()) return;
      if (check_->n_right() >= check_->needed) {
        page_ = Page::kReady;
      } else {
        start_check();
      }
      break;
    case Page::kReady:
      page_ = Page::kSession;
      [[fallthrough]];
    case Page::kSession:
      store([this](const study::Stamp& at) { door_.open_next(at); });
      break;
    case Page::kEnd:
      window_.close();
      break;
  }
}

void ReadingDesk::start_check() {
  display_ = window_.display();
  check_ = new_display_check(display_, door_.display_rules(), sides_);
}

void ReadingDesk::answer_check(std::size_t side) {
  if (!check_ || check_->is_done()) return;
  check_->patches[check_->current].answered_right = side == 1;
  ++check_->current;
  if (check_->is_done()) {
    store([this](const study::Stamp& at) { door_.display_checked(*check_, display_, at); });
  }
}

// ---- drawing

void ReadingDesk::draw(Canvas& canvas) {
  const ReaderLayout l = reader_layout(window_.width(), window_.height());
  view_.begin_frame();
  if (fault_ && (page_ != Page::kSession || session_.phase != SessionDoor::Phase::kReading)) {
    draw_words_page(canvas, l, fault_page(fault_->what, fault_->remedy), intents_);
    return;
  }
  switch (page_) {
    case Page::kStart:
      draw_words_page(canvas, l, door_.start_page(), intents_);
      return;
    case Page::kCheck:
      draw_check_page(canvas, l, *check_, intents_);
      return;
    case Page::kReady:
      draw_words_page(canvas, l, ready_page(door_.start_page()), intents_);
      return;
    case Page::kEnd:
      draw_words_page(canvas, l, end_page(door_.start_page(), *ending_), intents_);
      return;
    case Page::kSession:
      break;
  }
  if (session_.phase == SessionDoor::Phase::kBreak) {
    draw_words_page(canvas, l, break_page(door_.start_page()), intents_);
    return;
  }
  if (session_.phase != SessionDoor::Phase::kReading && !fault_) {
    canvas.fill(l.image, theme::kBlack);  // one frame replaces the other over black
    canvas.fill(l.panel, theme::kPanel);
    canvas.line({l.panel.x, 0}, {l.panel.x, l.panel.bottom()}, theme::kLine);
    return;
  }
  draw_case(canvas);
}

void ReadingDesk::draw_case(Canvas& canvas) {
  const ReaderLayout l = reader_layout(window_.width(), window_.height());
  ReadingPage page = session_.page;
  input_.apply_to(page);
  if (fault_) {
    page.cover = Cover::kFault;
    page.fault = fault_->what;
    page.fault_remedy = fault_->remedy;
  }
  page.film = film_;
  page.n_films = item_ ? item_->films.size() : 1;
  most_scroll_ = std::max(0.0F, questions_height(canvas, l.middle.width, page) - l.middle.height);
  for (std::size_t i = 0; i < page.questions.size(); ++i) {  // what has the focus is in sight
    if (!page.questions[i].is_focused || !page.is_focus_visible) continue;
    const Extent1D extent = question_extent(canvas, l.middle.width, page, i);
    scroll_ = std::clamp(scroll_, extent.bottom + 8 - l.middle.height, std::max(0.0F, extent.top - 10));
  }
  scroll_ = std::clamp(scroll_, 0.0F, most_scroll_);
  page.scroll = scroll_;
  if (dragged_line_) {
    for (QuestionView& q : page.questions) {
      if (q.index == *dragged_line_) q.ppm = dragged_ppm_;
    }
  }
  lines_ = page.cover == Cover::kNone ? vas_lines(canvas, l.middle, page) : std::vector<VasLine>{};
  const bool is_there = uploaded_ == session_.showing;
  if (page.cover != Cover::kNone) {
    draw_cover(canvas, l, page, intents_);
  } else if (is_there) {
    const bool has_map = page.ai.has_heatmap && page.ai.is_on && film_ == 0;
    draw_film_area(canvas, l, page, view_,
                   {.has_heatmap = has_map && !page.ai.has_outline,
                    .has_outline = has_map && page.ai.has_outline,
                    .opacity = static_cast<float>(page.ai.opacity_percent) / 100},
                   session_.marks, intents_);
  } else {
    canvas.fill(l.image, theme::kBlack);
  }
  draw_panel(canvas, l, page, colours_, intents_);
  shown_page_ = page;
}

Pixels ReadingDesk::picture() {
  turn();
  return window_.picture([this](Canvas& canvas) { draw(canvas); });
}

ScriptState ReadingDesk::script_state() const {
  ScriptState state;
  state.now = Clock::now();
  state.is_case_shown = is_case_on_screen() && shown_page_.cover == Cover::kNone;
  state.position = session_.position;
  state.is_saved = !fault_ && (page_ != Page::kSession || is_case_on_screen() ||
                               session_.phase == SessionDoor::Phase::kBreak);
  state.is_check = page_ == Page::kCheck && check_ && !check_->is_done();
  state.is_check_done = page_ == Page::kCheck && !state.is_check;
  state.is_check_over = page_ != Page::kStart && page_ != Page::kCheck;
  if (state.is_check) state.is_right = check_->patches[check_->current].is_right;
  return state;
}

}  // namespace rationale::ui
