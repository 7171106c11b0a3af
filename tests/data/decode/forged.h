// What a reader of a decode process's bytes says of them.
#pragma once

#include <string>

#include "data/base/error.h"
#include "tests/support/catch.h"

namespace rationale::test {

/// The code with which `read(bytes, "x.dcm")` refuses them, as bad input of that file; "taken" if it does not.
template <typename Read>
std::string refusal_by(const Read& read, const std::string& bytes) {
  try {
    read(bytes, "x.dcm");
    return "taken";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK(error.where == "x.dcm");
    return error.code;
  }
}

}  // namespace rationale::test
