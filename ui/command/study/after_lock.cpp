// `rationale study package|merge|monitor|verify|rebuild|close|unblind|verify-allocation|analyse`: after the lock.
#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/coordinator/analysis.h"
#include "study/coordinator/archive.h"
#include "study/coordinator/merge.h"
#include "study/coordinator/rebuild.h"
#include "study/coordinator/release.h"
#include "study/coordinator/sealed_set.h"
#include "study/coordinator/unblind.h"
#include "study/exchange/package.h"
#include "study/seal/key_file.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"
#include "ui/command/passphrase.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

constexpr int kFindings = 1, kRefused = 4;

std::string mark(const LockedStudy& study) {
  return study.protocol().study.is_synthetic ? "SYNTHETIC · " : "";
}

/// Who signed the lock: whether these are the keys of the people who should have, only people can say.
Json signers_json(const LockedStudy& study) {
  Json list = Json::array();
  for (const LockSignature& one : study.certificate().signatures) {
    list.push_back({{"role", one.role}, {"key", one.signer}});
  }
  return list;
}

void print_signers(const LockedStudy& study) {
  for (const LockSignature& one : study.certificate().signatures) {
    fmt::print("locked by {}: {}\n", one.role, one.signer);
  }
}

/// Where each reader's log ends, as the reader was shown it.
Json receipts_json(LockedStudy& study) {
  Json list = Json::array();
  for (const std::string& chain : study.reader_chains()) {
    list.push_back({{"log", chain}, {"receipt", receipt(study.store().head(chain).hash)}});
  }
  return list;
}

Json faults_json(const std::vector<ReadingFault>& faults) {
  Json list = Json::array();
  for (const ReadingFault& one : faults) list.push_back({{"reader", one.reader}, {"case", one.code}, {"text", one.text}});
  return list;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Json period_json(LockedStudy& study, const PeriodState& period) {
  std::vector<double> seconds;
  double hidden = 0, idle = 0, wall = 0;
  for (const Reading& one : period.readings) {
    seconds.push_back(static_cast<double>(one.times.active_ms) / 1000);
    hidden += static_cast<double>(one.times.hidden_ms);
    idle += static_cast<double>(one.times.idle_ms);
    wall += static_cast<double>(one.times.wall_ms);
  }
  Json json{{"reader", period.reader}, {"period", period.period}, {"done", period.n_done()},
            {"items", period.n_items}, {"released", period.is_released}};
  json["median_s"] = seconds.empty() ? not_estimable("no_readings", "nothing was read yet") : Json(median(seconds));
  json["hidden_percent"] = wall > 0 ? Json(100 * hidden / wall) : not_estimable("no_readings", "nothing was read yet");
  json["idle_percent"] = wall > 0 ? Json(100 * idle / wall) : not_estimable("no_readings", "nothing was read yet");
  json["last"] = period.last_closed_at;
  std::string next;
  if (period.period < study.protocol().design.periods) {
    const auto washed = study.washout_ends(period.reader, period.period + 1);
    if (washed) next = format_utc_day(*washed);
  }
  json["next_package"] = next;
  return json;
}

std::string number_or_dash(const Json& value, int digits) {
  return value.is_number() ? fmt::format("{:.{}f}", value.get<double>(), digits) : "-";
}

}  // namespace

int run_study_package(const CommandLine& line) {
  const StudyOptions& o = line.study;
  LockedStudy study(StudyFolder{o.folder});
  const auto outcomes =
      release_period(study, o.period, o.out, study_time(study.protocol(), o.now));
  int n_released = 0;
  Json list = Json::array();
  for (const ReleaseOutcome& one : outcomes) {
    n_released += one.is_released ? 1 : 0;
    list.push_back({{"reader", one.reader}, {"period", one.period}, {"released", one.is_released},
                    {"reason", one.why_not}, {"package", one.package.string()}, {"bytes", one.bytes}});
    if (line.common.json) continue;
    if (one.is_released) {
      fmt::print("{}{}: {} ({:.1f} MB)\n", mark(study), one.reader, one.package.string(),
                 static_cast<double>(one.bytes) / 1e6);
    } else {
      fmt::print("{}{}: not released; {}\n", mark(study), one.reader, one.why_not);
    }
  }
  if (n_released == 0) {
    throw Error(Error::Kind::kRefused, outcomes.front().why_not, fmt::format("period {}", o.period),
                "see `rationale study monitor` for who is where")
        .with_code("I9");
  }
  if (line.common.json) print_json("rationale.study.package", {{"packages", list}});
  return n_released == static_cast<int>(outcomes.size()) ? 0 : kFindings;
}

