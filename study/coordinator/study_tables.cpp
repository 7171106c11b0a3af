#include "study/coordinator/study_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/csv.h"
#include "study/coordinator/opened_readings.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

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

  std::string answers = header_line("answers.csv"), marks = header_line("marks.csv");

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
  std::string csv = header_line("events.csv");
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
  std::string csv = header_line("acts.csv");
  for (const Act& act : study.acts()) csv += csv_line({act.at, act.kind, csv_text_cell(act.body.dump())});
  return csv;
}

std::string deviations_csv(LockedStudy& study) {
  std::string csv = header_line("deviations.csv");
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
  for (const char* file : {"answers.csv", "marks.csv", "events.csv", "acts.csv", "deviations.csv", "allocation.csv"}) {
    for (CodebookRow& one : table_rows(file)) tables.codebook.push_back(std::move(one));
  }
  return tables;
}

}  // namespace rationale::study
