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

Opened opened_from(const std::string& seed, std::string truth, std::string ai,
                   const std::string& table, const std::string& data_key) {
  return {.seed = {bytes_from(seed, "seed")},
          .truth = std::move(truth),
          .ai = std::move(ai),
          .allocation = parse_allocation_table(table, "the sealed allocation"),
          .data_key = DataKey::from_secret(bytes_from(data_key, "data key"))};
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

/// Every reading against its row: same item, same position, none skipped.
void compare_readings(LockedStudy& study, const Opened& opened, std::vector<std::string>& found) {
  for (const PeriodState& period : study.periods()) {
    int expected = 1;
    for (const Reading& one : period.readings) {
      const auto row = std::ranges::find_if(opened.allocation, [&](const Assignment& a) {
        return a.reader == period.reader && a.period == period.period && a.position == one.position;
      });
      const std::string where =
          fmt::format("{} period {} position {}", period.reader, period.period, one.position);
      if (row == opened.allocation.end()) {
        found.push_back(where + ": the allocation has no such position");
      } else if (row->code != one.code || row->is_repeat != one.is_repeat) {
        found.push_back(fmt::format("{}: case {} was read, {} was allocated", where, one.code, row->code));
      }
      if (one.position != expected++) found.push_back(where + ": read out of order");
    }
  }
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
  study.store().set_meta("closed", format_utc(now));
  transaction.commit();
}

Opened open_sealed_study(LockedStudy& study, const std::vector<std::string>& shares) {
  const std::string& id = study.protocol().study.id;
  const BoxKey master = master_from_shares(shares);
  const auto open = [&](const char* kind) {
    return open_plain(master, kind, id, read_sealed(study.store(), kind));
  };
  try {
    return opened_from(open("seed"), open("truth"), open("ai"), open("allocation"),
                       open("data_key"));
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
  const Certificate& locked = study.certificate();
  if (to_hex(seed_commitment(opened.seed)) != locked.seed_commitment) {
    found.emplace_back("the seed is not the one that was committed to");
  }
  const Truth truth = parse_truth(opened.truth, "the sealed truth", study.protocol());
  AllocationInput input{.design = study.protocol().design, .readers = {},
                        .cases = locked_cases(study, truth)};
  for (const ReaderFacts& reader : study.protocol().readers) input.readers.push_back(reader.id);
  const std::vector<Assignment> again = allocate(input, opened.seed);
  if (allocation_digest(again) != locked.allocation_sha256) {
    found.emplace_back("the allocation does not follow from protocol, cases, truth and seed");
  }
  if (allocation_digest(opened.allocation) != locked.allocation_sha256) {
    found.emplace_back("the sealed allocation is not the one that was locked");
  }
  compare_readings(study, opened, found);
  return found;
}

Opened unblind_study(LockedStudy& study, const UnblindRequest& request) {
  study.need(Stage::kClosed, "unblinding");
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
  const StudyFolder& folder = study.folder();
  write_private_file(folder.unblinded() / "truth.csv", opened.truth);
  write_private_file(folder.unblinded() / "ai.csv", opened.ai);
  write_private_file(folder.unblinded() / "allocation.csv", allocation_table(opened.allocation));
  write_private_file(folder.unblinded() / "seed.hex", to_hex(opened.seed.bytes) + "\n");
  write_private_file(folder.unblinded() / "data.key", to_hex(opened.data_key.secret_half) + "\n");

  rebuild_readings(study, opened.data_key);  // the store takes no reading after the next line
  const Bytes<32> digest = bytes_from_hex<32>(study.data_digest(), "the data's digest");
  study.store()
      .database()
      .prepare("INSERT INTO unblinding(scope, reason, custodians, data_lock_sha256, at) "
               "VALUES('study', ?, ?, ?, ?)")
      .bind(1, std::string_view(request.reason))
      .bind(2, std::string_view(nlohmann::json(request.custodians).dump()))
      .bind_blob(3, std::as_bytes(std::span(digest)))
      .bind(4, std::string_view(format_utc(request.now)))
      .run();
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
  return opened_from(raw("seed.hex"), read("truth.csv"), read("ai.csv"), read("allocation.csv"),
                     raw("data.key"));
}

}  // namespace rationale::study
