// `rationale study new|check|allocate|make-key|enrol|lock|verify-log`: until the lock.
#include <fmt/format.h>

#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/allocation/input_file.h"
#include "study/coordinator/enrolment.h"
#include "study/coordinator/lock.h"
#include "study/log/log_file.h"
#include "study/log/private_file.h"
#include "study/protocol/check.h"
#include "study/protocol/schema.h"
#include "study/seal/key_file.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"
#include "ui/command/passphrase.h"
#include "crossover.toml.h"
#include "phantom.toml.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using namespace rationale::study;

Json finding_json(const Finding& one) {
  return {{"code", one.code}, {"line", one.line}, {"path", one.path}, {"message", one.message}};
}

Json list_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& one : findings) list.push_back(finding_json(one));
  return list;
}

void print_findings(const std::vector<Finding>& findings, const char* kind, const std::string& name) {
  for (const Finding& one : findings) {
    fmt::print("{}:{}: {} {} {}{}{}\n", name, one.line, kind, one.code, one.path,
               one.path.empty() ? "" : ": ", one.message);
  }
}

/// The template with its study id replaced.
std::string named_template(const std::string& text, const std::string& id) {
  const std::size_t table = text.find("[study]");
  const std::size_t from = text.find("id = \"", table) + 6;
  const std::size_t to = text.find('"', from);
  return text.substr(0, from) + id + text.substr(to);
}

}  // namespace

int run_study_new(const CommandLine& line) {
  const StudyOptions& o = line.study;
  if (!has_form(o.name, TextForm::kStudyId, 0, 0)) {
    throw Error(Error::Kind::kUsage, fmt::format("\"{}\" is no study id", o.name), "the name",
                form_words(TextForm::kStudyId, 0, 0));
  }
  std::string text;
  if (o.from == "crossover") text = templates::kCrossoverToml;
  if (o.from == "phantom") text = templates::kPhantomToml;
  if (text.empty()) {
    throw Error(Error::Kind::kUsage, fmt::format("there is no template \"{}\"", o.from), "--from",
                "use crossover or phantom");
  }
  const StudyFolder study{o.name};
  std::error_code ignored;
  if (std::filesystem::exists(study.protocol(), ignored)) {
    throw Error(Error::Kind::kRefused, "there is a protocol already", study.protocol().string(),
                "choose another name, or edit that one")
        .with_code("exists");
  }
  write_file(study.protocol(), named_template(text, o.name));
  if (line.common.json) {
    print_json("rationale.study.new", {{"protocol", study.protocol().string()}});
  } else {
    fmt::print("{}\nnext: edit it, then `cd {} && rationale study check`\n",
               study.protocol().string(), o.name);
  }
  return 0;
}

int run_study_check(const CommandLine& line) {
  const std::filesystem::path file = line.study.file.empty() ? "protocol.toml" : line.study.file;
  const ProtocolCheck check = check_protocol(read_file(file));
  if (line.common.json) {
    print_json("rationale.study.check",
               {{"errors", list_json(check.errors)}, {"warnings", list_json(check.warnings)}});
  } else {
    print_findings(check.errors, "error", file.string());
    print_findings(check.warnings, "warning", file.string());
    const auto count = [](std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); };
    fmt::print("{}, {}\n", count(check.errors.size(), "error"), count(check.warnings.size(), "warning"));
  }
  return check.errors.empty() ? 0 : 1;
}

int run_study_allocate(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const AllocationRequest request = parse_allocation_request(read_file(o.input), o.input.string());
  const std::vector<Assignment> rows = allocate(request.input, request.seed);
  write_file(o.out, allocation_table(rows));
  if (line.common.json) {
    print_json("rationale.study.allocate", {{"rows", rows.size()}, {"sha256", allocation_digest(rows)}});
  } else {
    fmt::print("{} rows, sha256 {}\n", rows.size(), allocation_digest(rows));
  }
  return 0;
}

