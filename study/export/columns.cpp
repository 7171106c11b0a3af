#include "study/export/columns.h"

#include <algorithm>
#include <array>

#include "data/cases/csv.h"

namespace rationale::study {
namespace {

/// Columns that several tables have, with one meaning in all. The first ones are those of readings.csv.
constexpr std::array kShared{
    Column{"reader", "text", "", "", "who read"},
    Column{"case", "text", "", "", "what was read"},
    Column{"arm", "text", "", "", "how it was shown; a difference is second arm minus first (id_map.csv has their order)"},
    Column{"truth", "flag", "", "0, 1", "1: diseased"},
    Column{"rating", "number", "", "", "higher is more suspicious; empty: missing reading, never 0"},
    Column{"patient", "text", "", "", "whom the case belongs to: the unit that was sampled"},
    Column{"positive", "flag", "", "0, 1", "the decision at the operating point"},
    Column{"confidence", "number", "points", "0 to 100", "of the decision"},
    Column{"time_s", "number", "s", "above 0", "active reading time: idle and covered time left out"},
    Column{"period", "integer", "", "from 1", "in which the case was read"},
    Column{"sequence", "text", "", "", "row of the table of sequences"},
    Column{"stratum", "text", "", "", "the protocol's strata of the case, joined by |"},
    Column{"ai_positive", "flag", "", "0, 1", "the AI flagged the case"},
    Column{"position", "integer", "", "from 1", "place of the case in the reader's period"},
    Column{"code", "text", "", "", "the name that the reader saw"},
    Column{"seen_before", "flag", "", "0, 1", "the reader said so"},
    Column{"not_assessable", "flag", "", "0, 1", "the reader said so: no rating"},
    Column{"days_since_last", "number", "days", "above 0", "since the reader last opened the case; empty: the first time"},
    Column{"heatmap_on_s", "number", "s", "from 0", "how long the heatmap was on; empty: none to see, or not known"},
    Column{"heatmap_toggles", "integer", "", "from 0", "how often it was switched on or off"},
    Column{"repeat", "flag", "", "0, 1", "1: shown again; analysed apart"},
};
constexpr std::size_t kReadingColumns = kShared.size() - 1;

/// A column of a file; without a type it is the shared one of that name.
struct Entry {
  const char* file;
  Column column;
};

constexpr std::array kEntries{
    Entry{"long.csv", {"reader"}},
    Entry{"long.csv", {"case"}},
    Entry{"long.csv", {"patient"}},
    Entry{"long.csv", {"arm"}},
    Entry{"long.csv", {"truth"}},
    Entry{"long.csv", {"rating"}},
    Entry{"long.csv", {"positive"}},
    Entry{"long.csv", {"confidence"}},
    Entry{"long.csv", {"time_s"}},
    Entry{"long.csv", {"period"}},
    Entry{"long.csv", {"ai_positive"}},
    Entry{"mrmcaov.csv", {"reader", "text", "", "", "reader, name of id_map.csv"}},
    Entry{"mrmcaov.csv", {"treatment", "text", "", "", "arm, name of id_map.csv; MRMCaov's difference is first minus second"}},
    Entry{"mrmcaov.csv", {"case", "integer", "", "", "case, number of id_map.csv"}},
    Entry{"mrmcaov.csv", {"truth", "flag", "", "0, 1", "1: diseased"}},
    Entry{"mrmcaov.csv", {"rating", "number", "", "", "as in long.csv"}},
    Entry{"mrmcaov.csv", {"positive", "flag", "", "0, 1", "as in long.csv; only there if no reading lacks it"}},
    Entry{"readings.imrmc", {"field 1", "text", "", "", "reader, name of id_map.csv; truth: a row of the truth"}},
    Entry{"readings.imrmc", {"field 2", "integer", "", "", "case, number of id_map.csv"}},
    Entry{"readings.imrmc", {"field 3", "text", "", "", "arm, name of id_map.csv; truth in a row of the truth"}},
    Entry{"readings.imrmc", {"field 4", "number", "", "", "rating; 0 or 1 in a row of the truth"}},
    Entry{"rjafroc.xlsx", {"Truth: CaseID", "integer", "", "", "case, number of id_map.csv"}},
    Entry{"rjafroc.xlsx", {"Truth: LesionID", "integer", "", "0, 1", "0: normal"}},
    Entry{"rjafroc.xlsx", {"Truth: Weight", "number", "", "0, 1", "of the lesion in its case"}},
    Entry{"rjafroc.xlsx", {"Truth: ReaderID", "text", "", "", "all readers, joined by commas"}},
    Entry{"rjafroc.xlsx", {"Truth: ModalityID", "text", "", "", "all arms, joined by commas"}},
    Entry{"rjafroc.xlsx", {"Truth: Paradigm", "text", "", "ROC, FCTRL", "kind of data, then of design: first two rows"}},
    Entry{"rjafroc.xlsx", {"FP: FP_Rating", "number", "", "", "rating of a normal case by ReaderID with ModalityID"}},
    Entry{"rjafroc.xlsx", {"TP: TP_Rating", "number", "", "", "rating of a diseased case, LesionID 1"}},
    Entry{"id_map.csv", {"kind", "text", "", "reader, arm, case", "what is named"}},
    Entry{"id_map.csv", {"place", "integer", "", "from 1", "in the study's order; cases: normal ones first"}},
    Entry{"id_map.csv", {"original", "text", "", "", "name in readings.csv, long.csv, results.csv, results.json"}},
    Entry{"id_map.csv", {"exported", "text", "", "", "name in mrmcaov.csv, readings.imrmc, rjafroc.xlsx"}},
    Entry{"results.csv", {"quantity", "text", "", "", "place in results.json, a JSON pointer (RFC 6901)"}},
    Entry{"results.csv", {"value", "number", "", "", "17 digits where needed; empty: see text"}},
    Entry{"results.csv", {"text", "text", "", "", "words, true, false; both empty: infinite degrees of freedom"}},
    Entry{"adam_define.csv", {"dataset", "text", "", "ADSL, ADRDR, ADREAD", "which table"}},
    Entry{"adam_define.csv", {"variable", "text", "", "", "column of that table"}},
    Entry{"adam_define.csv", {"label", "text", "", "", "at most 40 characters"}},
    Entry{"adam_define.csv", {"type", "text", "", "Char, Num", ""}},
    Entry{"adam_define.csv", {"codelist", "text", "", "", "values it may have; empty: any"}},
    Entry{"adam_define.csv", {"origin", "text", "", "", "how it is made"}},
    Entry{"answers.csv", {"reader"}},
    Entry{"answers.csv", {"case"}},
    Entry{"answers.csv", {"arm"}},
    Entry{"answers.csv", {"period"}},
    Entry{"answers.csv", {"position"}},
    Entry{"answers.csv", {"sequence", "integer", "", "from 0", "row of the table of sequences"}},
    Entry{"answers.csv", {"repeat"}},
    Entry{"answers.csv", {"code"}},
    Entry{"answers.csv", {"status", "text", "", "read, not_finished, not_read", "not_finished: given up, or not readable"}},
    Entry{"answers.csv", {"step", "integer", "", "from 1", "place of the question in the protocol"}},
    Entry{"answers.csv", {"question", "text", "", "", "id in the protocol"}},
    Entry{"answers.csv", {"answer", "text", "", "", "the last one: a level, levels joined by ;, a number (vas: 0 to 100); empty: none"}},
    Entry{"answers.csv", {"revisions", "integer", "", "from 0", "how often it was given, changed or taken back"}},
    Entry{"answers.csv", {"opened_at", "time", "", "", "when the case was opened, by the reader's clock"}},
    Entry{"answers.csv", {"closed_at", "time", "", "", "when it was finished"}},
    Entry{"answers.csv", {"active_s", "number", "s", "", "active reading time"}},
    Entry{"answers.csv", {"idle_s", "number", "s", "", "without input for longer than the protocol's limit"}},
    Entry{"answers.csv", {"hidden_s", "number", "s", "", "film covered: paused, or window without focus"}},
    Entry{"answers.csv", {"wall_s", "number", "s", "", "from opened to closed"}},
    Entry{"answers.csv", {"days_since_exposure", "number", "d", "", "since the reader last finished the same case; empty: never seen before"}},
    Entry{"answers.csv", {"truth"}},
    Entry{"answers.csv", {"ai_positive"}},
    Entry{"answers.csv", {"ai_right", "flag", "", "0, 1", "ai_positive equals truth"}},
    Entry{"answers.csv", {"seen_before"}},
    Entry{"answers.csv", {"not_assessable"}},
    Entry{"marks.csv", {"reader"}},
    Entry{"marks.csv", {"case"}},
    Entry{"marks.csv", {"arm"}},
    Entry{"marks.csv", {"period"}},
    Entry{"marks.csv", {"position"}},
    Entry{"marks.csv", {"repeat"}},
    Entry{"marks.csv", {"mark", "integer", "", "from 1", "of the reading"}},
    Entry{"marks.csv", {"film", "integer", "", "from 0", "which film of the case"}},
    Entry{"marks.csv", {"x", "number", "px", "", "from the outer left edge of the film's first pixel"}},
    Entry{"marks.csv", {"y", "number", "px", "", "from its outer upper edge"}},
    Entry{"marks.csv", {"seq", "integer", "", "from 1", "the event that made it"}},
    Entry{"events.csv", {"chain", "text", "", "", "log: study/reader/period"}},
    Entry{"events.csv", {"reader"}},
    Entry{"events.csv", {"period"}},
    Entry{"events.csv", {"seq", "integer", "", "from 1", "number in the log, without a gap"}},
    Entry{"events.csv", {"t", "time", "", "", "by the reader's clock; for people"}},
    Entry{"events.csv", {"boot", "text", "", "", "this start of the machine"}},
    Entry{"events.csv", {"boot_us", "integer", "us", "", "since then: all durations"}},
    Entry{"events.csv", {"mono_us", "integer", "us", "", "the same without time asleep"}},
    Entry{"events.csv", {"kind", "text", "", "", "docs/events.md; sealed: it did not open"}},
    Entry{"events.csv", {"position", "integer", "", "from 1", "of the case that was open; empty: none"}},
    Entry{"events.csv", {"body", "json", "", "", "docs/events.md"}},
    Entry{"acts.csv", {"at", "time", "", "", "by the coordinator's clock"}},
    Entry{"acts.csv", {"kind", "text", "", "release, merge, deviation, close, unblind", "what was done"}},
    Entry{"acts.csv", {"body", "json", "", "", "docs/events.md, Acts"}},
    Entry{"deviations.csv", {"at", "time", "", "", "when it was noted"}},
    Entry{"deviations.csv", {"reader"}},
    Entry{"deviations.csv", {"code", "text", "", "", "the case's name on the screen; empty: of no single case"}},
    Entry{"deviations.csv", {"kind", "text", "", "", "which rule"}},
    Entry{"deviations.csv", {"text", "text", "", "", "what happened"}},
    Entry{"allocation.csv", {"reader"}},
    Entry{"allocation.csv", {"block", "integer", "", "from 0", "group of a split plot"}},
    Entry{"allocation.csv", {"period"}},
    Entry{"allocation.csv", {"position"}},
    Entry{"allocation.csv", {"case"}},
    Entry{"allocation.csv", {"arm"}},
    Entry{"allocation.csv", {"sequence", "integer", "", "from 0", "row of the table of sequences"}},
    Entry{"allocation.csv", {"repeat"}},
    Entry{"allocation.csv", {"code"}},
};

Column whole(const Column& column) {
  if (column.type != nullptr) return column;
  return *std::ranges::find_if(kShared, [&](const Column& one) { return std::string_view(one.name) == column.name; });
}

}  // namespace

std::vector<Column> columns_of(std::string_view file) {
  std::vector<Column> columns;
  for (const Entry& one : kEntries) {
    if (file == one.file) columns.push_back(whole(one.column));
  }
  return columns;
}

std::string header_line(std::string_view file) {
  std::vector<std::string> cells;
  for (const Column& one : columns_of(file)) cells.emplace_back(one.name);
  return csv_line(cells);
}

const std::vector<Column>& reading_columns() {
  static const std::vector<Column> columns(kShared.begin(), kShared.begin() + kReadingColumns);
  return columns;
}

}  // namespace rationale::study
