#include "study/coordinator/locked_study.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::study {
namespace {

EventStore open_locked(const StudyFolder& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder.database(), ignored)) {
    throw Error(Error::Kind::kRefused, "this study is not locked", folder.folder.string(),
                "give the folder that `rationale study lock` made, with --study")
        .with_code("not_locked");
  }
  return EventStore::open(folder.database(), Role::kCoordinator);
}

[[noreturn]] void do_not_fit(const std::string& what, const std::filesystem::path& file) {
  throw Error(Error::Kind::kInput, what, file.string(),
              "stop, and restore the folder as `rationale study lock` made it")
      .with_code("broken_lock");
}

}  // namespace

LockedStudy::LockedStudy(const StudyFolder& folder)
    : folder_(folder),
      protocol_(read_study_protocol(folder)),
      certificate_(parse_certificate(read_file(folder.certificate()), folder.certificate().string())),
      store_(open_locked(folder)) {
  if (certificate_.protocol_sha256 != protocol_.sha256) {
    do_not_fit("the protocol is not the one that was locked", folder_.protocol());
  }
  Statement lock = store_.database().prepare(
      "SELECT lower(hex(protocol_sha256)), lower(hex(alloc_sha256)), lower(hex(truth_commit)) FROM lock_");
  if (!lock.step() || lock.text(0) != certificate_.protocol_sha256 ||
      lock.text(1) != certificate_.allocation_sha256 ||
      lock.text(2) != certificate_.truth_commitment) {
    do_not_fit("the store was not made by this lock", folder_.database());
  }
  for (const std::string& chain : store_.chains()) {
    const LogCheck check = store_.check_chain(chain);
    if (!check.fault) continue;
    throw Error(Error::Kind::kInput,
                fmt::format("the log {} is not as it was merged: {}", chain, check.fault->what),
                fmt::format("{}, event {}", folder_.database().string(), check.fault->seq),
                "stop; merge the readers' bundles into a fresh copy of the locked folder")
        .with_code(check.fault->code);
  }
}

Stage LockedStudy::stage() {
  Statement unblinded =
      store_.database().prepare("SELECT count(*) FROM unblinding WHERE scope = 'study'");
  unblinded.step();
  if (unblinded.integer(0) > 0) return Stage::kUnblinded;
  return store_.meta("closed") ? Stage::kClosed : Stage::kLocked;
}

void LockedStudy::need(Stage needed, const std::string& what) {
  const Stage now = stage();
  if (now == needed) return;
  const char* remedy = now < needed ? (needed == Stage::kClosed ? "close the study first: `rationale study close`"
                                                                 : "unblind it first: `rationale study unblind`")
                                    : "nothing more is to be done here; see `rationale study monitor`";
  throw Error(Error::Kind::kRefused,
              fmt::format("{}: the study is {}, not {}", what, stage_name(now), stage_name(needed)),
              folder_.folder.string(), remedy)
      .with_code("stage");
}

PeriodState LockedStudy::period(const std::string& reader, int number) {
  PeriodState state{.reader = reader, .period = number};
  const std::string id = fmt::format("{}-p{}", reader, number);
  state.is_released = store_.meta("released/" + id).has_value();
  const std::string chain = fmt::format("{}/{}/p{}", protocol_.study.id, reader, number);
  for (const StoredEvent& stored : store_.events(chain)) {
    state.events.push_back(parse_event(stored.payload));
  }
  state.n_items = protocol_.cases.count +
                  (number == protocol_.design.periods ? protocol_.design.repeats : 0);
  if (protocol_.design.kind == DesignKind::kSplitPlot) {
    // A block has its share of the cases; the package knows how many.
    const auto meta = store_.meta("items/" + id);
    if (meta) state.n_items = std::stoi(*meta);
  }
  std::vector<Event> clear;
  for (const Event& event : state.events) {
    if (event.kind != "sealed") {
      clear.push_back(event);
      continue;
    }
    // What is sealed was at least input: it counts for the clocks.
    Event input = event;
    input.kind = "zoom";
    input.body = nlohmann::json::object();
    clear.push_back(input);
  }
  for (Reading& one : readings_of(clear, std::int64_t{protocol_.session.idle_s} * 1000)) {
    if (!one.is_closed()) continue;
    state.last_closed_at = std::max(state.last_closed_at, one.closed_at);
    state.readings.push_back(std::move(one));
  }
  return state;
}

std::vector<PeriodState> LockedStudy::periods() {
  std::vector<PeriodState> states;
  for (const ReaderFacts& reader : protocol_.readers) {
    for (int n = 1; n <= protocol_.design.periods; ++n) states.push_back(period(reader.id, n));
  }
  return states;
}

std::optional<UtcTime> LockedStudy::washout_ends(const std::string& reader, int number) {
  if (number == 1) return parse_utc(certificate_.at, "lock.json");
  const PeriodState before = period(reader, number - 1);
  if (!before.is_complete()) return std::nullopt;
  return parse_utc(before.last_closed_at, "the log") +
         std::chrono::days(protocol_.design.washout_days);
}

void LockedStudy::add_deviation(const std::string& at, const std::string& reader,
                                const std::string& code, const std::string& kind,
                                const std::string& text) {
  store_.database()
      .prepare("INSERT INTO deviation(at, reader, code, kind, text, decided_before_unblinding) "
               "VALUES(?, ?, ?, ?, ?, ?)")
      .bind(1, std::string_view(at))
      .bind(2, std::string_view(reader))
      .bind(3, std::string_view(code))
      .bind(4, std::string_view(kind))
      .bind(5, std::string_view(text))
      .bind(6, std::int64_t{stage() == Stage::kUnblinded ? 0 : 1})
      .run();
}

std::vector<LockedStudy::Deviation> LockedStudy::deviations() {
  std::vector<Deviation> list;
  Statement query = store_.database().prepare(
      "SELECT at, coalesce(reader, ''), coalesce(code, ''), kind, text FROM deviation ORDER BY id");
  while (query.step()) {
    list.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.text(4)});
  }
  return list;
}

std::string LockedStudy::data_digest() {
  Sha256 sum;
  for (const std::string& chain : store_.chains()) {
    const Head head = store_.head(chain);
    sum.field(chain).field(fmt::format("{}", head.seq)).field(to_hex(head.hash));
  }
  return sum.hex();
}

}  // namespace rationale::study
