// The end of blinding: custodians open what was sealed, and it is held against what was locked.
#pragma once

#include <string>
#include <vector>

#include "study/allocation/allocation.h"
#include "study/coordinator/locked_study.h"
#include "study/coordinator/sealed_set.h"
#include "study/exchange/blind_journal.h"

namespace rationale::study {

/// No reading is taken in any more. @param deviation  why, if packages are not read to the end; empty: all
///   must be @throws Error (kRefused, T17) naming the packages that are open
void close_study(LockedStudy& study, const std::string& deviation, UtcTime now);

/// Everything that was sealed, opened.
struct Opened {
  Seed seed;
  Unsealed truth, ai;                  ///< CSV
  std::vector<Assignment> allocation;
  DataKey data_key;
};

/// @param shares  opened ones
/// @throws Error (kInput, "box_refused") with how many shares are needed, if they are too few or wrong; (kInput,
///   "commitment") naming what is not what the certificate committed to
Opened open_sealed_study(LockedStudy& study, const std::vector<std::string>& shares);

/// What does not follow from the lock; empty: everything does. Recomputes the table from protocol, cases, truth
/// and seed, byte for byte.
std::vector<std::string> verify_allocation(LockedStudy& study, const Opened& opened);

/// Whether a reading is the one that `row` asks for: same case, same place.
bool is_of(const Reading& reading, const Assignment& row);

/// A reading that cannot be used: it does not open, answers no question, or is not the allocated one. It counts
/// as not read.
struct ReadingFault {
  std::string reader, code, text;
};
std::vector<ReadingFault> reading_faults(LockedStudy& study, const Opened& opened);

struct UnblindRequest {
  std::vector<std::string> shares;      ///< opened ones
  std::vector<std::string> custodians;  ///< who opened them
  std::string reason;
  UtcTime now{};
};

/// Verifies, writes down that it was unblinded (once, with a deviation for each reading that cannot be used),
/// fills the tables of answers, and only then puts truth, allocation, AI table and data key into the folder
/// `unblinded` (mode 0600). Of an unblinded study it writes that folder again and nothing else.
/// @throws Error (kRefused) before the study is closed; (kInput, "allocation_differs") if what was sealed does
///   not agree with the lock: then it stays blinded; (kInput, "data_differs") as read_unblinded
Opened unblind_study(LockedStudy& study, const UnblindRequest& request);

/// What unblind_study put down, checked against the certificate again, and the logs against what they were then.
/// @throws Error (kRefused) before unblinding; (kInput, "commitment") naming the file that was changed; (kInput,
///   "data_differs") if the logs are not those that were unblinded
Opened read_unblinded(LockedStudy& study);

}  // namespace rationale::study
