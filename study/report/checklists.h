// Reporting checklists, filled from what the record proves. The items are paraphrased in our own words under the
// guideline's own numbers' topics; a journal's form asks for its own wording.
#pragma once

#include <string>
#include <vector>

#include "study/report/report_input.h"

namespace rationale::study {

enum class Filled { kRecord, kPart, kAuthor };  ///< the record proves it, a part of it, nothing of it

struct ChecklistItem {
  std::string topic;  ///< what the guideline asks for, in our words
  Filled filled = Filled::kAuthor;
  std::string answer;  ///< from the record; plain text; empty: author to state
};

struct Checklist {
  std::string name;  ///< "CONSORT-AI"
  std::vector<ChecklistItem> items;
};

/// STARD-AI, CONSORT-AI, DECIDE-AI and CLIX-M: the items that a reader study can answer, and those left to its author.
std::vector<Checklist> checklists(const ReportInput& input);

}  // namespace rationale::study
