#include "study/coordinator/rebuild.h"

#include <fmt/format.h>

#include <utility>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "study/session/events.h"

namespace rationale::study {
namespace {

std::string tables_digest(Database& db) {
  Sha256 sum;
  for (const char* sql :
       {"SELECT id, chain, open_seq, close_seq, reader, period, position, code, repeat_, active_ms, "
        "idle_ms, hidden_ms, wall_ms, coalesce(dnf, '') FROM reading ORDER BY id",
        "SELECT reading, step, question, rev, final, coalesce(value, ''), coalesce(ppm, ''), "
        "coalesce(milli, ''), seq FROM answer ORDER BY reading, step, question, rev",
        "SELECT chain, seq, reader, code, kind FROM flag ORDER BY chain, seq"}) {
    Statement rows = db.prepare(sql);
    while (rows.step()) {
      for (int c = 0; c < rows.columns(); ++c) sum.field(rows.text(c));
    }
  }
  return sum.hex();
}

void bind_value(Statement& insert, const std::optional<Answer>& answer) {
  insert.bind_null(6).bind_null(7).bind_null(8);
  if (!answer) return;
  if (const auto* ppm = std::get_if<Ppm>(&*answer)) {
    insert.bind(7, ppm->ppm);
  } else if (const auto* milli = std::get_if<Milli>(&*answer)) {
    insert.bind(8, milli->milli);
  } else if (const auto* word = std::get_if<Word>(&*answer)) {
    insert.bind(6, std::string_view(word->text));
  } else {
    insert.bind(6, std::string_view(answer_json(answer).dump()));
  }
}

int write_answers(Database& db, const Reading& one, std::int64_t id, const std::string& chain,
                  const std::string& reader) {
  std::map<std::string, int> last;
  for (const AnswerRevision& revision : one.revisions) last[revision.question] = revision.revision;
  for (const AnswerRevision& revision : one.revisions) {
    const bool is_final = revision.revision == last[revision.question] && revision.answer;
    Statement row = db.prepare(
        "INSERT INTO answer(reading, question, rev, final, seq, value, ppm, milli, step) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, 1)");
    row.bind(1, id)
        .bind(2, std::string_view(revision.question))
        .bind(3, std::int64_t{revision.revision})
        .bind(4, std::int64_t{is_final ? 1 : 0})
        .bind(5, revision.seq);
    bind_value(row, revision.answer);
    row.run();
  }
  Statement mark = db.prepare(
      "INSERT INTO mark(reading, step, n, file, x_milli, y_milli, seq) VALUES(?, 1, ?, ?, ?, ?, ?)");
  std::int64_t n = 0;
  for (const Mark& where : one.marks) {
    mark.bind(1, id)
        .bind(2, ++n)
        .bind(3, std::int64_t{where.film})
        .bind(4, where.x_milli)
        .bind(5, where.y_milli)
        .bind(6, where.seq)
        .run();
  }
  Statement flag = db.prepare(
      "INSERT INTO flag(chain, seq, reader, code, kind, note) VALUES(?, ?, ?, ?, ?, ?)");
  for (const auto& [kind, seq] : one.flags) {
    flag.bind(1, std::string_view(chain))
        .bind(2, seq)
        .bind(3, std::string_view(reader))
        .bind(4, std::string_view(one.code))
        .bind(5, std::string_view(kind))
        .bind(6, std::string_view(one.note))
        .run();
  }
  return static_cast<int>(one.revisions.size());
}

/// @throws Error (kInput, "bad_event") if an answer is none to a question of the protocol
void check_answer(const Protocol& protocol, const Event& event) {
  if (event.kind != "answer" && event.kind != "undo") return;
  const Body body(event);
  const Question* question = protocol.find_question(body.text("question"));
  if (question == nullptr) body.refuse("the protocol has no such question");
  const auto answer = parse_answer(event.body);
  if (!answer) return;
  if (const auto fault = answer_fault(*question, *answer)) body.refuse(*fault);
}

}  // namespace

OpenReadings open_readings(const Protocol& protocol, const PeriodState& period, const DataKey& data_key) {
  OpenReadings opened;
  ReadingFold fold(std::int64_t{protocol.session.idle_s} * 1000);
  const std::vector<Event> clear = without_seals(period.events);
  std::string why;  // of the open reading
  for (std::size_t i = 0; i < clear.size(); ++i) {
    std::optional<Reading> closed;
    try {
      const Event event = open_for_study(period.events[i], data_key);
      check_answer(protocol, event);
      closed = fold.apply(event);
    } catch (const Error& error) {
      if (fold.open() && why.empty()) why = fmt::format("event {}: {}", clear[i].seq, error.what());
      closed = fold.apply(clear[i]);
    }
    if (!closed) continue;
    if (!why.empty()) {
      opened.unreadable.push_back({closed->position, closed->code, why});
      closed->revisions.clear();
      closed->answers.clear();
      closed->marks.clear();
      closed->flags.clear();
      closed->dnf = std::exchange(why, {});
    }
    opened.readings.push_back(std::move(*closed));
  }
  return opened;
}

RebuildReport rebuild_readings(LockedStudy& study, const std::optional<DataKey>& data_key) {
  Database& db = study.store().database();
  RebuildReport report;
  const std::string before = tables_digest(db);
  Transaction transaction(db);
  db.execute("DELETE FROM flag; DELETE FROM mark; DELETE FROM answer; DELETE FROM reading;");
  Statement insert = db.prepare(
      "INSERT INTO reading(id, chain, open_seq, close_seq, reader, period, position, code, repeat_, "
      "active_ms, idle_ms, hidden_ms, wall_ms, dnf) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t id = 0;
  for (const PeriodState& period : study.periods()) {
    const std::string chain =
        fmt::format("{}/{}/p{}", study.protocol().study.id, period.reader, period.period);
    const std::vector<Reading> readings =
        data_key ? open_readings(study.protocol(), period, *data_key).readings : period.readings;
    for (const Reading& one : readings) {
      insert.bind(1, ++id)
          .bind(2, std::string_view(chain))
          .bind(3, one.open_seq)
          .bind(4, one.close_seq)
          .bind(5, std::string_view(period.reader))
          .bind(6, std::int64_t{period.period})
          .bind(7, std::int64_t{one.position})
          .bind(8, std::string_view(one.code))
          .bind(9, std::int64_t{one.is_repeat ? 1 : 0})
          .bind(10, one.times.active_ms)
          .bind(11, one.times.idle_ms)
          .bind(12, one.times.hidden_ms)
          .bind(13, one.times.wall_ms);
      if (one.dnf) {
        insert.bind(14, std::string_view(*one.dnf));
      } else {
        insert.bind_null(14);
      }
      insert.run();
      ++report.n_readings;
      if (data_key) report.n_answers += write_answers(db, one, id, chain, period.reader);
    }
  }
  transaction.commit();
  report.is_same = tables_digest(db) == before;
  return report;
}

}  // namespace rationale::study
