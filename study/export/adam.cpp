#include "study/export/adam.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "data/cases/csv.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

constexpr std::array kVariables{
    AdamVariable{"ADSL", "STUDYID", "Study Identifier", "Char", "", "study.id of the protocol, or the file's name"},
    AdamVariable{"ADSL", "USUBJID", "Unique Subject Identifier", "Char", "", "STUDYID, a hyphen, SUBJID"},
    AdamVariable{"ADSL", "SUBJID", "Patient", "Char", "", "column patient; else the case"},
    AdamVariable{"ADSL", "NCASES", "Number of Cases", "Num", "", "count"},
    AdamVariable{"ADSL", "NNORMAL", "Number of Normal Cases", "Num", "", "count of cases with truth 0"},
    AdamVariable{"ADSL", "NDISEASD", "Number of Diseased Cases", "Num", "", "count of cases with truth 1"},
    AdamVariable{"ADSL", "DISFL", "Any Diseased Case Flag", "Char", "Y, N", "Y if NDISEASD is above 0"},
    AdamVariable{"ADRDR", "STUDYID", "Study Identifier", "Char", "", "as ADSL"},
    AdamVariable{"ADRDR", "EVALID", "Reader", "Char", "", "column reader"},
    AdamVariable{"ADRDR", "SITEID", "Site", "Char", "", "protocol; empty: not known"},
    AdamVariable{"ADRDR", "RDRGRP", "Group of Readers", "Char", "", "protocol; empty: not known"},
    AdamVariable{"ADRDR", "YEARSEXP", "Years of Experience", "Num", "", "protocol; empty: not known"},
    AdamVariable{"ADRDR", "NREAD", "Number of Readings", "Num", "", "count of readings that are analysed"},
    AdamVariable{"ADREAD", "STUDYID", "Study Identifier", "Char", "", "as ADSL"},
    AdamVariable{"ADREAD", "USUBJID", "Unique Subject Identifier", "Char", "", "as ADSL"},
    AdamVariable{"ADREAD", "CASEID", "Case", "Char", "", "column case"},
    AdamVariable{"ADREAD", "EVALID", "Reader", "Char", "", "column reader"},
    AdamVariable{"ADREAD", "TRTP", "Planned Treatment: Arm of the Reading", "Char", "", "column arm"},
    AdamVariable{"ADREAD", "TRTPN", "Planned Treatment (N)", "Num", "", "place of the arm; 1 is the control"},
    AdamVariable{"ADREAD", "APERIOD", "Period", "Num", "", "column period; empty: none"},
    AdamVariable{"ADREAD", "TRUTH", "Truth", "Char", "NORMAL, DISEASED", "column truth"},
    AdamVariable{"ADREAD", "TRUTHN", "Truth (N)", "Num", "0, 1", "column truth"},
    AdamVariable{"ADREAD", "STRATUM", "Stratum of the Case", "Char", "", "column stratum; empty: none"},
    AdamVariable{"ADREAD", "AIPOSFL", "AI Flagged the Case", "Char", "Y, N", "column ai_positive; empty: not known"},
    AdamVariable{"ADREAD", "PARAMCD", "Parameter Code", "Char", "RATING, POSITIVE, CONF, TIME", "assigned"},
    AdamVariable{"ADREAD", "PARAM", "Parameter", "Char", "", "one for each PARAMCD, with its unit"},
    AdamVariable{"ADREAD", "PARAMN", "Parameter (N)", "Num", "1, 2, 3, 4", "assigned"},
    AdamVariable{"ADREAD", "AVAL", "Analysis Value", "Num", "", "columns rating, positive, confidence, time_s"},
    AdamVariable{"ADREAD", "AVALC", "Analysis Value (C)", "Char", "Y, N", "POSITIVE only: Y if AVAL is 1"},
    AdamVariable{"ADREAD", "ASEQ", "Analysis Sequence Number", "Num", "", "place of the record in its USUBJID, from 1"},
    AdamVariable{"ADREAD", "ANL01FL", "Analysis Flag 01", "Char", "Y", "Y: it is in the primary analysis set"},
};

struct Parameter {
  const char* code;
  const char* name;
};
constexpr std::array kParameters{Parameter{"RATING", "Rating (higher is more suspicious)"},
                                 Parameter{"POSITIVE", "Called Positive"}, Parameter{"CONF", "Confidence (0 to 100)"},
                                 Parameter{"TIME", "Active Reading Time (s)"}};

