#include "study/coordinator/locked_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "study/coordinator/lock_store.h"

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

constexpr std::chrono::minutes kClockSlack{5};

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
  if (const auto fault = signature_fault(certificate_, protocol_.signatures.roles, protocol_.signatures.meaning)) {
    throw Error(Error::Kind::kInput, *fault, folder_.certificate().string(),
                "take lock.json from the folder that `rationale study lock` wrote")
        .with_code("bad_certificate");
  }
  Statement lock = store_.database().prepare(
      "SELECT lower(hex(protocol_sha256)), lower(hex(alloc_sha256)), lower(hex(truth_commit)) FROM lock_");
  if (!lock.step() || lock.text(0) != certificate_.protocol_sha256 ||
      lock.text(1) != certificate_.allocation_sha256 ||
      lock.text(2) != certificate_.truth_commitment) {
    do_not_fit("the store was not made by this lock", folder_.database());
  }
  if (case_rows_digest(store_) != certificate_.case_rows_sha256) {
    do_not_fit("the list of cases is not the one that was locked", folder_.database());
  }
  check_logs();
}

void LockedStudy::check_logs() {
  std::map<std::string, std::string> reader_of;  // by chain
  for (const ReaderFacts& reader : protocol_.readers) {
    for (int n = 1; n <= protocol_.design.periods; ++n) {
      reader_of[fmt::format("{}/{}/p{}", protocol_.study.id, reader.id, n)] = reader.id;
    }
  }
  const auto bad = [&](const std::string& chain, const std::string& what, std::int64_t seq, const std::string& code) {
    throw Error(Error::Kind::kInput, fmt::format("the log {} is not as it was merged: {}", chain, what),
                fmt::format("{}, event {}", folder_.database().string(), seq),
                "stop; merge the readers' bundles into a fresh copy of the locked folder")
        .with_code(code);
  };
  for (const std::string& chain : store_.chains()) {
    const LogCheck check = store_.check_chain(chain);
    if (check.fault) bad(chain, check.fault->what, check.fault->seq, check.fault->code);
    if (chain == acts_chain(protocol_.study.id)) continue;
    const auto reader = reader_of.find(chain);
    if (reader == reader_of.end()) bad(chain, "the study has no such reader and period", 0, "unknown_log");
    if (store_.chain_key(chain) != certificate_.readers.at(reader->second)) {
      bad(chain, "it is under another key than the reader's", 0, "wrong_key");
    }
    // A merge leaves the reader's signature under the last event; nobody else can make one.
    if (check.head.seq == 0 || store_.signed_seq(chain) != check.head.seq) {
      bad(chain, "the reader has not signed where it ends", check.head.seq, "CH04");
    }
  }
  if (const auto fault = acts_fault(store_, protocol_.study.id)) {
    throw Error(Error::Kind::kInput, *fault, folder_.database().string(),
                "stop, and keep the folder as it is: somebody changed the store")
        .with_code("acts_differ");
  }
}

Stage LockedStudy::stage() {
  Stage stage = Stage::kLocked;
  for (const Act& act : acts()) {
    if (act.kind == "close") stage = Stage::kClosed;
    if (act.kind == "unblind") stage = Stage::kUnblinded;
  }
  return stage;
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
  state.is_released = released_at(reader, number).has_value();
  state.n_items = package(reader, number).n_items;
  const std::string chain = fmt::format("{}/{}/p{}", protocol_.study.id, reader, number);
  for (const StoredEvent& stored : store_.events(chain)) {
    state.events.push_back(parse_event(stored.payload));
  }
  for (Reading& one : readings_of(without_seals(state.events), std::int64_t{protocol_.session.idle_s} * 1000)) {
    if (!one.is_closed()) continue;
    state.last_closed_at = std::max(state.last_closed_at, one.closed_at);
    state.readings.push_back(std::move(one));
  }
  if (state.readings.empty()) return state;
  for (const Act& act : acts()) {
    if (act.kind != "merge" || act.body.at("chain") != chain || !state.last_merged_at.empty()) continue;
    if (act.body.at("to_seq") >= state.readings.back().close_seq) state.last_merged_at = act.at;
  }
  return state;
}

const LockedPackage& LockedStudy::package(const std::string& reader, int number) const {
  const auto found = std::ranges::find_if(certificate_.packages, [&](const LockedPackage& one) {
    return one.reader == reader && one.period == number;
  });
  if (found == certificate_.packages.end()) {
    do_not_fit(fmt::format("no package was locked for {}, period {}", reader, number), folder_.certificate());
  }
  return *found;
}

std::optional<UtcTime> LockedStudy::released_at(const std::string& reader, int number) {
  for (const Act& act : acts()) {
    if (act.kind == "release" && act.body.at("reader") == reader && act.body.at("period") == number) {
      return parse_utc(act.at, "the acts");
    }
  }
  return std::nullopt;
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
  const bool is_believed = !clock_fault(before, parse_utc(certificate_.at, "lock.json"));
  return parse_utc(is_believed ? before.last_closed_at : before.last_merged_at, "the log") +
         std::chrono::days(protocol_.design.washout_days);
}

void LockedStudy::add_deviation(const std::string& at, const std::string& reader,
                                const std::string& code, const std::string& kind,
                                const std::string& text) {
  note({at, "deviation", {{"code", code}, {"kind", kind}, {"reader", reader}, {"text", text}}});
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

std::vector<std::string> LockedStudy::reader_chains() {
  std::vector<std::string> chains = store_.chains();
  std::erase(chains, acts_chain(protocol_.study.id));
  return chains;
}

std::string LockedStudy::data_digest() {
  Sha256 sum;
  for (const std::string& chain : reader_chains()) {
    const Head head = store_.head(chain);
    sum.field(chain).field(fmt::format("{}", head.seq)).field(to_hex(head.hash));
  }
  return sum.hex();
}

std::vector<Event> without_seals(const std::vector<Event>& events) {
  std::vector<Event> clear;
  for (const Event& event : events) {
    clear.push_back(event);
    if (event.kind != "sealed") continue;
    clear.back().kind = "zoom";
    clear.back().body = nlohmann::json::object();
  }
  return clear;
}

std::optional<std::string> clock_fault(const PeriodState& period, UtcTime locked) {
  std::map<std::string, std::chrono::microseconds> started;  // the wall clock at boot_us = 0, by boot
  for (const Event& event : period.events) {
    const auto start =
        parse_utc(event.at.utc, "the log").time_since_epoch() - std::chrono::microseconds(event.at.boot_us);
    const auto moved = start - started.emplace(event.at.boot, start).first->second;
    if (std::chrono::abs(moved) > kClockSlack) {
      return fmt::format("the wall clock moved by {} min against the machine's own clock (event {})",
                         std::chrono::duration_cast<std::chrono::minutes>(moved).count(), event.seq);
    }
  }
  if (period.readings.empty()) return std::nullopt;
  const UtcTime end = parse_utc(period.last_closed_at, "the log");
  if (end < locked) return "the last case was read before the lock, by the reader's clock";
  if (end > parse_utc(period.last_merged_at, "the acts") + kClockSlack) {
    return "the last case was read after its bundle was merged, by the reader's clock";
  }
  return std::nullopt;
}

}  // namespace rationale::study
