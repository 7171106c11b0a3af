// Tables in the manner of CDISC ADaM: ADSL (patients), ADRDR (readers), ADREAD (readings, one parameter a row).
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "study/export/reading_tables.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

/// What is known of a reader besides the readings; empty or -1: not known.
struct ReaderLabels {
  std::string site, group;
  int years = -1;
};

struct AdamTables {
  std::string adsl, adrdr, adread;  ///< CSV
};

/// USUBJID is the study and the patient, EVALID the reader, TRTP the arm. ADREAD has the parameters RATING, POSITIVE,
/// CONF and TIME, as far as the readings have them; missing readings have no record.
AdamTables adam_tables(const StudyReadings& study, const CaseLabels& labels, const std::string& study_id,
                       const std::map<std::string, ReaderLabels>& readers);

struct AdamVariable {
  const char* dataset;
  const char* name;      ///< at most 8 characters
  const char* label;     ///< at most 40
  const char* type;      ///< Char or Num
  const char* codelist;  ///< empty: free
  const char* origin;    ///< how it is made
};
std::span<const AdamVariable> adam_variables();

/// dataset,variable,label,type,codelist,origin: the define of the three tables.
std::string adam_define_csv();

}  // namespace rationale::study
