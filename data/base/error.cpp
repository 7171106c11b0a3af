#include "data/base/error.h"

#include <utility>

namespace rationale {

Error::Error(Kind error_kind, const std::string& what, std::string error_where,
             std::string error_remedy)
    : std::runtime_error(what),
      kind(error_kind),
      where(std::move(error_where)),
      remedy(std::move(error_remedy)) {}

Error Error::with_code(std::string error_code) const {
  Error copy = *this;
  copy.code = std::move(error_code);
  return copy;
}

int exit_code(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::kUsage:
      return 2;
    case Error::Kind::kInput:
      return 3;
    case Error::Kind::kRefused:
      return 4;
    case Error::Kind::kEnvironment:
      return 5;
    case Error::Kind::kInternal:
      return 70;
  }
  return 70;
}

const char* kind_name(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::kUsage:
      return "usage";
    case Error::Kind::kInput:
      return "input";
    case Error::Kind::kRefused:
      return "refused";
    case Error::Kind::kEnvironment:
      return "environment";
    case Error::Kind::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace rationale
