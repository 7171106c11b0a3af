// Attacks on the coordinator's side of a locked study: SQL on its store, edits of its files, bundles that are signed
// and lie. Each must be refused with its code, and change nothing.
#include <fmt/format.h>
#include <sys/stat.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "data/records/sqlite.h"
#include "study/coordinator/certificate.h"
#include "study/coordinator/lock_store.h"
#include "study/exchange/blind_journal.h"
#include "study/exchange/bundle.h"
#include "study/log/chain_writer.h"
#include "study/log/private_file.h"
#include "study/seal/key_file.h"
#include "tests/end_to_end/trial_study.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kFilms = 8;
constexpr const char* kReadAt = "2026-03-03T09:00:00.000Z";

SigningKey key_of(const test::TrialStudy& place, const std::string& name) {
  return read_key_file(place.at(name + ".key"), test::TrialStudy::kPassphrase);
}

/// A locked study with period 1 of r1 and r2 read and merged. Its manifest tells the truth in a column of its own.
struct Merged {
  test::TrialStudy place{kFilms, 1, false};
  std::string bundle;  ///< r1's

  Merged() {
    const fs::path cases = place.study() / "data" / "cases.csv";
    std::string text = read_file(cases), told;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      told += text.substr(at, end - at) + (at == 0 ? ",remark\n" : ",told-truth\n");
    }
    write_file(cases, told);
    must(place.lock("release/"));
    must(place.package(1, "2026-03-02"));
    for (const char* reader : {"r1", "r2"}) {
      const test::Answered read = must(place.simulate(reader, 1, kReadAt));
      const std::string made = read.json().at("bundle");
      must(place.step("merge " + made, "2026-03-04"));
      if (bundle.empty()) bundle = made;
    }
  }

  static test::Answered must(const test::Answered& answered) {
    if (answered.status != 0) throw std::runtime_error(answered.text);
    return answered;
  }
};

const Merged& merged() {
  static const Merged study;
  return study;
}

std::string copy_of(const std::string& release, const std::string& name) {
  const std::string to = merged().place.at(name);
  fs::remove_all(to);
  fs::copy(release, to, fs::copy_options::recursive);
  return to;
}

/// SQL as somebody runs it who owns the file: triggers are off meanwhile, and back afterwards.
void run_sql(const std::string& release, const std::function<void(Database&)>& attack) {
  Database db(release + "/study.db", Database::Open::kWrite, Database::Schema::kTrusted);
  std::vector<std::pair<std::string, std::string>> triggers;
  {
    Statement rows = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
    while (rows.step()) triggers.emplace_back(rows.text(0), rows.text(1));
  }
  db.execute("PRAGMA foreign_keys = OFF");
  for (const auto& [name, sql] : triggers) db.execute("DROP TRIGGER " + name);
  attack(db);
  for (const auto& [name, sql] : triggers) db.execute(sql);
}

test::Answered verify(const std::string& release) { return merged().place.run("study verify --study " + release); }

void check_refused(const std::string& release, const std::string& code) {
  const test::Answered answered = verify(release);
  INFO(answered.text);
  CHECK(answered.status == 3);
  CHECK(answered.code() == code);
}

void check_sql(const char* sql, const std::string& code) {
  INFO(sql);
  const std::string release = copy_of(merged().place.at("release"), "attacked");
  run_sql(release, [&](Database& db) { db.execute(sql); });
  check_refused(release, code);
}

/// r1's log with every answer made anew, and hashes that fit.
void forge_answers(Database& db, const std::string& chain) {
  Head head = genesis(chain);
  std::vector<StoredEvent> events;
  {
    Statement rows = db.prepare("SELECT payload FROM event WHERE chain = ? ORDER BY seq");
    rows.bind(1, std::string_view(chain));
    while (rows.step()) {
      Event event = parse_event(rows.text(0));
      if (event.kind == "sealed") event.body["own"] = "";
      const std::string payload = event_payload(event, event.seq);
      head = next_head(head, payload);
      events.push_back({head.seq, payload, head.hash});
    }
  }
  Statement update = db.prepare("UPDATE event SET payload = ?, hash = ? WHERE chain = ? AND seq = ?");
  for (const StoredEvent& one : events) {
    update.bind(1, std::string_view(one.payload))
        .bind_blob(2, std::as_bytes(std::span(one.hash)))
        .bind(3, std::string_view(chain))
        .bind(4, one.seq)
        .run();
  }
}

/// What a reader's own program could write: a log of any events, signed with the reader's key.
struct LogMaker {
  std::string reader;
  int period;
  std::vector<Event> events;
  std::int64_t us = 1'000'000;