std::array<std::optional<double>, kParameters.size()> values_of(const ReadingRecord& one) {
  std::optional<double> positive;
  if (one.is_positive) positive = *one.is_positive ? 1 : 0;
  return {one.rating, positive, one.confidence, one.time_s};
}

std::string header_of(std::string_view dataset) {
  std::vector<std::string> cells;
  for (const AdamVariable& one : kVariables) {
    if (dataset == one.dataset) cells.emplace_back(one.name);
  }
  return csv_line(cells);
}

struct Patient {
  int n_normal = 0, n_diseased = 0;
  int n_records = 0;
};

}  // namespace

std::span<const AdamVariable> adam_variables() { return kVariables; }

std::string adam_define_csv() {
  std::string csv = header_line("adam_define.csv");
  for (const AdamVariable& one : kVariables) {
    csv +=
        csv_line({one.dataset, one.name, csv_cell(one.label), one.type, csv_cell(one.codelist), csv_cell(one.origin)});
  }
  return csv;
}

AdamTables adam_tables(const StudyReadings& study, const CaseLabels& labels, const std::string& study_id,
                       const std::map<std::string, ReaderLabels>& readers) {
  const auto patient_of = [&](const std::string& id) {
    const auto found = labels.patient.find(id);
    return found == labels.patient.end() || found->second.empty() ? id : found->second;
  };
  const auto subject = [&](const std::string& patient) { return csv_text_cell(study_id + "-" + patient); };
  const std::string study_cell = csv_text_cell(study_id);
  std::map<std::string, Patient> patients;
  for (const std::string& id : study.normal) ++patients[patient_of(id)].n_normal;
  for (const std::string& id : study.diseased) ++patients[patient_of(id)].n_diseased;

  AdamTables tables{.adsl = header_of("ADSL"), .adrdr = header_of("ADRDR"), .adread = header_of("ADREAD")};
  for (const auto& [name, one] : patients) {
    tables.adsl +=
        csv_line({study_cell, subject(name), csv_text_cell(name), std::to_string(one.n_normal + one.n_diseased),
                  std::to_string(one.n_normal), std::to_string(one.n_diseased), one.n_diseased > 0 ? "Y" : "N"});
  }
  for (std::size_t j = 0; j < study.readers.size(); ++j) {
    const auto found = readers.find(study.readers[j]);
    const ReaderLabels known = found == readers.end() ? ReaderLabels{} : found->second;
    const auto n = std::ranges::count(study.records, static_cast<int>(j), &ReadingRecord::reader);
    tables.adrdr +=
        csv_line({study_cell, csv_text_cell(study.readers[j]), csv_text_cell(known.site), csv_text_cell(known.group),
                  known.years < 0 ? "" : std::to_string(known.years), std::to_string(n)});
  }
  for (const ReadingRecord& one : study.records) {
    const std::string& id = (one.is_diseased ? study.diseased : study.normal)[static_cast<std::size_t>(one.case_index)];
    const std::string patient = patient_of(id);
    const auto stratum = labels.stratum.find(id);
    const auto values = values_of(one);
    for (std::size_t p = 0; p < kParameters.size(); ++p) {
      if (!values[p]) continue;
      const bool is_flag = kParameters[p].code == std::string_view("POSITIVE");
      tables.adread +=
          csv_line({study_cell, subject(patient), csv_text_cell(id),
                    csv_text_cell(study.readers[static_cast<std::size_t>(one.reader)]),
                    csv_text_cell(study.arms[static_cast<std::size_t>(one.arm)]), std::to_string(one.arm + 1),
                    one.period ? std::to_string(*one.period) : "", one.is_diseased ? "DISEASED" : "NORMAL",
                    one.is_diseased ? "1" : "0", stratum == labels.stratum.end() ? "" : csv_text_cell(stratum->second),
                    !one.is_ai_positive   ? ""
                    : *one.is_ai_positive ? "Y"
                                          : "N",
                    kParameters[p].code, kParameters[p].name, std::to_string(p + 1), csv_number(*values[p]),
                    !is_flag          ? ""
                    : *values[p] == 1 ? "Y"
                                      : "N",
                    std::to_string(++patients[patient].n_records), "Y"});
    }
  }
  return tables;
}

}  // namespace rationale::study
