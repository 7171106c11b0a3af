#include "study/coordinator/study_export.h"

#include <fmt/format.h>

#include "study/coordinator/analysis.h"
#include "study/coordinator/readings_table.h"
#include "study/coordinator/study_tables.h"

namespace rationale::study {

ExportSet study_export(LockedStudy& study, const Opened& opened, const ExportParts& parts) {
  const Protocol& protocol = study.protocol();
  const ReadingsTable table = readings_table(study, opened);
  const AnalysedStudy analysis =
      analyse(table.csv, "readings.csv", options_of(protocol), study_facts(study, opened, table), plan_of(protocol));
  ExportSet set = analysis_files(analysis, reader_labels(protocol), parts);
  if (parts.contains(ExportPart::kTables)) {
    StudyTables tables = study_tables(study, opened);
    tables.files["repeats.csv"] = table.repeats_csv;
    set.files.merge(tables.files);
    set.codebook.insert(set.codebook.end(), tables.codebook.begin(), tables.codebook.end());
    for (CodebookRow row : readings_rows("repeats.csv", analysis.table.header)) set.codebook.push_back(std::move(row));
  }
  const std::string synthetic = protocol.study.is_synthetic ? "SYNTHETIC: " : "";
  add_guide(set, fmt::format("{}{} ({})", synthetic, protocol.study.title, protocol.study.id));
  return set;
}

}  // namespace rationale::study
