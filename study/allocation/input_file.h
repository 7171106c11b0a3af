// An allocation's input as JSON, so that a third party can make the table without a protocol.
#pragma once

#include <string>
#include <string_view>

#include "study/allocation/allocation.h"

namespace rationale::study {

struct AllocationRequest {
  Seed seed;
  AllocationInput input;
};

/// {"seed": 64 hex, "design": {kind, unit, arms, blocks, order, order_block, stratify_by_truth, strata,
/// repeats}, "readers": […], "columns": ["case", …], "cases": [[id, …], …], "truth": {id: label}}; further
/// entries are ignored.
/// @throws Error (kInput, "bad_allocation") naming the entry that is missing or wrong
AllocationRequest parse_allocation_request(std::string_view json, const std::string& name);

}  // namespace rationale::study
