#include "study/session/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kWhole = 1000000;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Error::Kind::kInput, "not an answer: " + what, "the body of an event")
      .with_code("bad_event");
}

std::int64_t integer_of(const Json& value, std::string_view name) {
  if (!value.is_number_integer()) refuse(fmt::format("{} is not an integer", name));
  return value.get<std::int64_t>();
}

std::vector<std::string> levels_of(const Question& question) {
  if (question.type == QuestionType::kBinary && question.levels.empty()) return {"no", "yes"};
  return question.levels;
}

bool is_level(const Question& question, const std::string& word) {
  const auto levels = levels_of(question);
  return std::ranges::find(levels, word) != levels.end();
}

struct FaultOf {
  const Question& question;
  using Fault = std::optional<std::string>;

  Fault operator()(const Word& word) const {
    switch (question.type) {
      case QuestionType::kBinary:
      case QuestionType::kOrdinal:
      case QuestionType::kChoice:
        if (is_level(question, word.text)) return std::nullopt;
        return fmt::format("\"{}\" is no level of the question", word.text);
      case QuestionType::kText:
        if (word.text.size() > kLongestText) {
          return fmt::format("longer than {} bytes", kLongestText);
        }
        if (first_invalid_utf8(word.text)) return "not UTF-8";
        return std::nullopt;
      default:
        return "a word does not answer this type of question";
    }
  }
  Fault operator()(const Words& words) const {
    if (question.type != QuestionType::kMultichoice) return "several words answer multichoice only";
    for (std::size_t i = 0; i < words.texts.size(); ++i) {
      const auto& word = words.texts[i];
      if (!is_level(question, word)) return fmt::format("\"{}\" is no level", word);
      if (std::find(words.texts.begin(), words.texts.begin() + static_cast<std::ptrdiff_t>(i),
                    word) != words.texts.begin() + static_cast<std::ptrdiff_t>(i)) {
        return fmt::format("\"{}\" stands twice", word);
      }
    }
    return std::nullopt;
  }
  Fault operator()(const Ppm& place) const {
    if (question.type != QuestionType::kVas) return "a place on a line answers vas only";
    if (place.ppm < 0 || place.ppm > kWhole) return "outside 0..1000000 ppm";
    return std::nullopt;
  }
  Fault operator()(const Milli& number) const {
    if (question.type != QuestionType::kNumber) return "a number answers number only";
    const double value = static_cast<double>(number.milli) / 1000;
    if (value < question.min || value > question.max) {
      return fmt::format("outside {}..{}", question.min, question.max);
    }
    return std::nullopt;
  }
  Fault operator()(const NoMarks&) const {
    if (question.type != QuestionType::kMarks) return "\"no marks\" answers marks only";
    return std::nullopt;
  }
};

}  // namespace

Json answer_json(const std::optional<Answer>& answer) {
  if (!answer) return {{"value", nullptr}};
  struct Writer {
    Json operator()(const Word& word) const { return {{"value", word.text}}; }
    Json operator()(const Words& words) const { return {{"value", words.texts}}; }
    Json operator()(const Ppm& place) const { return {{"value_ppm", place.ppm}}; }
    Json operator()(const Milli& number) const { return {{"value_milli", number.milli}}; }
    Json operator()(const NoMarks&) const { return {{"value_marks", 0}}; }
  };
  return std::visit(Writer{}, *answer);
}

std::optional<Answer> parse_answer(const Json& body) {
  if (!body.is_object()) refuse("no object");
  int n_values = 0;
  for (const char* name : {"value", "value_ppm", "value_milli", "value_marks"}) {
    n_values += body.contains(name) ? 1 : 0;
  }
  if (n_values != 1) refuse("exactly one value is wanted");
  if (body.contains("value_ppm")) return Ppm{integer_of(body["value_ppm"], "value_ppm")};
  if (body.contains("value_milli")) return Milli{integer_of(body["value_milli"], "value_milli")};
  if (body.contains("value_marks")) {
    if (integer_of(body["value_marks"], "value_marks") != 0) refuse("value_marks is 0 only");
    return NoMarks{};
  }
  const Json& value = body["value"];
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return Word{value.get<std::string>()};
  if (!value.is_array()) refuse("a value is a string, a list of strings or null");
  Words words;
  for (const Json& word : value) {
    if (!word.is_string()) refuse("a value is a string, a list of strings or null");
    words.texts.push_back(word.get<std::string>());
  }
  return words;
}

std::optional<std::string> answer_fault(const Question& question, const Answer& answer) {
  return std::visit(FaultOf{question}, answer);
}

Answer stored_answer(const Question& question, const Answer& answer) {
  if (const auto* place = std::get_if<Ppm>(&answer)) {
    const auto n_gaps = static_cast<std::int64_t>(std::max(question.steps, 2) - 1);
    const std::int64_t step = (place->ppm * n_gaps + kWhole / 2) / kWhole;
    return Ppm{(step * kWhole + n_gaps / 2) / n_gaps};
  }
  if (const auto* words = std::get_if<Words>(&answer)) {
    Words ordered;
    for (const auto& level : question.levels) {
      if (std::ranges::find(words->texts, level) != words->texts.end()) {
        ordered.texts.push_back(level);
      }
    }
    return ordered;
  }
  return answer;
}

bool says(const Answer& answer, const std::string& word) {
  if (const auto* single = std::get_if<Word>(&answer)) return single->text == word;
  if (const auto* several = std::get_if<Words>(&answer)) {
    return std::ranges::find(several->texts, word) != several->texts.end();
  }
  return false;
}

}  // namespace rationale::study
