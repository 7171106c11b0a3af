// The one exception type: what went wrong, where, and what the user can do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace rationale {

/// Says what went wrong, where, and what the user can do about it.
class Error : public std::runtime_error {
 public:
  /// Decides the exit code: usage 2, input 3, refused 4, environment 5, internal 70.
  enum class Kind { kUsage, kInput, kRefused, kEnvironment, kInternal };

  Error(Kind kind, const std::string& what, std::string where = {}, std::string remedy = {});

  /// The same error with a stable word that scripts can test, such as "unknown_layer".
  Error with_code(std::string code) const;

  Kind kind;
  std::string where;   ///< file, line, DICOM tag or field; may be empty
  std::string remedy;  ///< one sentence in the imperative; may be empty
  std::string code;    ///< stable, snake_case; empty means the name of the kind
};

/// The process exit code of a kind (contract: 2, 3, 4, 5, 70).
int exit_code(Error::Kind kind);

/// "usage", "input", "refused", "environment" or "internal".
const char* kind_name(Error::Kind kind);

}  // namespace rationale
