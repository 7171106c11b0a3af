#include "study/coordinator/unblind.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "study/coordinator/case_files.h"
#include "study/coordinator/lock_store.h"
#include "study/coordinator/rebuild.h"
#include "study/coordinator/sealed_set.h"
#include "study/log/private_file.h"

namespace rationale::study {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 28;

Bytes<32> bytes_from(const std::string& plain, const char* what) {
  Bytes<32> bytes{};
  if (plain.size() != bytes.size()) {
    throw Error(Error::Kind::kInput, fmt::format("the sealed {} has another length", what),
                "study.db")
        .with_code("commitment");
  }
  std::ranges::copy(plain, bytes.begin());
  return bytes;
}

/// Holds every part against the certificate.
Opened opened_from(const Certificate& locked, const std::string& seed, Unsealed truth, Unsealed ai,
                   const std::string& table, const std::string& data_key) {
  Opened opened{.seed = {bytes_from(seed, "seed")},
                .truth = std::move(truth),
                .ai = std::move(ai),
                .allocation = parse_allocation_table(table, "the sealed allocation"),
                .data_key = DataKey::from_secret(bytes_from(data_key, "data key"))};
  const auto check = [](bool is_locked, const char* what) {
    if (is_locked) return;
    throw Error(Error::Kind::kInput, fmt::format("the {} is not the one that the certificate committed to", what),
                "lock.json", "somebody exchanged it: stop, and keep the folder as it is")
        .with_code("commitment");
  };
  check(to_hex(seed_commitment(opened.seed)) == locked.seed_commitment, "seed");
  check(to_hex(commitment(opened.truth.salt, opened.truth.plain)) == locked.truth_commitment, "truth");
  check(to_hex(commitment(opened.ai.salt, opened.ai.plain)) == locked.ai_commitment, "AI table");
  check(allocation_digest(opened.allocation) == locked.allocation_sha256, "allocation");
  check(opened.data_key.public_half == locked.data_key, "data key");
  return opened;
}

/// Whether the logs are what they were when the study was unblinded.
void check_data(LockedStudy& study) {
  for (const Act& act : study.acts()) {
    if (act.kind != "unblind" || act.body.at("data_sha256") == study.data_digest()) continue;
    throw Error(Error::Kind::kInput, "the readers' logs are not those that were unblinded",
                study.folder().database().string(), "stop, and restore the folder as it was at the unblinding")
        .with_code("data_differs");
  }
}

void write_opened(const std::filesystem::path& folder, const Opened& opened) {
  const auto write = [&](const char* name, std::string_view bytes) { write_private_file(folder / name, bytes); };
  write("truth.csv", opened.truth.plain);
  write("truth.salt", to_hex(opened.truth.salt) + "\n");
  write("ai.csv", opened.ai.plain);
  write("ai.salt", to_hex(opened.ai.salt) + "\n");
  write("allocation.csv", allocation_table(opened.allocation));
  write("seed.hex", to_hex(opened.seed.bytes) + "\n");
  write("data.key", to_hex(opened.data_key.secret_half) + "\n");
}

std::vector<AllocationCase> locked_cases(LockedStudy& study, const Truth& truth) {
  std::vector<AllocationCase> cases;
  Statement query = study.store().database().prepare(
      "SELECT id, public FROM case_ WHERE training = 0 ORDER BY id");
  while (query.step()) {
    const std::string id = query.text(0);
    const auto label = truth.label.find(id);
    cases.push_back(
        {id, nlohmann::json::parse(query.text(1)).get<std::map<std::string, std::string>>(),
         label == truth.label.end() ? std::string() : label->second});
  }
  return cases;
}

/// One transaction: the tables are filled first, since the store takes no reading after an unblinding.
void record_unblinding(LockedStudy& study, const UnblindRequest& request, const Opened& opened) {
  const std::string at = format_utc(request.now), data = study.data_digest();
  Transaction transaction(study.store().database());
  for (const ReadingFault& one : reading_faults(study, opened)) {
    study.add_deviation(at, one.reader, one.code, "unreadable", one.text);
  }
  rebuild_readings(study, opened.data_key);
  study.note({at, "unblind", {{"custodians", request.custodians}, {"data_sha256", data}, {"reason", request.reason}}});
  const Bytes<32> digest = bytes_from_hex<32>(data, "the data's digest");
  study.store()
      .database()
      .prepare("INSERT INTO unblinding(scope, reason, custodians, data_lock_sha256, at) "
               "VALUES('study', ?, ?, ?, ?)")
      .bind(1, std::string_view(request.reason))
      .bind(2, std::string_view(nlohmann::json(request.custodians).dump()))
      .bind_blob(3, std::as_bytes(std::span(digest)))
      .bind(4, std::string_view(at))
      .run();
  transaction.commit();
}

}  // namespace

