// readings.csv as matrices: who read what in which arm, and how it was called.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/cases/csv.h"
#include "study/statistics/case_readings.h"

namespace rationale::study {

struct ReadingsOptions {
  std::vector<std::string> arms;      ///< in the order of the difference; empty: hidden, visible
  std::optional<double> positive_at;  ///< rating at or above is positive, where no column says so
  /// Further ones that divide the cases, such as "sex"; missing ones are left out. A case has one value of each: else the
  /// error is "conflicting_sex", with both lines.
  std::vector<std::string> columns;
};

/// Why a file cannot be analysed, as degenerate.json words it.
struct LoadError {
  std::string code, reason;
  int line = 0, first_line = 0;  ///< 0: none
};

/// One reading; cells that the file lacks are empty.
struct ReadingRecord {
  int arm = 0, reader = 0;
  int case_index = 0;  ///< within the cases of its truth
  bool is_diseased = false;
  std::optional<double> rating;             ///< empty only of calls_without_rating
  std::optional<bool> is_positive, is_ai_positive;
  std::optional<double> confidence, time_s;
  std::optional<int> period, position;      ///< place among the reader's readings of that period
  std::optional<int> previous_arm;          ///< of the item before it in that order, read or not; empty: it was of no arm here
  std::optional<double> days_since_last;    ///< since that reader saw that case before
  std::optional<double> heatmap_on_s, heatmap_toggles;
};

/// A reading that was planned and has neither a rating nor a call that counts without one.
struct MissingReading {
  int arm = 0, reader = 0, case_index = 0;
  bool is_diseased = false;
};

struct StudyReadings {
  std::vector<std::string> arms, readers;      ///< readers in natural order (R2 before R10)
  std::vector<std::string> normal, diseased;   ///< case ids, natural order
  std::vector<int> normal_patient, diseased_patient;  ///< of each case; one numbering, natural order
  std::vector<ReadingRecord> records;          ///< in that order: reader, arm, truth, case
  std::size_t n_rows = 0, n_missing = 0;       ///< missing: an empty or NA rating, unless of calls_without_rating
  std::vector<MissingReading> missing;         ///< of readers and cases that have other readings
  /// Of each wanted column that the file has: the value of each normal and each diseased case. Not kept by where().
  std::map<std::string, std::array<std::vector<std::string>, 2>> columns;
  bool has_decisions = false;
  /// "negative", "positive" or both: no reading that the column positive calls so has a rating (nobody was asked for one).
  /// Such a reading counts for every rate, and areas under curves are not defined. Empty: a reading has a rating.
  std::string calls_without_rating;
  std::string positive;                        ///< "column positive", "rating >= 4" or empty
  bool is_fully_crossed = false;

  /// Ratings of the cases with one truth; cells arm-major.
  CaseReadings ratings(bool diseased_cases) const;
  /// Decisions (0, 1). @param ai_right  only cases where the AI was right (or wrong)
  CaseReadings decisions(bool diseased_cases, std::optional<bool> ai_right = {}) const;
  PatientFacts patients() const;
  /// Only the cases with that value (or any other) of a column, for all readers. @pre columns has it
  StudyReadings where(const std::string& column, const std::string& value, bool is_same) const;
  /// Periods 1 and 2 in the place of the arms; readings of other periods, or of none, are left out.
  StudyReadings by_period() const;
  /// Only those arms, in that order; with the readers and cases that have a reading there.
  StudyReadings with_arms(const std::vector<int>& some) const;
  bool has_patient_column = false;
};

struct LoadedReadings {
  StudyReadings readings;
  std::optional<LoadError> error;  ///< then `readings` is empty
};

/// Columns reader, case, arm, truth, rating; optionally patient, positive, confidence, time_s, period, position,
/// ai_positive, days_since_last, heatmap_on_s, heatmap_toggles. A case without a patient is a patient of its own.
/// @throws Error (kInput) for missing columns; (kUsage, "which_arms") if the arms are not the given ones
LoadedReadings load_readings(const CsvTable& table, const ReadingsOptions& options);

/// Whether `a` comes before `b` when runs of digits count as numbers.
bool comes_naturally_before(const std::string& a, const std::string& b);

}  // namespace rationale::study
