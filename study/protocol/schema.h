// Every table and key of protocol format 1: type, whether it must be there, and what it may be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rationale::study {

enum class KeyType { kInteger, kNumber, kTruth, kText, kWord, kPath, kTexts, kWords };

/// What a text may be; `low` and `high` of the rule are its length in characters for kLength.
enum class TextForm { kAny, kLength, kId, kStudyId, kArmId, kReaderId, kLanguage, kHex64, kHex64OrNone };

struct KeyRule {
  const char* key;
  KeyType type;
  bool is_required = false;
  double low = 0, high = 0;          ///< numbers: range; lists: number of items
  TextForm form = TextForm::kAny;    ///< kText
  std::vector<const char*> words{};  ///< kWord, kWords: the allowed ones
  std::vector<int> numbers{};        ///< kInteger: the allowed ones, instead of the range
};

struct TableRule {
  const char* name;          ///< "" = the top of the file
  bool is_list = false;      ///< [[name]]
  bool is_required = false;
  std::vector<KeyRule> keys;
};

/// In the order of the reference (docs/protocol.md).
const std::vector<TableRule>& protocol_schema();

/// Whether `text` has the form. Lengths count characters (UTF-8), not bytes.
bool has_form(std::string_view text, TextForm form, double low, double high);

/// The form in words, for messages: "a-z, 0-9 and _, beginning with a letter, at most 32".
std::string form_words(TextForm form, double low, double high);

/// A path inside the study folder: not empty, not absolute, no "..", no backslash, no colon.
bool is_inner_path(std::string_view path);

}  // namespace rationale::study
