// One answer to one question of the protocol, and how it is written into an event.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "study/protocol/protocol.h"

namespace rationale::study {

/// "yes" or "no" of binary; a level of ordinal and choice; the words of text.
struct Word {
  std::string text;
  bool operator==(const Word&) const = default;
};
/// The chosen levels of multichoice, in the question's order; may be none of them.
struct Words {
  std::vector<std::string> texts;
  bool operator==(const Words&) const = default;
};
/// Where on the line of a vas: 0 at the left end, 1,000,000 at the right.
struct Ppm {
  std::int64_t ppm = 0;
  bool operator==(const Ppm&) const = default;
};
/// A number in thousandths of the question's unit.
struct Milli {
  std::int64_t milli = 0;
  bool operator==(const Milli&) const = default;
};
/// Marks: the reader says that there is nothing to mark. (Marks themselves are events of their own.)
struct NoMarks {
  bool operator==(const NoMarks&) const = default;
};

using Answer = std::variant<Word, Words, Ppm, Milli, NoMarks>;

/// {"value": "yes"}, {"value": ["a", "b"]}, {"value_ppm": n}, {"value_milli": n}, {"value_marks": 0};
/// {"value": null} for an answer taken back.
nlohmann::json answer_json(const std::optional<Answer>& answer);
/// Reads it from an object that may hold other entries. @throws Error (kInput, "bad_event")
std::optional<Answer> parse_answer(const nlohmann::json& body);

/// Why `answer` is none to `question` ("not a level of the question", ...); nothing if it is one.
std::optional<std::string> answer_fault(const Question& question, const Answer& answer);

/// The answer as it is stored: a vas on its nearest of `steps` places, multichoice in the question's
/// order; others as they are. @pre !answer_fault(question, answer)
Answer stored_answer(const Question& question, const Answer& answer);

/// Whether a show_if that asks for `word` is met: the word itself, or one of the words.
bool says(const Answer& answer, const std::string& word);

/// The longest text that may be typed, in bytes: of an answer, a comment.
inline constexpr std::size_t kLongestText = 4000;

}  // namespace rationale::study
