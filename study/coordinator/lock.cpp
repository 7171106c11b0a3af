#include "study/coordinator/lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/interrupt.h"
#include "data/base/version.h"
#include "study/allocation/allocation.h"
#include "study/coordinator/ai_outputs.h"
#include "study/coordinator/case_files.h"
#include "study/coordinator/enrolment.h"
#include "study/coordinator/items.h"
#include "study/coordinator/lock_checks.h"
#include "study/coordinator/lock_store.h"
#include "study/coordinator/sealed_set.h"
#include "study/exchange/blind_journal.h"
#include "study/exchange/item_codec.h"
#include "study/exchange/package.h"
#include "study/log/private_file.h"

namespace rationale::study {
namespace {

namespace fs = std::filesystem;

/// Everything that a study is made of, read and checked.
struct Parts {
  Protocol protocol;
  Enrolment enrolment;
  Manifest manifest;
  Truth truth;
  std::optional<AiOutputs> ai;
};

void refuse_second_lock(const LockRequest& request) {
  std::error_code ignored;
  for (const fs::path& trace : {request.release, request.study.certificate()}) {
    if (!fs::exists(trace, ignored)) continue;
    throw Error(Error::Kind::kRefused, "this study is locked already (rule I19)", trace.string(),
                "a study is locked once; to change it before any reading, start a new one. If the machine stopped "
                "while it was locked, the folder beside that ends with .part is whole: take the ending off")
        .with_code("locked");
  }
}

void check_signers(const LockRequest& request, const Protocol& protocol) {
  const auto& roles = protocol.signatures.roles;
  std::set<PublicKey> keys;
  for (const SigningKey& one : request.signers) keys.insert(one.public_key());
  if (keys.size() < request.signers.size()) {
    throw Error(Error::Kind::kRefused, "one key signs for two roles", "--sign",
                "each role of signatures.roles has a person and a key of its own")
        .with_code("signatures");
  }
  if (request.signers.size() == roles.size()) return;
  throw Error(Error::Kind::kRefused,
              fmt::format("{} signatures, the protocol asks for {}: {}", request.signers.size(),
                          roles.size(), fmt::join(roles, ", ")),
              "--sign", "give one key file for each role, in this order")
      .with_code("signatures");
}

Parts read_parts(const LockRequest& request) {
  Parts parts;
  parts.protocol = read_study_protocol(request.study);
  const Protocol& p = parts.protocol;
  check_supported(p);
  check_signers(request, p);
  parts.enrolment = read_enrolment(request.study.enrolled(), p);
  check_enrolled(p, parts.enrolment);
  parts.manifest = read_manifest(request.study.folder / p.cases.manifest, p);
  parts.truth = read_truth(request.study.folder / p.truth.file, p, parts.manifest);
  if (p.ai) parts.ai = read_ai_outputs(request.study.folder / p.ai->explanations, p, parts.manifest);
  if (request.seed && !p.study.is_synthetic) {
    throw Error(Error::Kind::kRefused, "a real study draws its seed itself", "--seed",
                "leave --seed out; only studies with synthetic = true may be given one")
        .with_code("seed");
  }
  return parts;
}

std::vector<Assignment> allocation_of(const Parts& parts, const Seed& seed) {
  AllocationInput input{.design = parts.protocol.design, .readers = {}, .cases = {}};
  for (const ReaderFacts& reader : parts.protocol.readers) input.readers.push_back(reader.id);
  for (const StudyCase& one : parts.manifest.cases) {
    if (one.is_training) continue;
    input.cases.push_back({one.id, one.columns, parts.truth.label.at(one.id)});
  }
  return allocate(input, seed);
}

/// The size that fits every item of the study.
std::size_t largest_item(const Parts& parts, ItemSource& source,
                         const std::vector<Assignment>& rows, Quiet quiet) {
  std::size_t n_cells = 1, arm_bytes = 0;
  if (parts.ai) {
    for (const auto& [id, one] : parts.ai->cases) n_cells = std::max(n_cells, one.map.values.size());
  }
  for (const Arm& arm : parts.protocol.arms) arm_bytes = std::max(arm_bytes, arm.id.size());
  std::size_t largest = 0;
  std::map<std::string, bool> seen;
  Progress progress("films measured", parts.manifest.cases.size(), quiet);
  for (const Assignment& row : rows) {
    if (!seen.emplace(row.case_id, true).second) continue;
    check_interrupt();
    const Item item = source.item(row);
    largest = std::max(largest, item_capacity(item.films, n_cells,
                                              parts.ai ? parts.ai->class_name.size() : 0, arm_bytes));
    progress.update(seen.size());
  }
  return largest;
}

struct Keys {
  SigningKey lock = SigningKey::make();
  BoxKey master = random_bytes<32>(), release = random_bytes<32>();
  DataKey data = DataKey::make();
};

std::vector<LockedPackage> write_packages(const Parts& parts, const std::vector<Assignment>& rows,
                                          const Keys& keys, const fs::path& folder, UtcTime now,
                                          Quiet quiet, const LoadFilm& load) {
  ItemSource source(parts.protocol, parts.manifest, parts.ai ? &*parts.ai : nullptr, load);
  const std::size_t item_bytes = largest_item(parts, source, rows, quiet);
  std::vector<LockedPackage> packages;
  make_private_folder(folder);
  Progress progress("items sealed", rows.size(), quiet);
  std::size_t n_done = 0;
  for (auto row = rows.begin(); row != rows.end();) {
    const auto last = std::find_if(row, rows.end(), [&](const Assignment& other) {
      return other.reader != row->reader || other.period != row->period;
    });
    // Later periods open only after a release, which needs the washout since the last reading.
    const UtcTime not_before =
        now + std::chrono::days(parts.protocol.design.washout_days) * (row->period - 1);
    const PackageFacts facts{.study_id = parts.protocol.study.id,
                             .reader = row->reader,
                             .period = row->period,
                             .protocol_sha256 = parts.protocol.sha256,
                             .not_before = format_utc(not_before),
                             .made = format_utc(now),
                             .is_synthetic = parts.protocol.study.is_synthetic};
    const fs::path path = folder / fmt::format("{}-p{}.rpk", row->reader, row->period);
    PackageWriter writer(path, facts,
                         {.protocol_toml = parts.protocol.toml, .data_key = keys.data.public_half}, keys.lock,
                         item_bytes, parts.enrolment.readers.at(row->reader).key,
                         row->period == 1 ? std::nullopt : std::optional(keys.release));
    for (; row != last; ++row) {
      check_interrupt();
      writer.add(source.item(*row));
      progress.update(++n_done);
    }
    const PackageFacts finished = writer.finish();
    packages.push_back({finished.reader, finished.period, package_digests(path),
                        static_cast<std::int64_t>(fs::file_size(path)), finished.n_items, finished.not_before});
  }
  return packages;
}

std::map<std::string, Sealed> seal_all(const Parts& parts, const std::vector<Assignment>& rows,
                                       const Seed& seed, const Keys& keys) {
  const auto seal = [&](const char* kind, std::string_view plain) {
    return seal_plain(keys.master, kind, parts.protocol.study.id, plain);
  };
  return {{"seed", seal("seed", as_text(seed.bytes))},
          {"truth", seal("truth", parts.truth.bytes)},
          {"allocation", seal("allocation", allocation_table(rows))},
          {"ai", seal("ai", parts.ai ? parts.ai->table() : std::string())},
          {"data_key", seal("data_key", as_text(keys.data.secret_half))}};
}

std::map<std::string, PublicKey> keys_of(const std::map<std::string, Enrolled>& people) {
  std::map<std::string, PublicKey> keys;
  for (const auto& [name, one] : people) keys[name] = one.key;
  return keys;
}

}  // namespace

LockReport lock_study(const LockRequest& request) {
  refuse_second_lock(request);
  const Parts parts = read_parts(request);
  const Protocol& p = parts.protocol;
  const Seed seed = request.seed ? *request.seed : Seed{random_bytes<32>()};
  const std::vector<Assignment> rows = allocation_of(parts, seed);
  check_classes(rows, parts.truth.label, p.truth.positive);

  const Keys keys;
  const fs::path made = part_folder(request.release);
  try {
    const StudyFolder release{made};
    LockReport report{.certificate = {}, .n_cases = p.cases.count,
                      .n_readings = static_cast<int>(rows.size())};
    Certificate& c = report.certificate;
    c.packages = write_packages(parts, rows, keys, release.packages(), request.now, request.quiet,
                                request.load);
    const std::map<std::string, Sealed> sealed = seal_all(parts, rows, seed, keys);
    const auto custodians = keys_of(parts.enrolment.custodians);
    const std::vector<CustodianShare> shares =
        share_master(keys.master, custodians, p.blinding.threshold);

    c.study_id = p.study.id;
    c.protocol_version = p.study.version;
    c.protocol_sha256 = p.sha256;
    c.cases_sha256 = parts.manifest.sha256;
    c.ai_commitment = to_hex(sealed.at("ai").commitment);
    c.ai_sha256 = parts.ai ? parts.ai->digest() : sha256_hex(std::string_view());
    c.allocation_sha256 = allocation_digest(rows);
    c.truth_commitment = to_hex(sealed.at("truth").commitment);
    c.seed_commitment = to_hex(seed_commitment(seed));
    c.at = format_utc(request.now);
    c.program = version();
    c.is_synthetic = p.study.is_synthetic;
    c.lock_key = keys.lock.public_key();
    c.data_key = keys.data.public_half;
    c.readers = keys_of(parts.enrolment.readers);
    c.custodians = custodians;
    c.threshold = p.blinding.threshold;
    {
      EventStore store = EventStore::create(release.database(), Role::kCoordinator);
      write_cases(store, p, parts.manifest);
      c.case_rows_sha256 = case_rows_digest(store);
      for (std::size_t i = 0; i < request.signers.size(); ++i) {
        c.sign(request.signers[i], p.signatures.roles[i], p.signatures.meaning);
      }
      write_lock(store, {p, parts.enrolment, sealed, shares, c});
      store.database().execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    write_private_file(release.protocol(), p.toml);
    write_private_file(release.certificate(), to_text(c));
    write_private_file(release.release_key(), to_hex(keys.release) + "\n");
    for (const CustodianShare& share : shares) write_share(share, release.shares());
    // The study's own copy first: whatever happens next, it is locked, and cannot be locked with another seed.
    write_private_file(request.study.certificate(), to_text(c));
    fs::rename(made, whole_path(request.release));
    return report;
  } catch (...) {
    std::error_code ignored;
    if (!fs::exists(request.study.certificate(), ignored)) fs::remove_all(made, ignored);
    throw;
  }
}

}  // namespace rationale::study