  void add(const std::string& kind, Json body = Json::object(), const std::string& at = kReadAt) {
    Event event;
    event.at = {.utc = at, .mono_us = us, .boot_us = us, .boot = "one"};
    event.kind = kind;
    event.body = std::move(body);
    events.push_back(event);
    us += 1000;
  }

  void begin() { add("session_open", {{"package", package()}, {"program", "1"}}); }

  std::string package() const {
    const auto file = fs::path(merged().place.at("release")) / "lock.json";
    for (const LockedPackage& one : parse_certificate(read_file(file), "lock.json").packages) {
      if (one.reader == reader && one.period == period) return one.sha256.body;
    }
    throw std::runtime_error("no package");
  }

  std::string bundle() const {
    const std::string file = merged().place.at("made.db"), out = merged().place.at("made.rbn");
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(file + end);
    EventStore store = EventStore::create(file, Role::kReader);
    const std::string chain = fmt::format("phantom-{}/{}/p{}", kFilms, reader, period);
    static std::map<std::string, SigningKey> keys;
    if (!keys.contains(reader)) keys.emplace(reader, key_of(merged().place, reader));
    const SigningKey& key = keys.at(reader);
    ChainWriter writer(store, chain, key, "reader:" + reader);
    for (const Event& event : events) writer.append(event);
    write_file(out, bundle_text(store, fmt::format("phantom-{}", kFilms), reader, period, chain, key));
    return out;
  }
};

test::Answered merge_into(const std::string& release, const std::string& bundle) {
  return merged().place.run(fmt::format("study merge {} --study {} --now 2026-03-04", bundle, release));
}

void check_log_refused(const LogMaker& log, const std::string& code) {
  const std::string release = merged().place.at("release");
  const Json before = verify(release).json();
  const test::Answered answered = merge_into(release, log.bundle());
  INFO(answered.text);
  CHECK(answered.status == 3);
  CHECK(answered.code() == code);
  CHECK(verify(release).json() == before);  // still whole, and nothing of it merged
}

std::string unblind_words(const std::string& release) {
  const test::TrialStudy& place = merged().place;
  return fmt::format("study unblind --study {0} --share {0}/shares/1-sponsor_qa.share {0}/shares/2-statistician.share "
                     "--key {1} {2} --reason done --now 2026-03-06",
                     release, place.at("sponsor_qa.key"), place.at("statistician.key"));
}

/// A copy of the merged study, closed before its end.
std::string closed_copy(const std::string& name) {
  const std::string release = copy_of(merged().place.at("release"), name);
  Merged::must(merged().place.run(fmt::format("study close --study {} --deviation early --now 2026-03-05", release)));
  return release;
}

}  // namespace

TEST_CASE("whoever owns the store cannot change what was read", "[end_to_end][tamper]") {
  REQUIRE(verify(merged().place.at("release")).json().at("ok") == true);
  const std::string chain = fmt::format("phantom-{}/r1/p1", kFilms);
  const std::string forged = copy_of(merged().place.at("release"), "forged");
  run_sql(forged, [&](Database& db) {
    forge_answers(db, chain);
    db.execute("DELETE FROM checkpoint");
  });
  check_refused(forged, "CH04");

  const std::string own_key = copy_of(merged().place.at("release"), "own-key");
  run_sql(own_key, [&](Database& db) {
    forge_answers(db, chain);
    const SigningKey key = SigningKey::make();
    Statement head = db.prepare("SELECT seq, hash FROM event WHERE chain = ? ORDER BY seq DESC LIMIT 1");
    head.bind(1, std::string_view(chain)).step();
    Head last{head.integer(0), {}};
    const auto hash = head.blob(1);
    for (std::size_t i = 0; i < hash.size(); ++i) last.hash[i] = static_cast<unsigned char>(hash[i]);
    const Signature signature = key.sign(checkpoint_message(chain, last));
    db.prepare("UPDATE checkpoint SET sig = ? WHERE chain = ?")
        .bind_blob(1, std::as_bytes(std::span(signature)))
        .bind(2, std::string_view(chain))
        .run();
    db.prepare("UPDATE chain SET sign_key = ? WHERE id = ?")
        .bind_blob(1, std::as_bytes(std::span(key.public_key())))
        .bind(2, std::string_view(chain))
        .run();
  });
  check_refused(own_key, "wrong_key");

  check_sql("DELETE FROM checkpoint WHERE chain LIKE '%/r1/p1';"
            "DELETE FROM event WHERE chain LIKE '%/r1/p1' AND seq > 30", "CH04");
  check_sql("DELETE FROM checkpoint WHERE chain LIKE '%/r1/p1'; DELETE FROM event WHERE chain LIKE '%/r1/p1';"
            "DELETE FROM chain WHERE id LIKE '%/r1/p1'", "acts_differ");
  check_sql("UPDATE chain SET id = replace(id, 'r1', 'r9') WHERE id LIKE '%/r1/p1';"
            "UPDATE event SET chain = replace(chain, 'r1', 'r9') WHERE chain LIKE '%/r1/p1';"
            "UPDATE checkpoint SET chain = replace(chain, 'r1', 'r9') WHERE chain LIKE '%/r1/p1'", "CH01");
  check_sql("INSERT INTO chain SELECT 'phantom-8/r9/p1', genesis, sign_key FROM chain LIMIT 1", "unknown_log");
  check_sql("UPDATE case_ SET patient = 'somebody else'", "broken_lock");
}

