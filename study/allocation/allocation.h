// Who reads which case when, in which arm: made from the seed alone, so that anybody who has it can make it
// again. golden/study, section 2.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "study/allocation/stream.h"
#include "study/protocol/protocol.h"

namespace rationale::study {

struct AllocationCase {
  std::string id;
  std::map<std::string, std::string> columns;  ///< public: strata
  std::string truth;                           ///< label; used if design.stratify_by_truth
};

struct AllocationInput {
  Design design;
  std::vector<std::string> readers;  ///< in protocol order
  std::vector<AllocationCase> cases;
};

struct Assignment {
  std::string reader;
  int block = 0;
  int period = 1;    ///< from 1
  int position = 1;  ///< from 1, within reader and period
  std::string case_id;
  std::string arm;   ///< id; sequential: ids joined by '>'
  int sequence = 0;  ///< row of the sequence table
  bool is_repeat = false;
  std::string code;  ///< 6 characters, this reader's name of the case

  bool operator==(const Assignment&) const = default;
};

/// Rows by reader (protocol order), period, position. Guaranteed: each case once an arm for each reader of
/// its block; within reader x stratum the sequence counts differ by at most 1 (all cases of a block
/// complete); for each case the counts over a block's readers differ by at most 1.
/// @throws Error (kInput) for no readers, no cases, a repeated id, or a stratum's column that is missing
std::vector<Assignment> allocate(const AllocationInput& input, const Seed& seed);

/// Williams sequences of `n_arms`: rows = sequences, columns = periods; values = arms in protocol order.
std::vector<std::vector<int>> williams_sequences(int n_arms);

/// Case codes of one reader, in byte order of the case ids: the first `n_characters` of Crockford base32 of
/// HMAC-SHA-256(seed, "rationale/study/blind/v1" 0x00 || reader || 0x00 || case); on a clash 0x00 || "1", "2" …
/// is appended to the message.
std::map<std::string, std::string> blind_codes(const Seed& seed, const std::string& reader,
                                               std::vector<std::string> cases,
                                               int n_characters = 6);

/// CSV with LF: reader,block,period,position,case,arm,sequence,repeat,code.
std::string allocation_table(const std::vector<Assignment>& rows);
/// SHA-256 of the table, 64 hex.
std::string allocation_digest(const std::vector<Assignment>& rows);
/// @throws Error (kInput) with the line for anything that allocation_table does not write
std::vector<Assignment> parse_allocation_table(std::string_view table, const std::string& name);

/// How many cases of the positive and of another class a reader sees in an arm.
struct ClassCounts {
  int positive = 0, negative = 0;
};
/// By (reader, arm), repeats left out. @param truth  case id → label
std::map<std::pair<std::string, std::string>, ClassCounts> class_counts(
    const std::vector<Assignment>& rows, const std::map<std::string, std::string>& truth,
    const std::string& positive);

}  // namespace rationale::study
