#include "study/coordinator/study_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/csv.h"
#include "study/coordinator/opened_readings.h"

namespace rationale::study {
namespace {

struct Column {
  const char *file, *name, *type, *unit, *values, *meaning;
};
constexpr std::array kColumns{
    Column{"answers.csv", "reader", "text", "", "", "who read"},
    Column{"answers.csv", "case", "text", "", "", "what was read"},
    Column{"answers.csv", "arm", "text", "", "", "how it was shown"},
    Column{"answers.csv", "period", "integer", "", "from 1", "in which it was read"},
    Column{"answers.csv", "position", "integer", "", "from 1", "place of the case in the reader's period"},
    Column{"answers.csv", "sequence", "integer", "", "from 0", "row of the table of sequences"},
    Column{"answers.csv", "repeat", "flag", "", "0, 1", "1: shown again; analysed apart"},
    Column{"answers.csv", "code", "text", "", "", "the name that the reader saw"},
    Column{"answers.csv", "status", "text", "", "read, not_finished, not_read",
           "not_finished: given up, or not readable"},
    Column{"answers.csv", "step", "integer", "", "from 1", "place of the question in the protocol"},
    Column{"answers.csv", "question", "text", "", "", "id in the protocol"},
    Column{"answers.csv", "answer", "text", "", "",
           "the last one: a level, levels joined by ;, a number (vas: 0 to 100); empty: none"},
    Column{"answers.csv", "revisions", "integer", "", "from 0", "how often it was given, changed or taken back"},
    Column{"answers.csv", "opened_at", "time", "", "", "when the case was opened, by the reader's clock"},
    Column{"answers.csv", "closed_at", "time", "", "", "when it was finished"},
    Column{"answers.csv", "active_s", "number", "s", "", "active reading time"},
    Column{"answers.csv", "idle_s", "number", "s", "", "without input for longer than the protocol's limit"},
    Column{"answers.csv", "hidden_s", "number", "s", "", "film covered: paused, or window without focus"},
    Column{"answers.csv", "wall_s", "number", "s", "", "from opened to closed"},
    Column{"answers.csv", "days_since_exposure", "number", "d", "",
           "since the reader last finished the same case; empty: never seen before"},
    Column{"answers.csv", "truth", "flag", "", "0, 1", "1: diseased"},
    Column{"answers.csv", "ai_positive", "flag", "", "0, 1", "the AI flagged the case; empty: no AI"},
    Column{"answers.csv", "ai_right", "flag", "", "0, 1", "ai_positive equals truth"},
    Column{"answers.csv", "seen_before", "flag", "", "0, 1", "the reader said so"},
    Column{"answers.csv", "not_assessable", "flag", "", "0, 1", "the reader said so"},
    Column{"marks.csv", "reader", "text", "", "", "who marked"},
    Column{"marks.csv", "case", "text", "", "", "what was read"},
    Column{"marks.csv", "arm", "text", "", "", "how it was shown"},
    Column{"marks.csv", "period", "integer", "", "from 1", "in which it was read"},
    Column{"marks.csv", "position", "integer", "", "from 1", "place of the case in the reader's period"},
    Column{"marks.csv", "repeat", "flag", "", "0, 1", "1: shown again"},
    Column{"marks.csv", "mark", "integer", "", "from 1", "of the reading"},
    Column{"marks.csv", "film", "integer", "", "from 0", "which film of the case"},
    Column{"marks.csv", "x", "number", "px", "", "from the outer left edge of the film's first pixel"},
    Column{"marks.csv", "y", "number", "px", "", "from its outer upper edge"},
    Column{"marks.csv", "seq", "integer", "", "from 1", "the event that made it"},
    Column{"events.csv", "chain", "text", "", "", "log: study/reader/period"},
    Column{"events.csv", "reader", "text", "", "", "whose log"},
    Column{"events.csv", "period", "integer", "", "from 1", "of which period"},
    Column{"events.csv", "seq", "integer", "", "from 1", "number in the log, without a gap"},
    Column{"events.csv", "t", "time", "", "", "by the reader's clock; for people"},
    Column{"events.csv", "boot", "text", "", "", "this start of the machine"},
    Column{"events.csv", "boot_us", "integer", "us", "", "since then: all durations"},
    Column{"events.csv", "mono_us", "integer", "us", "", "the same without time asleep"},
    Column{"events.csv", "kind", "text", "", "", "docs/events.md; sealed: it did not open"},
    Column{"events.csv", "position", "integer", "", "from 1", "of the case that was open; empty: none"},
    Column{"events.csv", "body", "json", "", "", "docs/events.md"},
    Column{"acts.csv", "at", "time", "", "", "by the coordinator's clock"},
    Column{"acts.csv", "kind", "text", "", "release, merge, deviation, close, unblind", "what was done"},
    Column{"acts.csv", "body", "json", "", "", "docs/events.md, Acts"},
    Column{"deviations.csv", "at", "time", "", "", "when it was noted"},
    Column{"deviations.csv", "reader", "text", "", "", "whose; empty: of the study"},
    Column{"deviations.csv", "code", "text", "", "", "the case's name on the screen; empty: of no single case"},
    Column{"deviations.csv", "kind", "text", "", "", "which rule"},
    Column{"deviations.csv", "text", "text", "", "", "what happened"},
    Column{"allocation.csv", "reader", "text", "", "", "who was to read"},
    Column{"allocation.csv", "block", "integer", "", "from 0", "group of a split plot"},
    Column{"allocation.csv", "period", "integer", "", "from 1", "in which"},
    Column{"allocation.csv", "position", "integer", "", "from 1", "place in it"},
    Column{"allocation.csv", "case", "text", "", "", "what"},
    Column{"allocation.csv", "arm", "text", "", "", "how it was to be shown"},
    Column{"allocation.csv", "sequence", "integer", "", "from 0", "row of the table of sequences"},
    Column{"allocation.csv", "repeat", "flag", "", "0, 1", "1: shown again"},
    Column{"allocation.csv", "code", "text", "", "", "the case's name for this reader"},
};

std::string header_of(std::string_view file) {
  std::vector<std::string> cells;
  for (const Column& one : kColumns) {
    if (file == one.file) cells.emplace_back(one.name);
  }
  return csv_line(cells);
}

std::string seconds(std::int64_t ms) { return csv_number(static_cast<double>(ms) / 1000); }

/// To a ten-thousandth of a day (9 s).
std::string days_between(const std::string& from, const std::string& to) {
  const auto gap = parse_utc(to, "the log") - parse_utc(from, "the log");
  return csv_number(std::round(std::chrono::duration<double, std::ratio<86400>>(gap).count() * 1e4) / 1e4);
}

class ReadingRows {
 public:
  ReadingRows(LockedStudy& study, const Opened& opened)
      : protocol_(study.protocol()), facts_(case_facts(study, opened)), readings_(opened_readings(study, opened)) {
    for (const Assignment& row : opened.allocation) add(row);
  }

