// What must be in order before a study is locked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "study/allocation/allocation.h"
#include "study/coordinator/enrolment.h"
#include "study/protocol/protocol.h"

namespace rationale::study {

/// @throws Error (kRefused, "not_supported") naming the key for what this version cannot run
void check_supported(const Protocol& protocol);

/// @throws Error (kRefused, "not_enrolled") naming everybody who is missing
void check_enrolled(const Protocol& protocol, const Enrolment& enrolment);

/// Each reader sees both classes in each arm.
/// @throws Error (kInput, "one_class") naming reader and arm
void check_classes(const std::vector<Assignment>& rows,
                   const std::map<std::string, std::string>& truth, const std::string& positive);

}  // namespace rationale::study
