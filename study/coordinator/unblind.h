// The end of blinding: custodians open what was sealed, and it is held against what was locked.
#pragma once

#include <string>
#include <vector>

#include "study/allocation/allocation.h"
#include "study/coordinator/locked_study.h"
#include "study/exchange/blind_journal.h"

namespace rationale::study {

/// No reading is taken in any more. @param deviation  why, if packages are not read to the end; empty: all
///   must be @throws Error (kRefused, T17) naming the packages that are open
void close_study(LockedStudy& study, const std::string& deviation, UtcTime now);

/// Everything that was sealed, opened.
struct Opened {
  Seed seed;
  std::string truth, ai;               ///< CSV
  std::vector<Assignment> allocation;
  DataKey data_key;
};

/// @param shares  opened ones
/// @throws Error (kInput, "box_refused") with how many shares are needed, if they are too few or wrong
Opened open_sealed_study(LockedStudy& study, const std::vector<std::string>& shares);

/// What does not agree with the lock or with the allocation; empty: everything does. Recomputes the table
/// from protocol, cases, truth and seed, byte for byte, and holds every reading against it.
std::vector<std::string> verify_allocation(LockedStudy& study, const Opened& opened);

struct UnblindRequest {
  std::vector<std::string> shares;      ///< opened ones
  std::vector<std::string> custodians;  ///< who opened them
  std::string reason;
  UtcTime now{};
};

/// Verifies, writes down that it was unblinded (once), fills the tables of answers, and puts truth,
/// allocation, AI table and data key into the folder `unblinded` (mode 0600).
/// @throws Error (kRefused) unless the study is closed; (kInput, "allocation_differs") if anything does not
///   agree: then it stays blinded
Opened unblind_study(LockedStudy& study, const UnblindRequest& request);

/// What unblind_study put down, checked against the lock again.
/// @throws Error (kRefused) before unblinding
Opened read_unblinded(LockedStudy& study);

}  // namespace rationale::study