int run_study_merge(const CommandLine& line) {
  const StudyOptions& o = line.study;
  LockedStudy study(StudyFolder{o.folder});
  const UtcTime now = study_time(study.protocol(), o.now);
  Json list = Json::array();
  for (const std::filesystem::path& bundle : o.bundles) {
    const MergeReport r = merge_file(study, bundle, now);
    list.push_back({{"reader", r.reader}, {"period", r.period}, {"from_seq", r.from_seq},
                    {"to_seq", r.to_seq}, {"new", r.n_new}, {"receipt", r.receipt},
                    {"deviations", r.deviations}, {"done", r.n_done}, {"items", r.n_items}});
    if (line.common.json) continue;
    fmt::print("{}{} p{}: events {}..{}, {} new, chain good, receipt {}; {} of {} read\n", mark(study),
               r.reader, r.period, r.from_seq, r.to_seq, r.n_new, r.receipt, r.n_done, r.n_items);
    for (const std::string& text : r.deviations) fmt::print("  deviation: {}\n", text);
  }
  if (line.common.json) print_json("rationale.study.merge", {{"bundles", list}});
  return 0;
}

int run_study_monitor(const CommandLine& line) {
  LockedStudy study(StudyFolder{line.study.folder});
  Json list = Json::array();
  for (const PeriodState& period : study.periods()) list.push_back(period_json(study, period));
  if (line.common.json) {
    Json deviations = Json::array();
    for (const auto& one : study.deviations()) {
      deviations.push_back({{"at", one.at}, {"reader", one.reader}, {"kind", one.kind}, {"text", one.text}});
    }
    print_json("rationale.study.monitor", {{"stage", stage_name(study.stage())},
                                           {"synthetic", study.protocol().study.is_synthetic},
                                           {"periods", list},
                                           {"deviations", deviations}});
    return 0;
  }
  fmt::print("{}{} · {}\n", mark(study), study.protocol().study.id, stage_name(study.stage()));
  fmt::print("{:<12} {:>6} {:>11} {:>9} {:>8} {:>6}  {:<11} {}\n", "reader", "period", "done", "median s",
             "hidden%", "idle%", "last", "next package");
  for (const Json& one : list) {
    const std::string last = one.at("last");
    const std::string next = one.at("next_package");
    fmt::print("{:<12} {:>6} {:>11} {:>9} {:>8} {:>6}  {:<11} {}\n", one.at("reader").get<std::string>(),
               one.at("period").get<int>(),
               fmt::format("{} of {}", one.at("done").get<int>(), one.at("items").get<int>()),
               number_or_dash(one.at("median_s"), 0), number_or_dash(one.at("hidden_percent"), 1),
               number_or_dash(one.at("idle_percent"), 1), last.empty() ? "-" : last.substr(0, 10),
               next.empty() ? "-" : next + " (washout)");
  }
  for (const auto& one : study.deviations()) fmt::print("deviation, {}: {}\n", one.reader, one.text);
  fmt::print("how each case was shown and answered, and what is true of it, is not here\n");
  return 0;
}

int run_study_verify(const CommandLine& line) {
  const TemporaryFolder unpacked;
  StudyFolder folder{line.study.folder};
  Json findings = Json::array();
  if (!line.study.archive.empty()) {
    const UnpackedArchive archive = unpack_archive(line.study.archive, unpacked.path());
    folder.folder = archive.study;
    for (const std::string& one : archive.findings) findings.push_back(one);
  }
  LockedStudy study(folder);  // protocol, certificate, store and chains
  const std::filesystem::path& other = line.study.certificate;
  if (!other.empty() && read_file(other) != read_file(study.folder().certificate())) {
    findings.push_back(other.string() + ": another certificate than this study's");
  }
  for (const LockedPackage& one : study.certificate().packages) {
    const auto path = study.folder().packages() / fmt::format("{}-p{}.rpk", one.reader, one.period);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;  // it may lie with its reader only
    try {
      if (package_digests(path) != one.sha256) findings.push_back(path.string() + ": not the locked package");
    } catch (const Error& error) {
      findings.push_back(fmt::format("{}: {}", path.string(), error.what()));
    }
  }
  if (line.common.json) {
    print_json("rationale.study.verify", {{"ok", findings.empty()}, {"data_sha256", study.data_digest()},
                                          {"findings", findings}, {"signers", signers_json(study)},
                                          {"acts", to_hex(study.acts_head().hash)},
                                          {"receipts", receipts_json(study)}});
  } else {
    print_signers(study);
    for (const std::string& chain : study.reader_chains()) {
      fmt::print("{}: receipt {}\n", chain, receipt(study.store().head(chain).hash));
    }
    fmt::print("acts: {}, head {}\n", study.acts_head().seq, to_hex(study.acts_head().hash));
    for (const Json& one : findings) fmt::print("{}\n", one.get<std::string>());
    fmt::print("{}: certificate, protocol, {} logs and packages; data {}\n",
               findings.empty() ? "good" : "NOT as locked", study.reader_chains().size(),
               study.data_digest());
  }
  return findings.empty() ? 0 : exit_code(Error::Kind::kInput);
}

