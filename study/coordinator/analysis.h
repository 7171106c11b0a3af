// From readings to the folder that a statistician gets: results.json, readings.csv, report.html, SHA256SUMS.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "data/image/load.h"
#include "study/coordinator/locked_study.h"
#include "study/coordinator/readings_table.h"
#include "study/coordinator/unblind.h"
#include "study/export/export.h"
#include "study/report/report_input.h"
#include "study/statistics/analysis_plan.h"
#include "study/statistics/study_readings.h"

namespace rationale::study {

struct AnalysedStudy {
  nlohmann::ordered_json results;  ///< with `provenance`: program, seed, digests of what it rests on
  std::string report_html;         ///< empty if the readings could not be loaded
  std::string csv, id, title;      ///< readings.csv; of the study
  CsvTable table;
  StudyReadings readings;
};

/// @param csv  readings.csv  @param name  for messages  @param facts  what is known of the study besides
/// @throws Error as load_readings
AnalysedStudy analyse(const std::string& csv, const std::string& name, const ReadingsOptions& options,
                 ReportFacts facts, const AnalysisPlan& plan = {});

/// readings.csv, results.json and the files of `parts` (export.h). @param readers  what is known of them
/// @pre the readings were loaded
ExportSet analysis_files(const AnalysedStudy& analysis, const std::map<std::string, ReaderLabels>& readers = {},
                         const ExportParts& parts = all_export_parts());

/// Writes them all, report.html, `further` tables of readings, a guide and SHA256SUMS into one folder.
void write_analysis(const std::filesystem::path& folder, const AnalysedStudy& analysis, const FileSet& further = {});

/// The arms of the protocol's contrast, control first, and the columns of its subgroups.
ReadingsOptions options_of(const Protocol& protocol);

/// The end points, their aims, margins and order; covariance and small-sample method; subgroups; the estimand.
AnalysisPlan plan_of(const Protocol& protocol);

/// Sites, groups and years of the protocol's readers.
std::map<std::string, ReaderLabels> reader_labels(const Protocol& protocol);

/// What an unblinded study tells its report: flow with every loss, digests, washout, deviations.
ReportFacts study_facts(LockedStudy& study, const Opened& opened, const ReadingsTable& table);

/// Analyses an unblinded study as its protocol says and writes the folder `out`.
/// @param sources  the folder that was locked, for example cases; empty: none
/// @param load     who reads their films; empty: this process
/// @return  results.json
nlohmann::ordered_json analyse_study(LockedStudy& study, const Opened& opened, const std::filesystem::path& sources,
                                     const std::filesystem::path& out, const LoadFilm& load = {});

}  // namespace rationale::study
