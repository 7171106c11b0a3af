#include "ui/reader/place_door.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "study/session/events.h"
#include "ui/reader/desk_pages.h"

namespace rationale::ui {
using study::Stamp;

CaseState PlaceDoor::case_state() const {
  const study::ReadingSession& session = place_.session();
  const study::Protocol& protocol = place_.protocol();
  const study::Reading& reading = *session.reading();
  CaseState state;
  state.code = study::showing_code(place_.package().facts().chain_id(), reading.position);
  state.position = reading.position;
  state.n_readings = session.n_items();
  for (const std::size_t i : session.asked()) {
    CaseState::Asked asked{.index = i};
    const auto answer = reading.answers.find(protocol.questions[i].id);
    if (answer != reading.answers.end()) asked.answer = answer->second;
    if (protocol.questions[i].type == study::QuestionType::kMarks) {
      asked.n_marks = static_cast<int>(reading.marks.size());
    }
    state.asked.push_back(std::move(asked));
  }
  state.open = session.still_open();
  state.is_too_early = session.is_too_early(stamps_.now());
  state.is_not_assessable = reading.is_not_assessable;
  state.is_seen_before = reading.is_seen_before;
  for (const auto& [flag, seq] : reading.flags) state.flags.insert(flag);
  state.comment = reading.note;
  state.can_undo = session.can_undo();
  state.shows_ai = true;
  const study::HeatmapLook look = session.look();
  state.is_heatmap_on = look.is_on;
  state.has_outline = look.has_outline;
  state.is_beside = look.is_beside;
  state.opacity_percent = look.opacity_percent;
  state.cover = session.is_paused()      ? pause_cover_
                : !session.has_focus() ? Cover::kFocus
                : session.is_asleep()  ? Cover::kAway
                                       : Cover::kNone;
  return state;
}

SessionDoor::View PlaceDoor::view() const {
  const study::ReadingSession& session = place_.session();
  View view;
  view.phase = phase_;
  view.position = session.next_position();
  view.showing = showing_;
  const int first = phase_ == Phase::kBefore || phase_ == Phase::kBreak ? view.position : view.position + 1;
  for (int next = first; next >= 1 && next <= session.n_items() && view.next.size() < 2; ++next) {
    if (!session.is_closed(next)) view.next.push_back(next);
  }
  if (phase_ != Phase::kReading || !session.reading()) return view;
  static const study::Arm kNoArm;
  const study::Arm* arm = place_.protocol().find_arm(session.arm());
  view.page = page_of(place_.protocol(), arm == nullptr ? kNoArm : *arm, ai_, case_state());
  for (const study::Mark& mark : session.reading()->marks) {
    view.marks.push_back({{static_cast<double>(mark.y_milli) / 1000, static_cast<double>(mark.x_milli) / 1000},
                          static_cast<std::size_t>(std::max(0, mark.film)),
                          mark.seq});
  }
  return view;
}

void PlaceDoor::begin(const AppWindow::Display& display, const Stamp& at) {
  if (place_.session().phase() != study::SessionPhase::kClosed) return;
  has_begun_ = true;
  place_.session().open({.width_px = display.width,
                         .height_px = display.height,
                         .bits = display.grey_bits,
                         .monitor = display.monitor},
                        at);
}

void PlaceDoor::open_next(const Stamp& at) {
  if (phase_ == Phase::kBreak) place_.session().take_break(at);
  phase_ = place_.session().next_position() == 0 ? Phase::kEnd : Phase::kOpening;
}

void PlaceDoor::open_item(const study::Item& item, const Stamp& at) {
  study::ReadingSession& session = place_.session();
  const study::ItemFacts facts{
      .position = item.position, .code = item.code, .is_repeat = item.is_repeat, .arm = item.arm};
  if (session.reading()) {
    session.resume_item(facts);  // begun before the program ended
  } else {
    session.open_item(facts, at);
  }
  ai_ = item.ai;
  ++showing_;
  phase_ = Phase::kReading;
}

void PlaceDoor::shown(const Stamp& at) { place_.session().image_shown(at); }

void PlaceDoor::unreadable(const std::string&, const Stamp& at) {
  place_.session().give_up("technical: the film could not be decoded", at);
  after_case(at);
}

void PlaceDoor::after_case(const Stamp& at) {
  const study::ReadingSession& session = place_.session();
  phase_ = session.is_over(at)        ? Phase::kEnd
           : session.is_break_due(at) ? Phase::kBreak
                                      : Phase::kOpening;
}

void PlaceDoor::act(const Intent& intent, const Stamp& at) {
  study::ReadingSession& session = place_.session();
  switch (intent.action) {
    case Action::kChoose:
    case Action::kPlace:
    case Action::kWrite:
    case Action::kNothingToMark:
      answer(intent, at);
      break;
    case Action::kMark:
      if (intent.steps < 0) {
        session.remove_mark(intent.ppm, at);
      } else {
        session.add_mark(static_cast<int>(intent.option), intent.x_milli, intent.y_milli, at);
      }
      break;
    case Action::kConfirm:
      session.confirm(at);
      after_case(at);
      break;
    case Action::kUndo:
      if (session.can_undo()) session.undo(at);
      break;
    case Action::kFlag:
      flag(intent.index, at);
      break;
    case Action::kComment:
      session.set_note(intent.text, at);
      break;
    case Action::kHeatmap:
    case Action::kOutline:
    case Action::kBeside:
    case Action::kOpacity:
      look(intent, at);
      break;
    case Action::kPause:
      cover(Cover::kPause, at);
      break;
    case Action::kHelp:
      cover(Cover::kHelp, at);
      break;
    case Action::kGoOn:
      if (session.is_paused()) session.resume(at);
      if (!session.has_focus()) session.focus(true, at);
      session.input(at);
      break;
    default:
      break;
  }
}

void PlaceDoor::cover(Cover wanted, const Stamp& at) {
  study::ReadingSession& session = place_.session();
  if (session.is_paused()) {
    session.resume(at);
  } else {
    session.pause(at);
    pause_cover_ = wanted;
  }
}

void PlaceDoor::answer(const Intent& intent, const Stamp& at) {
  study::ReadingSession& session = place_.session();
  const study::Question& question = place_.protocol().questions.at(intent.index);
  std::optional<study::Answer> before;
  const auto found = session.reading()->answers.find(question.id);
  if (found != session.reading()->answers.end()) before = found->second;
  switch (intent.action) {
    case Action::kChoose:
      session.answer(question.id, chosen_answer(question, intent.option, before), at);
      break;
    case Action::kPlace:
      session.answer(question.id, study::Ppm{intent.ppm}, at);
      break;
    case Action::kNothingToMark:
      if (before) {
        session.answer(question.id, std::nullopt, at);
      } else {
        session.answer(question.id, study::NoMarks{}, at);
      }
      break;
    default: {
      const auto written = written_answer(question, intent.text);
      if (written) {
        session.answer(question.id, written, at);
      } else if (intent.text.empty() && before) {
        session.answer(question.id, std::nullopt, at);
      }  // else what was there stands again: a number outside its range is no answer
      break;
    }
  }
}

void PlaceDoor::look(const Intent& intent, const Stamp& at) {
  study::HeatmapLook look = place_.session().look();
  if (intent.action == Action::kHeatmap) look.is_on = intent.steps == 1;
  if (intent.action == Action::kOutline) look.has_outline = !look.has_outline;
  if (intent.action == Action::kBeside) look.is_beside = !look.is_beside;
  if (intent.action == Action::kOpacity) look.opacity_percent += 5 * intent.steps;
  place_.session().set_look(look, at);
}

void PlaceDoor::flag(std::size_t index, const Stamp& at) {
  study::ReadingSession& session = place_.session();
  const study::Reading& reading = *session.reading();
  if (index == kNotAssessableFlag) {
    session.set_not_assessable(!reading.is_not_assessable, at);
  } else if (index == kSeenBeforeFlag) {
    session.set_seen_before(!reading.is_seen_before, at);
  } else {
    const std::string& id = place_.protocol().flags.at(index - kFirstProtocolFlag).id;
    session.set_flag(id, !reading.flags.contains(id), at);
  }
}

void PlaceDoor::focus(bool has_focus, const Stamp& at) { place_.session().focus(has_focus, at); }
void PlaceDoor::input(const Stamp& at) { place_.session().input(at); }

void PlaceDoor::window_changed(double centre, double width, bool is_inverted, const Stamp& at) {
  place_.session().window_changed(centre, width, is_inverted, at);
}

void PlaceDoor::zoom_changed(double zoom, const Stamp& at) { place_.session().zoom_changed(zoom, at); }

void PlaceDoor::display_checked(const CheckPage& check, const AppWindow::Display&, const Stamp& at) {
  place_.session().display_check(check.n_right(), static_cast<int>(check.patches.size()), at);
}

bool PlaceDoor::tick(const Stamp& at) {
  study::ReadingSession& session = place_.session();
  const bool was_covered = session.is_covered();
  session.tick(at);
  // Confirm opens with time, where the protocol asks for a least viewing time.
  const bool is_early = place_.protocol().session.min_view_ms > 0 && phase_ == Phase::kReading;
  return was_covered != session.is_covered() || is_early;
}

SessionDoor::Ending PlaceDoor::close(const Stamp& at) {
  if (ending_) return *ending_;
  study::ReadingSession& session = place_.session();
  session.close(at);
  Ending ending;
  ending.n_confirmed = session.n_closed();
  ending.n_left = session.n_items() - session.n_closed();
  if (has_begun_) {
    ending.receipt = session.receipt();
    ending.bundle = place_.write_bundle().string();
  }
  ending_ = ending;
  phase_ = Phase::kEnd;
  return ending;
}

bool PlaceDoor::needs_display_check(const Stamp& at) const { return place_.session().needs_display_check(at); }

WordsPage PlaceDoor::start_page() const {
  const study::Protocol& protocol = place_.protocol();
  const study::ReadingSession& session = place_.session();
  const study::PackageFacts& facts = place_.package().facts();
  const int n_left = session.n_items() - session.n_closed();
  WordsPage page;
  page.small_title = "Reader " + facts.reader;
  page.title = "Before you read";
  page.facts = {{"Study", facts.study_id},
                {"Period", std::to_string(facts.period)},
                {"Cases", std::to_string(session.n_items())},
                {"Read", std::to_string(session.n_closed())},
                {"Left", std::to_string(n_left)},
                {"At most in a session", std::to_string(protocol.session.max_readings)}};
  page.paragraphs.push_back(protocol.study.title);
  page.paragraphs.push_back(fmt::format("{} case{} wait{}. They come one after another, in an order of their own.",
                                        n_left, n_left == 1 ? "" : "s", n_left == 1 ? "s" : ""));
  std::string asked = "Of each case you are asked:";
  for (std::size_t i = 0; i < protocol.questions.size(); ++i) {
    asked += fmt::format("\n{}  {}", i + 1, protocol.questions[i].text);
  }
  page.paragraphs.push_back(asked);
  const std::string ai = ai_words(protocol);
  if (!ai.empty()) page.paragraphs.push_back(ai);
  page.paragraphs.push_back(
      "Every key stands on its button. Enter confirms a case and opens the next; a confirmed case stays as it "
      "is. P pauses and covers the film, F1 shows all keys.");
  page.paragraphs.push_back(
      "Every answer is stored at once. Should the program end, it goes on at the same case.");
  page.note = n_left == 0 ? "Everything was read." : "Next: the display check, if it is due.";
  page.button = n_left == 0 ? "Close the session" : "Begin the session";
  return page;
}

}  // namespace rationale::ui
