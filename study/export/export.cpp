#include "study/export/export.h"

#include <fmt/format.h>

#include <array>

#include "check_all.R.h"
#include "check_base.R.h"
#include "check_geepack.R.h"
#include "check_lme4.R.h"
#include "check_mrmcaov.R.h"
#include "check_proc.R.h"
#include "check_rjafroc.R.h"
#include "common.R.h"
#include "study/export/flat_results.h"
#include "study/export/imrmc.h"
#include "study/export/peer_names.h"
#include "study/export/reading_tables.h"
#include "study/export/rjafroc.h"

namespace rationale::study {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> kScripts{{
    {"check_all.R", scripts::kCheckAllR},
    {"check_base.R", scripts::kCheckBaseR},
    {"check_geepack.R", scripts::kCheckGeepackR},
    {"check_lme4.R", scripts::kCheckLme4R},
    {"check_mrmcaov.R", scripts::kCheckMrmcaovR},
    {"check_proc.R", scripts::kCheckProcR},
    {"check_rjafroc.R", scripts::kCheckRjafrocR},
    {"common.R", scripts::kCommonR},
}};

[[maybe_unused]] constexpr const char* kNoWorkbook = "this build has no libxlsxwriter";

struct FileWords {
  const char *file, *words;
};
constexpr std::array kFileWords{
    FileWords{"readings.csv", "the readings, a row for each reader, case and arm"},
    FileWords{"long.csv", "the same as they were analysed: only readings with a rating, in a fixed order"},
    FileWords{"repeats.csv", "cases that a reader saw again at the end of the last period; analysed apart"},
    FileWords{"results.json", "every result, with full precision, and where it comes from (provenance)"},
    FileWords{"results.csv", "the same as a table: a row a number or word"},
    FileWords{"report.html", "the report"},
    FileWords{"id_map.csv", "what readers, arms and cases are called in the files of other programs"},
    FileWords{"mrmcaov.csv", "for MRMCaov (R)"},
    FileWords{"readings.imrmc", "for iMRMC (Java, R)"},
    FileWords{"rjafroc.xlsx", "for RJafroc (R)"},
    FileWords{"adsl.csv", "in the manner of CDISC ADaM: patients"},
    FileWords{"adrdr.csv", "readers"},
    FileWords{"adread.csv", "readings, one parameter a row"},
    FileWords{"adam_define.csv", "labels, types and origins of these tables' variables"},
    FileWords{"answers.csv", "every answer that counted, a row for each reading and question"},
    FileWords{"marks.csv", "every mark on a film"},
    FileWords{"truth.csv", "the truth of a free-response study, as given"},
    FileWords{"events.csv", "every event of every reading, in order"},
    FileWords{"acts.csv", "what the coordinator did, in order"},
    FileWords{"deviations.csv", "deviations from the protocol"},
    FileWords{"allocation.csv", "who was to read which case when, in which arm; its SHA-256 is in lock.json"},
    FileWords{"protocol.toml", "the protocol as it was locked"},
    FileWords{"lock.json", "the certificate of the lock"},
    FileWords{"R/check_all.R", "computes the results anew in R and compares: Rscript R/check_all.R"},
    FileWords{"codebook.csv", "every column of every table: type, unit, values, meaning"},
};

bool is_missing_a_truth(const StudyReadings& study) { return study.normal.empty() || study.diseased.empty(); }

void add_imrmc(ExportSet& set, const ExportInput& input, const StudyNames& names) {
  if (is_missing_a_truth(input.readings)) {
    set.left_out.push_back({"readings.imrmc", "one_truth", "iMRMC needs normal and diseased cases"});
    return;
  }
  set.files["readings.imrmc"] = imrmc_text(input.readings, names, input.title);
  if (loses_readers_in_imrmc(input.readings)) {
    set.notes.emplace_back(
        "iMRMC (Java) silently leaves out a reader who read two or fewer normal, or diseased, cases in an "
        "arm: its number of readers will be smaller than here.");
  }
}

void add_rjafroc(ExportSet& set, const ExportInput& input, const StudyNames& names) {
  if (is_missing_a_truth(input.readings)) {
    set.left_out.push_back({"rjafroc.xlsx", "one_truth", "RJafroc needs normal and diseased cases"});
  } else if (const auto why = why_no_workbook(input.readings)) {
    set.left_out.push_back({"rjafroc.xlsx", why->code, why->reason});
  } else {
#ifdef RATIONALE_HAS_WORKBOOK
    set.files["rjafroc.xlsx"] = workbook(rjafroc_sheets(input.readings, names));
#else
    set.left_out.push_back({"rjafroc.xlsx", "not_built", kNoWorkbook});
    static_cast<void>(names);
#endif
  }
}

void add_mrmcaov(ExportSet& set, const ExportInput& input, const StudyNames& names) {
  if (is_missing_a_truth(input.readings)) {
    set.left_out.push_back(
        {"mrmcaov.csv", "one_truth", "MRMCaov needs normal and diseased cases, even for specificity"});
    return;
  }
  set.files["mrmcaov.csv"] = mrmcaov_csv(input.readings, names);
}

void add_adam(ExportSet& set, const ExportInput& input, const CaseLabels& labels) {
  AdamTables tables = adam_tables(input.readings, labels, input.study_id, input.readers);
  set.files["adsl.csv"] = std::move(tables.adsl);
  set.files["adrdr.csv"] = std::move(tables.adrdr);
  set.files["adread.csv"] = std::move(tables.adread);
  set.files["adam_define.csv"] = adam_define_csv();
}

void add_codebook_rows(ExportSet& set) {
  for (CodebookRow& one : peer_file_rows()) {
    if (set.files.contains(one.file)) set.codebook.push_back(std::move(one));
  }
}

}  // namespace