TEST_CASE("a study that was unblinded stays so, and its deviations stay", "[end_to_end][tamper]") {
  const std::string release = closed_copy("closed");
  const auto attack = [&](const char* sql) {
    INFO(sql);
    const std::string copy = copy_of(release, "attacked");
    run_sql(copy, [&](Database& db) { db.execute(sql); });
    check_refused(copy, "acts_differ");
  };
  attack("DELETE FROM deviation");
  attack("UPDATE deviation SET text = 'nothing'");
  attack("DELETE FROM checkpoint WHERE chain LIKE '%/r2/p1'; DELETE FROM event WHERE chain LIKE '%/r2/p1';"
         "DELETE FROM chain WHERE id LIKE '%/r2/p1'");
  const std::string head = verify(release).json().at("acts");
  Merged::must(merged().place.run(unblind_words(release)));
  CHECK(verify(release).json().at("acts") != head);
  attack("DELETE FROM unblinding");
  attack("UPDATE unblinding SET reason = 'safety'");
  CHECK(merged().place.run(fmt::format("study merge {} --study {} --now 2026-03-07", merged().bundle, release)).code() ==
        "stage");

  // The files of an unblinded study are held against the lock, and can be written again.
  const fs::path unblinded = fs::path(release) / "unblinded";
  const auto changed = [&](const char* name, const std::string& from, const std::string& to) {
    INFO(name);
    const std::string before = read_file(unblinded / name);
    test::replace_in(unblinded / name, from, to);
    fs::permissions(unblinded / name, fs::perms::owner_read | fs::perms::owner_write);
    for (const char* command : {"verify-allocation", "analyse"}) {
      const test::Answered answered = merged().place.run(fmt::format("study {} --study {}", command, release));
      CHECK(answered.status == 3);
      CHECK(answered.code() == "commitment");
    }
    Merged::must(merged().place.run(unblind_words(release)));
    CHECK(read_file(unblinded / name) == before);
  };
  changed("truth.csv", ",1\n", ",0\n");
  changed("allocation.csv", "visible", "hidden");
  const std::string secret = read_file(unblinded / "data.key");
  changed("data.key", secret.substr(0, 8), secret.substr(0, 8) == "00000000" ? "11111111" : "00000000");
  write_private_file(unblinded / "ai.csv", "case,score,positive\n");  // this study has none
  CHECK(merged().place.run("study analyse --study " + release).code() == "commitment");
  Merged::must(merged().place.run(unblind_words(release)));
  Merged::must(merged().place.run("study analyse --study " + release));
  const std::string report = read_file(fs::path(release) / "analysis" / "report.html");
  CHECK(report.find(verify(release).json().at("acts").get<std::string>()) != std::string::npos);
  CHECK(report.find(to_hex(key_of(merged().place, "pi").public_key())) != std::string::npos);
}

TEST_CASE("a truth that custodians seal anew is not the one that was locked", "[end_to_end][tamper]") {
  const std::string release = closed_copy("sealed-anew");
  const auto shares = fs::path(release) / "shares";
  const BoxKey master =
      master_from_shares({read_share(share_file(shares, 1, "sponsor_qa"), key_of(merged().place, "sponsor_qa")),
                          read_share(share_file(shares, 2, "statistician"), key_of(merged().place, "statistician"))});
  std::string truth;
  {
    EventStore store = EventStore::open(release + "/study.db", Role::kCoordinator);
    truth = open_plain(master, "truth", "phantom-8", read_sealed(store, "truth")).plain;
  }
  test::replace(truth, ",1\n", ",0\n");
  const Sealed sealed = seal_plain(master, "truth", "phantom-8", truth);
  run_sql(release, [&](Database& db) {
    db.prepare("UPDATE sealed SET nonce = ?, box = ?, plain_commit = ? WHERE kind = 'truth'")
        .bind_blob(1, std::as_bytes(std::span(sealed.nonce)))
        .bind_blob(2, std::as_bytes(std::span(sealed.box)))
        .bind_blob(3, std::as_bytes(std::span(sealed.commitment)))
        .run();
  });
  const test::Answered answered = merged().place.run(unblind_words(release));
  CHECK(answered.status == 3);
  CHECK(answered.code() == "commitment");
  CHECK_FALSE(fs::exists(fs::path(release) / "unblinded"));
}