  std::string answers = header_of("answers.csv"), marks = header_of("marks.csv");

 private:
  void add(const Assignment& row) {
    const auto found = readings_.find({row.reader, row.period, row.position});
    const bool is_there = found != readings_.end() && is_of(found->second, row);
    const Reading none;
    const Reading& one = is_there ? found->second : none;
    const CaseFacts& fact = facts_.at(row.case_id);
    const char* status = !is_there ? "not_read" : one.dnf ? "not_finished" : "read";
    std::string since;
    if (is_there) {
      std::string& last = last_closed_[{row.reader, row.case_id}];
      if (!last.empty()) since = days_between(last, one.opened_at);
      last = one.closed_at;
    }
    const auto of = [&](const std::string& text) { return is_there ? text : std::string(); };
    int step = 0;
    for (const Question& question : protocol_.questions) {
      const auto n = std::ranges::count(one.revisions, question.id, &AnswerRevision::question);
      answers += csv_line({row.reader,
                           row.case_id,
                           row.arm,
                           std::to_string(row.period),
                           std::to_string(row.position),
                           std::to_string(row.sequence),
                           flag_cell(row.is_repeat),
                           row.code,
                           status,
                           std::to_string(++step),
                           question.id,
                           csv_text_cell(answer_text(one, question.id)),
                           of(std::to_string(n)),
                           one.opened_at,
                           one.closed_at,
                           of(seconds(one.times.active_ms)),
                           of(seconds(one.times.idle_ms)),
                           of(seconds(one.times.hidden_ms)),
                           of(seconds(one.times.wall_ms)),
                           since,
                           fact.truth,
                           fact.ai_positive,
                           fact.ai_positive.empty() ? "" : flag_cell(fact.ai_positive == fact.truth),
                           of(flag_cell(one.is_seen_before)),
                           of(flag_cell(one.is_not_assessable))});
    }
    int n = 0;
    for (const Mark& mark : one.marks) {
      marks += csv_line({row.reader, row.case_id, row.arm, std::to_string(row.period), std::to_string(row.position),
                         flag_cell(row.is_repeat), std::to_string(++n), std::to_string(mark.film),
                         seconds(mark.x_milli), seconds(mark.y_milli), std::to_string(mark.seq)});
    }
  }