int run_study_verify_log(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const Checkpoint checkpoint = parse_checkpoint(read_file(o.checkpoint), o.checkpoint.string());
  const bool is_signed = checkpoint.is_signed();
  LogCheck check = check_log(read_file(o.file), checkpoint);
  if (!check.fault && !is_signed) {
    check.fault = {"CH04", check.head.seq, "the checkpoint's signature does not hold"};
  }
  if (check.fault) {
    if (!line.common.json) {
      throw Error(Error::Kind::kInput, fmt::format("{} at event {}: {}", check.fault->code,
                                                   check.fault->seq, check.fault->what),
                  o.file.string(), "this log is not as it was written; keep it, and get another copy")
          .with_code(check.fault->code);
    }
    print_json("rationale.study.verify-log", {{"ok", false},
                                              {"code", check.fault->code},
                                              {"seq", check.fault->seq},
                                              {"what", check.fault->what}});
    return exit_code(Error::Kind::kInput);
  }
  if (line.common.json) {
    print_json("rationale.study.verify-log", {{"ok", true},
                                              {"seq", check.head.seq},
                                              {"head", to_hex(check.head.hash)},
                                              {"receipt", receipt(check.head.hash)}});
  } else {
    fmt::print("good: {} events, receipt {}\n", check.head.seq, receipt(check.head.hash));
  }
  return 0;
}

int run_study_make_key(const CommandLine& line) {
  const std::filesystem::path& file = line.study.key;
  const SigningKey key = SigningKey::make();
  write_key_file(file, key, new_passphrase(file.filename().string()));
  if (line.common.json) {
    print_json("rationale.study.make-key", {{"file", file.string()}, {"key", to_hex(key.public_key())}});
  } else {
    fmt::print("{}\nkeep it: nobody can make it again. Its public half, for `rationale study enrol`:\n{}\n",
               file.string(), to_hex(key.public_key()));
  }
  return 0;
}

int run_study_enrol(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const StudyFolder study{o.folder};
  const Protocol protocol = read_study_protocol(study);
  std::error_code ignored;
  if (std::filesystem::exists(study.certificate(), ignored)) {
    throw Error(Error::Kind::kRefused, "the study is locked", study.certificate().string(),
                "readers are enrolled before the lock")
        .with_code("locked");
  }
  const UtcTime now = study_time(protocol, o.now);
  const std::string role = enrol(study.enrolled(), protocol, o.name, o.hex, format_utc(now));
  if (line.common.json) {
    print_json("rationale.study.enrol", {{"name", o.name}, {"role", role}});
  } else {
    fmt::print("{} {} is enrolled\n", role, o.name);
  }
  return 0;
}

int run_study_lock(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const StudyFolder study{o.folder};
  const Protocol protocol = read_study_protocol(study);
  LockRequest request{.study = study,
                      .release = o.out.empty() ? o.folder / "release" : o.out,
                      .signers = {},
                      .now = study_time(protocol, o.now),
                      .seed = {},
                      .quiet = line.common.progress(),
                      .load = [](const std::filesystem::path& film) { return load_film_apart(film); }};
  for (const std::filesystem::path& file : o.keys) {
    request.signers.push_back(read_key_file(file, passphrase(file.filename().string())));
  }
  if (o.seed) {
    Seed seed;
    for (std::size_t k = 0; k < 8; ++k) seed.bytes[k] = static_cast<unsigned char>(*o.seed >> (8 * k));
    request.seed = seed;
  }
  const LockReport report = lock_study(request);
  const Certificate& c = report.certificate;
  if (line.common.json) {
    Json packages = Json::array();
    for (const LockedPackage& one : c.packages) {
      packages.push_back({{"reader", one.reader}, {"period", one.period}, {"bytes", one.bytes},
                          {"not_before", one.not_before}});
    }
    print_json("rationale.study.lock", {{"release", request.release.string()},
                                        {"cases", report.n_cases},
                                        {"readings", report.n_readings},
                                        {"allocation_sha256", c.allocation_sha256},
                                        {"seed_commitment", c.seed_commitment},
                                        {"synthetic", c.is_synthetic},
                                        {"packages", packages}});
    return 0;
  }
  fmt::print("{}locked: {} cases, {} readers, {} periods, {} readings\n",
             c.is_synthetic ? "SYNTHETIC · " : "", report.n_cases, protocol.readers.size(),
             protocol.design.periods, report.n_readings);
  fmt::print("truth, seed and allocation are sealed to {} of {} custodians; allocation {}…, seed {}…\n",
             protocol.blinding.threshold, protocol.blinding.custodians.size(),
             c.allocation_sha256.substr(0, 12), c.seed_commitment.substr(0, 12));
  std::int64_t bytes = 0;
  for (const LockedPackage& one : c.packages) bytes += one.bytes;
  fmt::print("{} packages, {:.1f} MB, all items of one size\n", c.packages.size(),
             static_cast<double>(bytes) / 1e6);
  fmt::print("next: hand {} to the coordinator; keep this folder, with truth and explanations, from them\n",
             request.release.string());
  return 0;
}

}  // namespace rationale::ui
