// Private to the report: what its pictures show of the readings themselves.
#pragma once

#include "study/report/report_input.h"

namespace rationale::study {

/// One reading, as far as the file has it.
struct ReadingRow {
  std::string reader, case_id, arm;
  int truth = 0;
  std::optional<double> rating, confidence, time_s;
  std::optional<bool> is_positive, is_ai_positive;
  bool is_not_assessable = false;
  bool is_read = false;  ///< has a rating, or a call that counts without one
  std::string period;
};

struct ReadingTable {
  std::vector<ReadingRow> rows;
  bool has_confidence = false, has_time = false, has_ai = false;
};

/// @param calls_without_rating  "negative", "positive" or both: calls that count without a rating (load of results.json)
/// @throws Error (kInput) if one of reader, case, arm, truth, rating is missing
ReadingTable reading_table(const CsvTable& csv, std::optional<double> positive_at, const std::string& calls_without_rating = {});

/// Whether the page's contrast has that arm.
bool is_compared(const ReportFacts& facts, const std::string& arm);

/// Counts of cases and readings of the contrast; the flow of the whole file where the facts have none.
void fill_flow(const ReadingTable& table, ReportInput& input);

/// Curves, counts that results.json does not hold, histogram, errors.
void fill_pictures(const ReadingTable& table, ReportInput& input);

/// Rates where the AI was right and wrong, and the switches where results.json does not hold them.
void fill_ai(const ReadingTable& table, ReportInput& input);

}  // namespace rationale::study
