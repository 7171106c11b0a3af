#include "ui/reader/page_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "data/image/map_meaning.h"
#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

using study::Question;
using study::QuestionType;

std::string upper(std::string key) {
  if (key.size() == 1 && key[0] >= 'a' && key[0] <= 'z') key[0] = static_cast<char>(key[0] - 32);
  return key;
}

/// "no" and "yes" are the protocol's words for what the reader reads as No and Yes.
std::string capitalised(std::string word) {
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 32);
  return word;
}

std::vector<std::string> levels_of(const Question& q) {
  if (q.type == QuestionType::kBinary && q.levels.empty()) return {"no", "yes"};
  return q.levels;
}

bool has_levels(QuestionType type) {
  return type == QuestionType::kBinary || type == QuestionType::kOrdinal || type == QuestionType::kChoice ||
         type == QuestionType::kMultichoice;
}

/// 23.5 of 23500: no more decimals than there are.
std::string milli_text(std::int64_t milli) {
  const double value = static_cast<double>(milli) / 1000;
  return milli % 1000 == 0 ? plain_number(value, 0) : (milli % 100 == 0 ? plain_number(value, 1) : plain_number(value, 3));
}

std::pair<std::string, std::string> end_words(const Question& q) {
  if (q.unit.empty()) return {"not at all", "completely"};
  const auto word = [&](double value) {
    return plain_number(value, value == std::floor(value) ? 0 : 2) + " " + q.unit;
  };
  return {word(q.min), word(q.max)};
}

QuestionView view_of(const Question& q, const CaseState::Asked& asked, int number) {
  QuestionView view;
  view.index = asked.index;
  view.number = number;
  view.text = q.text;
  view.type = q.type;
  view.unit = q.type == QuestionType::kNumber ? q.unit : "";
  view.is_frozen = asked.is_frozen;
  view.n_marks = asked.n_marks;
  view.most_marks = q.max_marks;
  if (has_levels(q.type)) {
    const std::vector<std::string> levels = levels_of(q);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      OptionView option;
      // Without keys of its own a question has digits, as far as there are any.
      option.key = i < q.keys.size() ? upper(q.keys[i]) : (i < 9 && q.keys.empty() ? std::to_string(i + 1) : "");
      option.label = q.type == QuestionType::kBinary ? capitalised(levels[i]) : levels[i];
      option.is_chosen = asked.answer && study::says(*asked.answer, levels[i]);
      view.options.push_back(option);
    }
  }
  if (q.type == QuestionType::kVas) std::tie(view.left_word, view.right_word) = end_words(q);
  if (!asked.answer) return view;
  if (const auto* ppm = std::get_if<study::Ppm>(&*asked.answer)) view.ppm = ppm->ppm;
  if (const auto* milli = std::get_if<study::Milli>(&*asked.answer)) view.written = milli_text(milli->milli);
  if (q.type == QuestionType::kText) {
    if (const auto* word = std::get_if<study::Word>(&*asked.answer)) view.written = word->text;
  }
  view.has_no_marks = std::holds_alternative<study::NoMarks>(*asked.answer);
  return view;
}

std::string still_open(const study::Protocol& protocol, const CaseState& state) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < state.asked.size(); ++i) {
    const std::string& id = protocol.questions[state.asked[i].index].id;
    if (std::find(state.open.begin(), state.open.end(), id) != state.open.end()) {
      numbers.push_back(static_cast<int>(i) + 1);
    }
  }
  if (numbers.empty()) return state.is_too_early ? "Confirm opens in a moment." : "";
  std::string text = numbers.size() == 1 ? "Still open: question " : "Still open: questions ";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += (i == 0 ? "" : (i + 1 == numbers.size() ? " and " : ", ")) + std::to_string(numbers[i]);
  }
  return text;
}

AiView ai_view(const study::Arm& arm, const study::ItemAi& ai, const CaseState& state) {
  AiView view;
  view.is_waiting = !state.shows_ai && arm.shows_any() && arm.reveal == study::Reveal::kAfterAnswer;
  if (!state.shows_ai) return view;
  view.finding = ai.label;
  view.score = ai.score;
  view.threshold = ai.threshold;
  view.has_heatmap = ai.heatmap.has_value();
  view.scale = ai.heatmap ? ai.heatmap->scale : 1;
  view.map_meaning = map_meaning(arm.heatmap_method, "AI’s logit");
  view.has_toggle = arm.has_toggle;
  view.is_opacity_adjustable = arm.is_opacity_adjustable;
  view.is_on = state.is_heatmap_on;
  view.has_outline = state.has_outline;
  view.is_beside = state.is_beside;
  view.opacity_percent = state.opacity_percent;
  return view;
}

}  // namespace

ReadingPage page_of(const study::Protocol& protocol, const study::Arm& arm, const study::ItemAi& ai,
                    const CaseState& state) {
  ReadingPage page;
  page.code = state.code;
  page.position = state.position;
  page.n_readings = state.n_readings;
  page.progress = protocol.session.progress;
  page.ai = ai_view(arm, ai, state);
  int number = 0;
  std::set<std::string> taken;  // keys of the protocol's questions win over those of reports
  for (const Question& q : protocol.questions) {
    for (const std::string& key : q.keys) taken.insert(upper(key));
  }
  for (const CaseState::Asked& asked : state.asked) {
    page.questions.push_back(view_of(protocol.questions[asked.index], asked, ++number));
  }
  const auto report = [&](const std::string& key, const std::string& label, bool is_on) {
    page.flags.push_back({taken.insert(upper(key)).second ? upper(key) : "", label, is_on});
  };
  // The protocol's flags come first: their keys win over A and S, too.
  std::vector<FlagView> own;
  for (const study::FlagRule& flag : protocol.flags) {
    own.push_back({flag.key.empty() || !taken.insert(upper(flag.key)).second ? "" : upper(flag.key), flag.label,
                   state.flags.contains(flag.id)});
  }
  report("A", "Not assessable", state.is_not_assessable);
  report("S", "Seen before", state.is_seen_before);
  page.flags.insert(page.flags.end(), own.begin(), own.end());
  page.comment = state.comment;
  page.has_comments = protocol.session.has_comments;
  page.still_open = still_open(protocol, state);
  page.can_undo = state.can_undo;
  page.cover = state.cover;
  return page;
}

study::Answer chosen_answer(const Question& question, std::size_t option,
                            const std::optional<study::Answer>& before) {
  const std::vector<std::string> levels = levels_of(question);
  const std::string& level = levels.at(option);
  if (question.type != QuestionType::kMultichoice) return study::Word{level};
  study::Words words;
  for (const std::string& one : levels) {
    const bool was_in = before && study::says(*before, one);
    if (was_in != (one == level)) words.texts.push_back(one);
  }
  return words;
}

std::optional<study::Answer> written_answer(const Question& question, const std::string& text) {
  if (question.type == QuestionType::kText) {
    return text.empty() ? std::nullopt : std::optional<study::Answer>(study::Word{text});
  }
  std::string number = text;
  std::replace(number.begin(), number.end(), ',', '.');
  std::erase(number, ' ');
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size() || !std::isfinite(value)) return std::nullopt;
  if (value < question.min || value > question.max) return std::nullopt;
  return study::Milli{std::llround(value * 1000)};
}

}  // namespace rationale::ui