  const Protocol& protocol_;
  std::map<std::string, CaseFacts> facts_;
  std::map<std::tuple<std::string, int, int>, Reading> readings_;
  /// By reader and case: the allocation is in order of time.
  std::map<std::pair<std::string, std::string>, std::string> last_closed_;
};

/// What was sealed is opened; what does not open stays as it is.
Event opened_event(const Event& event, const DataKey& key) {
  try {
    return open_for_study(event, key);
  } catch (const Error&) {
    return event;  // a deviation already says so (reading_faults)
  }
}

std::string events_csv(LockedStudy& study, const DataKey& key) {
  std::string csv = header_of("events.csv");
  for (const PeriodState& period : study.periods()) {
    const std::string chain = fmt::format("{}/{}/p{}", study.protocol().study.id, period.reader, period.period);
    std::string position;
    for (const Event& stored : period.events) {
      const Event event = opened_event(stored, key);
      if (event.kind == "reading_open") position = event.body.at("position").dump();
      csv += csv_line({csv_text_cell(chain), period.reader, std::to_string(period.period), std::to_string(event.seq),
                       event.at.utc, csv_text_cell(event.at.boot), std::to_string(event.at.boot_us),
                       std::to_string(event.at.mono_us), event.kind, position, csv_text_cell(event.body.dump())});
      if (event.kind == "confirm" || event.kind == "dnf") position.clear();
    }
  }
  return csv;
}

std::string acts_csv(LockedStudy& study) {
  std::string csv = header_of("acts.csv");
  for (const Act& act : study.acts()) csv += csv_line({act.at, act.kind, csv_text_cell(act.body.dump())});
  return csv;
}

std::string deviations_csv(LockedStudy& study) {
  std::string csv = header_of("deviations.csv");
  for (const LockedStudy::Deviation& one : study.deviations()) {
    csv += csv_line({one.at, one.reader, one.code, one.kind, csv_text_cell(one.text)});
  }
  return csv;
}

}  // namespace

StudyTables study_tables(LockedStudy& study, const Opened& opened) {
  ReadingRows rows(study, opened);
  StudyTables tables{.files = {{"answers.csv", std::move(rows.answers)},
                               {"marks.csv", std::move(rows.marks)},
                               {"events.csv", events_csv(study, opened.data_key)},
                               {"acts.csv", acts_csv(study)},
                               {"deviations.csv", deviations_csv(study)},
                               {"allocation.csv", allocation_table(opened.allocation)},
                               {"protocol.toml", study.protocol().toml},
                               {"lock.json", read_file(study.folder().certificate())}},
                     .codebook = {}};
  for (const Column& one : kColumns) {
    tables.codebook.push_back({one.file, one.name, one.type, one.unit, one.values, one.meaning});
  }
  return tables;
}

}  // namespace rationale::study
