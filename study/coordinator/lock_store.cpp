#include "study/coordinator/lock_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "data/base/digest.h"
#include "data/base/error.h"

namespace rationale::study {
namespace {

std::span<const std::byte> blob(std::span<const unsigned char> bytes) {
  return std::as_bytes(bytes);
}

std::span<const std::byte> blob(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Bytes<32> digest_bytes(const std::string& hex) { return bytes_from_hex<32>(hex, "a digest"); }

void write_design(Database& db, const Protocol& p, const Certificate& c) {
  const Bytes<32> digest = digest_bytes(p.sha256);
  db.prepare("INSERT INTO protocol(version, toml, sha256, reason, created) VALUES(?, ?, ?, '', ?)")
      .bind(1, std::int64_t{p.study.version})
      .bind_blob(2, blob(std::string_view(p.toml)))
      .bind_blob(3, blob(digest))
      .bind(4, std::string_view(c.at))
      .run();
  Statement arm = db.prepare("INSERT INTO arm(id, ord, label, shows, placebo) VALUES(?, ?, ?, ?, ?)");
  std::int64_t order = 0;
  for (const std::string& id : p.design.arms) {
    const Arm& one = *p.find_arm(id);
    const std::string shows = nlohmann::json(one.shows).dump();
    arm.bind(1, std::string_view(id))
        .bind(2, order++)
        .bind(3, std::string_view(one.label))
        .bind(4, std::string_view(shows))
        .bind(5, std::int64_t{one.is_placebo ? 1 : 0})
        .run();
  }
  Statement period = db.prepare("INSERT INTO period(n, washout_days) VALUES(?, ?)");
  for (int n = 1; n <= p.design.periods; ++n) {
    period.bind(1, std::int64_t{n})
        .bind(2, std::int64_t{n == 1 ? 0 : p.design.washout_days})
        .run();
  }
}

void write_people(Database& db, const LockedContent& content) {
  std::set<std::string> sites;
  for (const ReaderFacts& reader : content.protocol.readers) {
    if (!reader.site.empty() && sites.insert(reader.site).second) {
      db.prepare("INSERT INTO site(id, name) VALUES(?, ?)")
          .bind(1, std::string_view(reader.site))
          .bind(2, std::string_view(reader.site))
          .run();
    }
    const Enrolled& enrolled = content.enrolment.readers.at(reader.id);
    Statement insert = db.prepare(
        "INSERT INTO reader(id, site, grp, years, sign_key, enrolled) VALUES(?, ?, ?, ?, ?, ?)");
    insert.bind(1, std::string_view(reader.id));
    if (reader.site.empty()) {
      insert.bind_null(2);
    } else {
      insert.bind(2, std::string_view(reader.site));
    }
    insert.bind(3, std::string_view(reader.group))
        .bind(4, std::int64_t{reader.years})
        .bind_blob(5, blob(enrolled.key))
        .bind(6, std::string_view(enrolled.at))
        .run();
  }
  Statement custodian = db.prepare("INSERT INTO custodian(id, box_key, share) VALUES(?, ?, ?)");
  for (const CustodianShare& share : content.shares) {
    custodian.bind(1, std::string_view(share.name))
        .bind_blob(2, blob(share.key))
        .bind_blob(3, blob(std::string_view(share.box)))
        .run();
  }
}

void write_case_rows(Database& db, const Protocol& protocol, const Manifest& manifest) {
  std::set<std::string> kept(protocol.design.strata.begin(), protocol.design.strata.end());
  for (const Subgroup& one : protocol.subgroups) kept.insert(one.column);
  Statement insert =
      db.prepare("INSERT INTO case_(id, patient, public, training) VALUES(?, ?, ?, ?)");
  Statement file = db.prepare(
      "INSERT INTO case_file(case_id, ord, path, sha256, bytes) VALUES(?, ?, ?, ?, ?)");
  for (const StudyCase& one : manifest.cases) {
    auto wanted = one.columns;
    std::erase_if(wanted, [&](const auto& column) { return !kept.contains(column.first); });
    const std::string columns = nlohmann::json(wanted).dump();
    insert.bind(1, std::string_view(one.id))
        .bind(2, std::string_view(one.patient))
        .bind(3, std::string_view(columns))
        .bind(4, std::int64_t{one.is_training ? 1 : 0})
        .run();
    std::int64_t order = 0;
    for (const std::filesystem::path& path : one.files) {
      const Bytes<32> digest = digest_bytes(sha256_of_file(path));
      file.bind(1, std::string_view(one.id))
          .bind(2, order++)
          .bind(3, std::string_view(""))  // the name could tell the truth
          .bind_blob(4, blob(digest))
          .bind(5, static_cast<std::int64_t>(std::filesystem::file_size(path)))
          .run();
    }
  }
}

void write_certificate(Database& db, const LockedContent& content) {
  const Certificate& c = content.certificate;
  Statement sealed =
      db.prepare("INSERT INTO sealed(kind, nonce, box, plain_commit) VALUES(?, ?, ?, ?)");
  for (const auto& [kind, one] : content.sealed) {
    sealed.bind(1, std::string_view(kind))
        .bind_blob(2, blob(one.nonce))
        .bind_blob(3, blob(std::string_view(one.box)))
        .bind_blob(4, blob(one.commitment))
        .run();
  }
  Statement package = db.prepare(
      "INSERT INTO package(id, reader, period, protocol, sha256, not_before, made) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)");
  for (const LockedPackage& one : c.packages) {
    const std::string id = one.reader + "-p" + std::to_string(one.period);
    const Bytes<32> digest = digest_bytes(one.sha256.body);
    package.bind(1, std::string_view(id))
        .bind(2, std::string_view(one.reader))
        .bind(3, std::int64_t{one.period})
        .bind(4, std::int64_t{c.protocol_version})
        .bind_blob(5, blob(digest))
        .bind(6, std::string_view(one.not_before))
        .bind(7, std::string_view(c.at))
        .run();
  }
  Statement signature = db.prepare(
      "INSERT INTO signature(object, object_sha256, signer, role, meaning, at, sig) "
      "VALUES('lock', ?, ?, ?, ?, ?, ?)");
  const Bytes<32> object = digest_bytes(sha256_hex(c.message("", "")));
  for (const LockSignature& one : c.signatures) {
    signature.bind_blob(1, blob(object))
        .bind(2, std::string_view(one.signer))
        .bind(3, std::string_view(one.role))
        .bind(4, std::string_view(one.meaning))
        .bind(5, std::string_view(c.at))
        .bind_blob(6, blob(one.signature))
        .run();
  }
  Statement lock = db.prepare(
      "INSERT INTO lock_(n, protocol_sha256, cases_sha256, truth_commit, seed_commit, alloc_sha256, "
      "ai_sha256, app, at) VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?)");
  int column = 0;
  for (const std::string& hex : {c.protocol_sha256, c.cases_sha256, c.truth_commitment,
                                 c.seed_commitment, c.allocation_sha256, c.ai_sha256}) {
    const Bytes<32> digest = digest_bytes(hex);
    lock.bind_blob(++column, blob(digest));
  }
  lock.bind(7, std::string_view(c.program)).bind(8, std::string_view(c.at)).run();
}

}  // namespace

void write_cases(EventStore& store, const Protocol& protocol, const Manifest& manifest) {
  Transaction transaction(store.database());
  write_case_rows(store.database(), protocol, manifest);
  transaction.commit();
}

std::string case_rows_digest(EventStore& store) {
  Sha256 sum;
  for (const char* sql : {"SELECT id, patient, public, training, coalesce(excluded, '') FROM case_ ORDER BY id",
                          "SELECT case_id, ord, path, hex(sha256), bytes FROM case_file ORDER BY case_id, ord"}) {
    Statement rows = store.database().prepare(sql);
    while (rows.step()) {
      for (int c = 0; c < rows.columns(); ++c) sum.field(rows.text(c));
    }
  }
  return sum.hex();
}

void write_lock(EventStore& store, const LockedContent& content) {
  Transaction transaction(store.database());
  store.set_meta("study", content.protocol.study.id);
  write_design(store.database(), content.protocol, content.certificate);
  write_people(store.database(), content);
  write_certificate(store.database(), content);
  transaction.commit();
}

Sealed read_sealed(EventStore& store, const std::string& kind) {
  Statement query =
      store.database().prepare("SELECT nonce, box, plain_commit FROM sealed WHERE kind = ?");
  query.bind(1, std::string_view(kind));
  if (!query.step()) {
    throw Error(Error::Kind::kInput, "the store holds no sealed " + kind, store.file().string(),
                "give the folder that `rationale study lock` made")
        .with_code("not_locked");
  }
  Sealed sealed;
  const auto copy = [](const std::vector<std::byte>& from, auto& to) {
    for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
      to[i] = static_cast<unsigned char>(from[i]);
    }
  };
  copy(query.blob(0), sealed.nonce);
  const auto box = query.blob(1);
  sealed.box.assign(reinterpret_cast<const char*>(box.data()), box.size());
  copy(query.blob(2), sealed.commitment);
  return sealed;
}

}  // namespace rationale::study
