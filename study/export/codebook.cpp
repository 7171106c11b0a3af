#include "study/export/codebook.h"

#include <algorithm>
#include <array>

#include "data/base/text.h"
#include "data/cases/csv.h"
#include "study/export/adam.h"

namespace rationale::study {
namespace {

struct Column {
  const char *name, *type, *unit, *values, *meaning;
};

// Columns of readings.csv and long.csv.
constexpr std::array kReadings{
    Column{"reader", "text", "", "", "who read"},
    Column{"case", "text", "", "", "what was read"},
    Column{"arm", "text", "", "",
           "how it was shown; a difference is second arm minus first (id_map.csv has their order)"},
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
};

constexpr std::array kPeers{
    std::pair{"mrmcaov.csv", Column{"reader", "text", "", "", "reader, name of id_map.csv"}},
    std::pair{"mrmcaov.csv", Column{"treatment", "text", "", "",
                                    "arm, name of id_map.csv; MRMCaov's difference is first minus second"}},
    std::pair{"mrmcaov.csv", Column{"case", "integer", "", "", "case, number of id_map.csv"}},
    std::pair{"mrmcaov.csv", Column{"truth", "flag", "", "0, 1", "1: diseased"}},
    std::pair{"mrmcaov.csv", Column{"rating", "number", "", "", "as in long.csv"}},
    std::pair{"mrmcaov.csv",
              Column{"positive", "flag", "", "0, 1", "as in long.csv; only there if no reading lacks it"}},
    std::pair{"readings.imrmc",
              Column{"field 1", "text", "", "", "reader, name of id_map.csv; truth: a row of the truth"}},
    std::pair{"readings.imrmc", Column{"field 2", "integer", "", "", "case, number of id_map.csv"}},
    std::pair{"readings.imrmc",
              Column{"field 3", "text", "", "", "arm, name of id_map.csv; truth in a row of the truth"}},
    std::pair{"readings.imrmc", Column{"field 4", "number", "", "", "rating; 0 or 1 in a row of the truth"}},
    std::pair{"rjafroc.xlsx", Column{"Truth: CaseID", "integer", "", "", "case, number of id_map.csv"}},
    std::pair{"rjafroc.xlsx", Column{"Truth: LesionID", "integer", "", "0, 1", "0: normal"}},
    std::pair{"rjafroc.xlsx", Column{"Truth: Weight", "number", "", "0, 1", "of the lesion in its case"}},
    std::pair{"rjafroc.xlsx", Column{"Truth: ReaderID", "text", "", "", "all readers, joined by commas"}},
    std::pair{"rjafroc.xlsx", Column{"Truth: ModalityID", "text", "", "", "all arms, joined by commas"}},
    std::pair{"rjafroc.xlsx",
              Column{"Truth: Paradigm", "text", "", "ROC, FCTRL", "kind of data, then of design: first two rows"}},
    std::pair{"rjafroc.xlsx",
              Column{"FP: FP_Rating", "number", "", "", "rating of a normal case by ReaderID with ModalityID"}},
    std::pair{"rjafroc.xlsx", Column{"TP: TP_Rating", "number", "", "", "rating of a diseased case, LesionID 1"}},
    std::pair{"id_map.csv", Column{"kind", "text", "", "reader, arm, case", "what is named"}},
    std::pair{"id_map.csv", Column{"place", "integer", "", "from 1", "in the study's order; cases: normal ones first"}},
    std::pair{"id_map.csv",
              Column{"original", "text", "", "", "name in readings.csv, long.csv, results.csv, results.json"}},
    std::pair{"id_map.csv", Column{"exported", "text", "", "", "name in mrmcaov.csv, readings.imrmc, rjafroc.xlsx"}},
    std::pair{"results.csv", Column{"quantity", "text", "", "", "place in results.json, a JSON pointer (RFC 6901)"}},
    std::pair{"results.csv", Column{"value", "number", "", "", "17 digits where needed; empty: see text"}},
    std::pair{"results.csv",
              Column{"text", "text", "", "", "words, true, false; both empty: infinite degrees of freedom"}},
    std::pair{"adam_define.csv", Column{"dataset", "text", "", "ADSL, ADRDR, ADREAD", "which table"}},
    std::pair{"adam_define.csv", Column{"variable", "text", "", "", "column of that table"}},
    std::pair{"adam_define.csv", Column{"label", "text", "", "", "at most 40 characters"}},
    std::pair{"adam_define.csv", Column{"type", "text", "", "Char, Num", ""}},
    std::pair{"adam_define.csv", Column{"codelist", "text", "", "", "values it may have; empty: any"}},
    std::pair{"adam_define.csv", Column{"origin", "text", "", "", "how it is made"}},
};

CodebookRow row(const std::string& file, const Column& c) {
  return {file, c.name, c.type, c.unit, c.values, c.meaning};
}

const Column* known(const std::string& name) {
  const auto found = std::ranges::find_if(kReadings, [&](const Column& one) { return name == one.name; });
  return found == kReadings.end() ? nullptr : &*found;
}

}  // namespace

std::string codebook_csv(const std::vector<CodebookRow>& rows) {
  std::string csv = csv_line({"file", "column", "type", "unit", "values", "meaning"});
  for (const CodebookRow& one : rows) {
    csv += csv_line({csv_cell(one.file), csv_text_cell(one.column), one.type, one.unit, csv_cell(one.values),
                     csv_text_cell(one.meaning)});
  }
  return csv;
}

std::vector<CodebookRow> readings_rows(const std::string& file, const std::vector<std::string>& header) {
  std::vector<CodebookRow> rows;
  for (const std::string& name : header) {
    if (const Column* column = known(name)) {
      rows.push_back(row(file, *column));
    } else if (name.starts_with("answer_")) {
      rows.push_back({file, name, "text", "", "", "the last answer to the protocol's question " + name.substr(7)});
    } else {
      rows.push_back({file, name, "text", "", "", "as given; not analysed"});
    }
  }
  return rows;
}

std::vector<CodebookRow> peer_file_rows() {
  std::vector<CodebookRow> rows;
  for (const char* name : {"reader", "case", "patient", "arm", "truth", "rating", "positive", "confidence", "time_s",
                           "period", "ai_positive"}) {
    rows.push_back(row("long.csv", *known(name)));
  }
  for (const auto& [file, column] : kPeers) rows.push_back(row(file, column));
  for (const AdamVariable& one : adam_variables()) {
    rows.push_back({lower_case(one.dataset) + ".csv", one.name, one.type == std::string_view("Num") ? "number" : "text",
                    "", one.codelist, one.label});
  }
  return rows;
}

}  // namespace rationale::study
