#include "study/protocol/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/base/toml.h"
#include "study/protocol/findings.h"

namespace rationale::study {
namespace {

ProtocolCheck one_error(int line, const std::string& code, const std::string& message) {
  return {.errors = {{line, code, "", message}}, .warnings = {}};
}

/// The line at the end of "NAME:LINE".
int line_of(const Error& error) {
  const std::string text = error.where.substr(error.where.rfind(':') + 1);
  return static_cast<int>(parse_integer(text).value_or(1));
}

struct Checked {
  ProtocolCheck check;
  TomlValue document;
};

Checked check(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF") || bytes.find('\0') != bytes.npos) {
    return {one_error(1, "RS101", "a byte order mark or a zero byte; save it as plain UTF-8"), {}};
  }
  if (const auto at = first_invalid_utf8(bytes)) {
    const auto line = 1 + std::ranges::count(bytes.substr(0, *at), '\n');
    return {one_error(static_cast<int>(line), "RS101", "not UTF-8; save the file as UTF-8"), {}};
  }
  Checked result;
  try {
    result.document = parse_toml(bytes, "protocol");
  } catch (const Error& error) {
    return {one_error(line_of(error), "RS100", error.what()), {}};
  }
  const KeyLines lines(result.document);
  Findings findings(lines);
  check_structure(result.document, findings);
  if (!findings.has_errors()) check_together(protocol_values(result.document), findings);
  result.check = std::move(findings).sorted();
  return result;
}

}  // namespace

ProtocolCheck check_protocol(std::string_view bytes) { return check(bytes).check; }

Protocol parse_protocol(std::string_view bytes, const std::string& name) {
  const Checked checked = check(bytes);
  if (!checked.check.errors.empty()) {
    const Finding& first = checked.check.errors.front();
    const std::size_t others = checked.check.errors.size() - 1;
    throw Error(Error::Kind::kInput,
                first.path.empty() ? first.message
                                   : fmt::format("{}: {}", first.path, first.message),
                fmt::format("{}:{}", name, first.line),
                others == 0 ? "correct it; `rationale study check` checks the whole protocol"
                            : fmt::format("correct it and {} more that `rationale study check` lists",
                                          others))
        .with_code(first.code);
  }
  Protocol protocol = protocol_values(checked.document);
  for (Question& question : protocol.questions) {
    if (question.type == QuestionType::kBinary) question.levels = {"no", "yes"};
  }
  protocol.toml = bytes;
  protocol.sha256 = sha256_hex(bytes);
  return protocol;
}

}  // namespace rationale::study