void close_study(LockedStudy& study, const std::string& deviation, UtcTime now) {
  study.need(Stage::kLocked, "closing");
  std::vector<std::string> open;
  for (const PeriodState& period : study.periods()) {
    if (period.is_complete()) continue;
    open.push_back(fmt::format("{} period {} ({} of {})", period.reader, period.period,
                               period.n_done(), period.n_items));
  }
  if (!open.empty() && trim(deviation).empty()) {
    throw Error(Error::Kind::kRefused,
                fmt::format("not read to the end: {} (rule T17)", fmt::join(open, ", ")),
                study.folder().folder.string(),
                "merge the bundles that are missing, or say why with --deviation")
        .with_code("T17");
  }
  Transaction transaction(study.store().database());
  if (!open.empty()) {
    study.add_deviation(format_utc(now), "", "", "closed_early",
                        fmt::format("{}; open: {}", deviation, fmt::join(open, ", ")));
  }
  study.note({format_utc(now), "close", {{"open", open}}});
  transaction.commit();
}

Opened open_sealed_study(LockedStudy& study, const std::vector<std::string>& shares) {
  const std::string& id = study.protocol().study.id;
  const BoxKey master = master_from_shares(shares);
  const auto open = [&](const char* kind) {
    return open_plain(master, kind, id, read_sealed(study.store(), kind));
  };
  try {
    return opened_from(study.certificate(), open("seed").plain, open("truth"), open("ai"), open("allocation").plain,
                       open("data_key").plain);
  } catch (const Error& error) {
    if (error.code != "box_refused") throw;
    throw Error(Error::Kind::kInput, fmt::format("{} shares do not open the study", shares.size()),
                "--share",
                fmt::format("{} of {} custodians are needed, each with the share of this study",
                            study.protocol().blinding.threshold,
                            study.protocol().blinding.custodians.size()))
        .with_code("box_refused");
  }
}

std::vector<std::string> verify_allocation(LockedStudy& study, const Opened& opened) {
  std::vector<std::string> found;
  const Truth truth = parse_truth(opened.truth.plain, "the sealed truth", study.protocol());
  AllocationInput input{.design = study.protocol().design, .readers = {},
                        .cases = locked_cases(study, truth)};
  for (const ReaderFacts& reader : study.protocol().readers) input.readers.push_back(reader.id);
  const std::vector<Assignment> again = allocate(input, opened.seed);
  if (allocation_digest(again) != study.certificate().allocation_sha256) {
    found.emplace_back("the allocation does not follow from protocol, cases, truth and seed");
  }
  return found;
}

bool is_of(const Reading& reading, const Assignment& row) {
  return row.position == reading.position && row.code == reading.code && row.is_repeat == reading.is_repeat;
}

std::vector<ReadingFault> reading_faults(LockedStudy& study, const Opened& opened) {
  std::vector<ReadingFault> faults;
  for (const PeriodState& period : study.periods()) {
    const auto note = [&](int position, const std::string& code, const std::string& why) {
      faults.push_back({period.reader, code, fmt::format("period {}, position {}, case {} counts as not read: {}",
                                                         period.period, position, code, why)});
    };
    const OpenReadings open = open_readings(study.protocol(), period, opened.data_key);
    for (const Unreadable& one : open.unreadable) note(one.position, one.code, printable(one.why));
    for (const Reading& one : open.readings) {
      const bool is_allocated = std::ranges::any_of(opened.allocation, [&](const Assignment& row) {
        return row.reader == period.reader && row.period == period.period && is_of(one, row);
      });
      if (!is_allocated) note(one.position, one.code, "it is not the case that was allocated there");
    }
  }
  return faults;
}

Opened unblind_study(LockedStudy& study, const UnblindRequest& request) {
  const bool is_first = study.stage() != Stage::kUnblinded;
  if (is_first) study.need(Stage::kClosed, "unblinding");
  if (trim(request.reason).empty()) {
    throw Error(Error::Kind::kUsage, "no reason", "--reason", "say why the study is unblinded now");
  }
  Opened opened = open_sealed_study(study, request.shares);
  if (const auto found = verify_allocation(study, opened); !found.empty()) {
    throw Error(Error::Kind::kInput,
                fmt::format("{} ({} findings)", found.front(), found.size()),
                study.folder().folder.string(),
                "the study stays blinded; `rationale study verify` shows the logs")
        .with_code("allocation_differs");
  }
  if (is_first) record_unblinding(study, request, opened);
  check_data(study);
  write_opened(study.folder().unblinded(), opened);  // not before it is written down that it may lie here
  return opened;
}

Opened read_unblinded(LockedStudy& study) {
  study.need(Stage::kUnblinded, "reading what was sealed");
  const auto read = [&](const char* name) {
    return read_private_file(study.folder().unblinded() / name, kLargestFile);
  };
  const auto raw = [&](const char* name) {
    const auto bytes = bytes_from_hex<32>(trim(read(name)), name);
    return std::string(as_text(bytes));
  };
  const auto salted = [&](const std::string& name) {
    return Unsealed{bytes_from(raw((name + ".salt").c_str()), "salt"), read((name + ".csv").c_str())};
  };
  check_data(study);
  return opened_from(study.certificate(), raw("seed.hex"), salted("truth"), salted("ai"), read("allocation.csv"),
                     raw("data.key"));
}

}  // namespace rationale::study