TEST_CASE("a certificate that somebody else signed is found", "[end_to_end][tamper]") {
  const test::TrialStudy& place = merged().place;
  const std::string release = copy_of(place.at("release"), "signed-anew"), file = release + "/lock.json";
  const std::string with_copy = fmt::format("study verify --study {} --certificate {}", release,
                                            (place.study() / "lock.json").string());
  CHECK(place.run(with_copy).status == 0);
  Certificate certificate = parse_certificate(read_file(file), file);
  const LockSignature good = certificate.signatures.at(0);
  const auto sign = [&](const std::string& role, const std::string& meaning) {
    certificate.signatures.clear();
    certificate.sign(SigningKey::make(), role, meaning);
    write_file(file, to_text(certificate));
  };
  sign("sponsor", good.meaning);
  check_refused(release, "bad_certificate");
  sign(good.role, "I have seen this protocol.");
  check_refused(release, "bad_certificate");
  sign(good.role, good.meaning);  // only people know whose key it is: it is printed, and copies are compared
  CHECK(verify(release).json().at("signers")[0].at("key") != good.signer);
  CHECK(place.run(with_copy).status == 3);
}

TEST_CASE("a bundle that its reader signed and that cannot be true is not merged", "[end_to_end][tamper]") {
  const Json open{{"code", "ABC123"}, {"position", 1}, {"repeat", false}};
  LogMaker other_package{"r3", 1, {}};
  other_package.add("session_open", {{"package", std::string(64, '0')}, {"program", "1"}});
  check_log_refused(other_package, "other_package");

  LogMaker early{"r3", 1, {}};
  early.add("session_open", {{"package", early.package()}, {"program", "1"}}, "2025-05-01T09:00:00.000Z");
  check_log_refused(early, "I19");

  LogMaker second{"r3", 2, {}};
  second.begin();
  check_log_refused(second, "I9");

  const auto after_begin = [&](const std::function<void(LogMaker&)>& more) {
    LogMaker log{"r3", 1, {}};
    log.begin();
    more(log);
    return log;
  };
  check_log_refused(after_begin([](LogMaker& log) { log.add("dance"); }), "bad_event");
  check_log_refused(after_begin([](LogMaker& log) { log.add("display_check", {{"ok", "yes"}}); }), "bad_event");
  check_log_refused(after_begin([](LogMaker& log) { log.add("pause", Json::object(), "9999-01-01T00:00:00.000Z"); }),
                    "bad_time");
  check_log_refused(after_begin([](LogMaker& log) { log.add("pause", Json::object(), "2126-01-01T00:00:00.000Z"); }),
                    "bad_time");
  check_log_refused(after_begin([](LogMaker& log) { log.add("answer", {{"question", "finding"}, {"value", "yes"}}); }),
                    "not_sealed");
  check_log_refused(after_begin([&](LogMaker& log) {
                      for (int i = 0; i < 2; ++i) {
                        log.add("reading_open", open);
                        log.add("dnf", {{"reason", "twice"}});
                      }
                    }), "bad_event");
  LogMaker no_session{"r3", 1, {}};
  no_session.add("reading_open", open);
  check_log_refused(no_session, "bad_event");
}

TEST_CASE("a washout that was too short is noted when it is merged", "[end_to_end][tamper]") {
  const std::string release = copy_of(merged().place.at("release"), "washout");
  const test::Answered released = merged().place.run(fmt::format(
      "study package --study {} --period 2 --out {} --now 2026-03-31T10:00:00Z", release, merged().place.at("outbox-2")));
  CHECK(released.status == 1);  // r3 has not read period 1
  LogMaker log{"r1", 2, {}};
  const std::string at = "2026-03-30T12:00:00.000Z";  // period 1 ended on March 3; the washout has 28 days
  log.add("session_open", {{"package", log.package()}, {"program", "1"}}, at);
  log.add("reading_open", {{"code", "ABC123"}, {"position", 1}, {"repeat", false}}, at);
  log.add("dnf", {{"reason", "none"}}, at);
  const test::Answered answered = merged().place.run(
      fmt::format("study merge {} --study {} --now 2026-04-02", log.bundle(), release));
  CHECK(answered.status == 0);
  CHECK(answered.text.find("the washout of 28 days was not over") != std::string::npos);
}