int run_study_rebuild(const CommandLine& line) {
  LockedStudy study(StudyFolder{line.study.folder});
  if (study.stage() == Stage::kUnblinded) {
    throw Error(Error::Kind::kRefused, "the study is unblinded: its tables are final (rule I20)",
                line.study.folder.string(), "`rationale study verify` checks the logs behind them")
        .with_code("I20");
  }
  const RebuildReport report = rebuild_readings(study);
  if (line.common.json) {
    print_json("rationale.study.rebuild", {{"readings", report.n_readings}, {"same", report.is_same}});
  } else {
    fmt::print("{} readings; the tables were {}\n", report.n_readings,
               report.is_same ? "the same" : "NOT what the events say, and are now");
  }
  return report.is_same ? 0 : kFindings;
}

int run_study_close(const CommandLine& line) {
  LockedStudy study(StudyFolder{line.study.folder});
  close_study(study, line.study.deviation, study_time(study.protocol(), line.study.now));
  if (line.common.json) {
    print_json("rationale.study.close", {{"stage", "closed"}, {"data_sha256", study.data_digest()}});
  } else {
    fmt::print("{}closed; data {}\nnext: `rationale study unblind`\n", mark(study), study.data_digest());
  }
  return 0;
}

int run_study_unblind(const CommandLine& line) {
  const StudyOptions& o = line.study;
  if (o.shares.size() != o.keys.size()) {
    throw Error(Error::Kind::kUsage, "each share needs its custodian's key file", "--share, --key",
                "give both in the same order, as often as there are shares");
  }
  LockedStudy study(StudyFolder{o.folder});
  if (study.stage() != Stage::kUnblinded) study.need(Stage::kClosed, "unblinding");
  UnblindRequest request{.shares = {}, .custodians = {}, .reason = o.reason,
                         .now = study_time(study.protocol(), o.now)};
  for (std::size_t i = 0; i < o.shares.size(); ++i) {
    const SigningKey key = read_key_file(o.keys[i], passphrase(o.keys[i].filename().string()));
    request.shares.push_back(read_share(o.shares[i], key));
    for (const auto& [name, custodian] : study.certificate().custodians) {
      if (custodian == key.public_key()) request.custodians.push_back(name);
    }
  }
  const Opened opened = unblind_study(study, request);
  const std::vector<ReadingFault> faults = reading_faults(study, opened);
  if (line.common.json) {
    print_json("rationale.study.unblind", {{"readings", opened.allocation.size()}, {"allocation", "verified"},
                                           {"custodians", request.custodians}, {"signers", signers_json(study)},
                                           {"not_usable", faults_json(faults)},
                                           {"acts", to_hex(study.acts_head().hash)}});
  } else {
    print_signers(study);
    for (const ReadingFault& one : faults) fmt::print("deviation, {}: {}\n", one.reader, one.text);
    fmt::print("{}unblinded by {}: the allocation follows from protocol, cases, truth and seed; {} readings are not "
               "usable\nacts: head {}\nnext: `rationale study analyse`\n",
               mark(study), fmt::join(request.custodians, ", "), faults.size(), to_hex(study.acts_head().hash));
  }
  return 0;
}

int run_study_verify_allocation(const CommandLine& line) {
  LockedStudy study(StudyFolder{line.study.folder});
  const Opened opened = read_unblinded(study);
  const auto findings = verify_allocation(study, opened);
  const std::vector<ReadingFault> faults = reading_faults(study, opened);
  if (line.common.json) {
    print_json("rationale.study.verify-allocation", {{"ok", findings.empty()}, {"findings", findings},
                                                     {"not_usable", faults_json(faults)}});
  } else {
    for (const std::string& one : findings) fmt::print("{}\n", one);
    for (const ReadingFault& one : faults) fmt::print("{}: {}\n", one.reader, one.text);
    fmt::print("{}; {} readings are not usable\n",
               findings.empty() ? "good: byte for byte as locked" : "NOT as locked", faults.size());
  }
  return findings.empty() ? 0 : exit_code(Error::Kind::kInput);
}

int run_study_analyse(const CommandLine& line) {
  const StudyOptions& o = line.study;
  LockedStudy study(StudyFolder{o.folder});
  const std::filesystem::path out = o.out.empty() ? study.folder().analysis() : o.out;
  const Json results = analyse_study(study, read_unblinded(study), o.sources, out,
                                     [](const std::filesystem::path& film) { return load_film_apart(film); });
  if (line.common.json) {
    print_json("rationale.study.analyse", results);
  } else {
    fmt::print("{}{}\n", mark(study), (out / "report.html").string());
  }
  return 0;
}

}  // namespace rationale::ui