ExportParts all_export_parts() {
  using enum ExportPart;
  return {kTables, kImrmc, kRjafroc, kMrmcaov, kAdam, kScripts};
}

ExportSet export_readings(const ExportInput& input, const ExportParts& parts) {
  const StudyNames original = names_of(input.readings), names = peer_names(original);
  const CaseLabels labels = case_labels(input.table);
  ExportSet set;
  set.files["id_map.csv"] = id_map_csv(original, names);
  if (parts.contains(ExportPart::kTables)) {
    set.files["long.csv"] = long_csv(input.readings, labels);
    set.files["results.csv"] = flat_results_csv(input.results);
  }
  const auto add_rated = [&](ExportPart part, const char* file, const auto& add) {
    if (!parts.contains(part)) return;
    if (input.readings.calls_without_rating.empty()) return add(set, input, names);
    set.left_out.push_back({file, "no_ratings", "no reading called " + input.readings.calls_without_rating + " has a rating"});
  };
  add_rated(ExportPart::kImrmc, "readings.imrmc", add_imrmc);
  add_rated(ExportPart::kRjafroc, "rjafroc.xlsx", add_rjafroc);
  add_rated(ExportPart::kMrmcaov, "mrmcaov.csv", add_mrmcaov);
  if (parts.contains(ExportPart::kAdam)) add_adam(set, input, labels);
  if (parts.contains(ExportPart::kScripts)) {
    for (const auto& [name, text] : kScripts) set.files[std::string("R/") + name] = text;
  }
  add_codebook_rows(set);
  if (input.readings.patients().is_clustered()) {
    set.notes.emplace_back(
        "Patients have several cases. iMRMC, RJafroc and MRMCaov take every case for a patient of its own: "
        "their standard errors are not ours.");
  }
  return set;
}

ExportSet export_froc(const FrocStudy& study, const CsvTable& marks, const CsvTable& truth,
                      const nlohmann::ordered_json& results) {
  ExportSet set;
  set.files["results.json"] = results.dump(1) + "\n";
  set.files["results.csv"] = flat_results_csv(results);
#ifdef RATIONALE_HAS_WORKBOOK
  auto made = rjafroc_froc(study, marks, truth);
  if (const auto* why = std::get_if<NotEstimable>(&made)) {
    set.left_out.push_back({"rjafroc.xlsx", why->code, why->reason});
  } else {
    set.files["rjafroc.xlsx"] = workbook(std::get<FrocExport>(made).sheets);
    set.files["id_map.csv"] = std::move(std::get<FrocExport>(made).id_map_csv);
  }
#else
  static_cast<void>(study), static_cast<void>(marks), static_cast<void>(truth);
  set.left_out.push_back({"rjafroc.xlsx", "not_built", kNoWorkbook});
#endif
  add_codebook_rows(set);
  for (const char* column : {"reader", "arm", "case", "lesion", "rating"}) {
    set.codebook.push_back({"marks.csv", column, "text", "", "", "as given: a row a mark; lesion 0: it hits none"});
  }
  for (const char* column : {"case", "truth", "lesion", "weight"}) {
    set.codebook.push_back({"truth.csv", column, "text", "", "", "as given: a row a normal case or a lesion"});
  }
  return set;
}

void add_guide(ExportSet& set, const std::string& title) {
  set.files["codebook.csv"] = codebook_csv(set.codebook);
  std::string text = title + "\n\nFiles (SHA256SUMS has their checksums: sha256sum -c SHA256SUMS)\n";
  for (const auto& [file, words] : kFileWords) {
    if (set.files.contains(file)) text += fmt::format("  {:<18} {}\n", file, words);
  }
  if (!set.left_out.empty()) text += "\nNot here\n";
  for (const LeftOut& one : set.left_out) text += fmt::format("  {:<18} {}\n", one.file, one.reason);
  if (!set.notes.empty()) text += "\nTo know\n";
  for (const std::string& note : set.notes) text += fmt::format("  {}\n", note);
  set.files["README.txt"] = text;
}

}  // namespace rationale::study