TEST_CASE("a reading that does not open costs that reading and no more", "[end_to_end][tamper]") {
  const std::string release = copy_of(merged().place.at("release"), "unreadable");
  const Certificate certificate = parse_certificate(read_file(release + "/lock.json"), "lock.json");
  LogMaker log{"r3", 1, {}};
  log.begin();
  const auto read = [&](int position, const std::function<void()>& answer) {
    log.add("reading_open", {{"code", "ABC123"}, {"position", position}, {"repeat", false}});
    log.add("image_shown");
    answer();
    log.add("confirm");
  };
  const auto sealed = [&](const Json& body) {
    struct Keep : Journal {
      Event event;
      Head append(const Event& one) override {
        event = one;
        return {};
      }
      void sign_head() override {}
    } keep;
    Event event;
    event.kind = "answer";
    event.body = body;
    BlindJournal(keep, certificate.data_key, certificate.readers.at("r3")).append(event);
    log.add(keep.event.kind, keep.event.body);
  };
  read(1, [&] { log.add("sealed", {{"box", "AAAA"}, {"own", "AAAA"}}); });
  read(2, [&] { sealed({{"question", "confidence"}, {"value_ppm", 5'000'000}}); });
  read(3, [&] { sealed({{"question", "nothing"}, {"value", "yes"}}); });
  read(4, [&] {});  // its code is not the allocated one
  log.add("reading_open", {{"code", "ABC123"}, {"position", 5}, {"repeat", false}});
  log.add("image_shown");
  log.us = (std::int64_t{1} << 53) - 10'000;  // 285 years later
  log.add("zoom", {{"zoom_ppm", 1}});
  log.add("dnf", {{"reason", "\x1b[2Jgone"}});
  const test::Answered answered = Merged::must(merge_into(release, log.bundle()));
  CHECK(answered.json().at("bundles")[0].at("done") == 5);
  CHECK(answered.text.find("\\u001b") == std::string::npos);
  CHECK(answered.text.find("?[2Jgone") != std::string::npos);
  CHECK(answered.text.find("wall clock moved") != std::string::npos);

  const test::TrialStudy& place = merged().place;
  Merged::must(place.run(fmt::format("study close --study {} --deviation early --now 2026-03-05", release)));
  const Json said = Merged::must(place.run(unblind_words(release))).json();
  CHECK(said.at("not_usable").size() >= 4);
  CHECK(place.run("study verify-allocation --study " + release).json().at("ok") == true);
  CHECK(place.run("study analyse --study " + release).status == 0);
}

TEST_CASE("a lock leaves no truth and no open folder, and nothing is removed or written over unasked",
          "[end_to_end][tamper]") {
  const test::TrialStudy& place = merged().place;
  const fs::path release = place.at("release");
  const std::string store = read_file(release / "study.db");
  CHECK(store.find("told-truth") == std::string::npos);
  CHECK(store.find(".dcm") == std::string::npos);
  struct stat status {};
  REQUIRE(::stat(release.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  REQUIRE(::stat(place.at("outbox").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);

  const std::string before = read_file(release / "packages" / "r1-p1.rpk");
  const std::string into = fmt::format("package --period 1 --out {}", (release / "packages" / "..").string() + "/packages/");
  const test::Answered over = place.step(into, "2026-03-04");
  CHECK(over.status == 4);
  CHECK(over.code() == "sealed_packages");
  CHECK(read_file(release / "packages" / "r1-p1.rpk") == before);

  CHECK(place.run("study rehearse --study " + place.study().string()).code() == "locked");
  const std::string mine = place.at("again.part") + "/mine";
  write_file(mine, "mine");
  fs::rename(place.study() / "lock.json", place.at("kept.json"));
  const test::Answered in_the_way = place.lock("again");
  CHECK(in_the_way.status == 4);
  CHECK(in_the_way.code() == "exists");
  CHECK(read_file(mine) == "mine");
  CHECK_FALSE(fs::exists(place.study() / "lock.json"));
  fs::rename(place.at("kept.json"), place.study() / "lock.json");
  CHECK(place.lock("again").code() == "locked");
  CHECK(place.run(fmt::format("study lock --study {0} --sign {1} --out {2} --now 2026-03-02", place.study().string(),
                              place.at("pi.key"), place.at("third"))).code() == "locked");
}
