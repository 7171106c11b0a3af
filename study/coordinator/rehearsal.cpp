#include "study/coordinator/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "data/base/error.h"
#include "study/coordinator/analysis.h"
#include "study/coordinator/enrolment.h"
#include "study/coordinator/lock.h"
#include "study/coordinator/merge.h"
#include "study/coordinator/release.h"
#include "study/coordinator/sealed_set.h"
#include "study/coordinator/simulated_reading.h"

namespace rationale::study {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

using Keys = std::map<std::string, SigningKey>;

struct People {
  Keys readers, custodians;
  std::vector<SigningKey> signers;
};

class Rehearsal {
 public:
  Rehearsal(const RehearsalRequest& request, fs::path folder) : request_(request), folder_(std::move(folder)) {}

  RehearsalReport run() {
    step("copied and checked", [&] { copy(); });
    step("locked", [&] { lock(); });
    LockedStudy study(StudyFolder{folder_ / "release"});
    for (int n = 1; n <= protocol_.design.periods; ++n) {
      step(fmt::format("period {} read and merged", n), [&] { read_period(study, n); });
    }
    step("closed and unblinded", [&] { unblind(study); });
    step("analysed", [&] {
      analyse_study(study, read_unblinded(study), copy_.folder, study.folder().analysis(), request_.load);
    });
    report_.report = study.folder().analysis() / "report.html";
    return report_;
  }

 private:
  void step(const std::string& what, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    report_.steps.push_back({what, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
  }

  void copy() {
    for (std::size_t k = 0; k < 8; ++k) seed_.bytes[k] = static_cast<unsigned char>(request_.seed >> (8 * k));
    copy_ = copy_for_rehearsal(request_.study, folder_ / "study", request_.size, seed_);
    protocol_ = read_study_protocol(copy_);
    report_.study_id = protocol_.study.id;
    report_.n_readers = static_cast<int>(protocol_.readers.size());
    report_.n_cases = protocol_.cases.count;
    report_.n_periods = protocol_.design.periods;
  }

  void lock() {
    const auto enrol_one = [&](const std::string& name, Keys& keys) {
      const SigningKey& key = keys.emplace(name, SigningKey::make()).first->second;
      enrol(copy_.enrolled(), protocol_, name, to_hex(key.public_key()), format_utc(request_.now));
    };
    for (const ReaderFacts& reader : protocol_.readers) enrol_one(reader.id, people_.readers);
    for (const std::string& name : protocol_.blinding.custodians) enrol_one(name, people_.custodians);
    for (std::size_t i = 0; i < protocol_.signatures.roles.size(); ++i) people_.signers.push_back(SigningKey::make());
    const LockReport locked = lock_study({.study = copy_,
                                          .release = folder_ / "release",
                                          .signers = people_.signers,
                                          .now = request_.now,
                                          .seed = seed_,
                                          .quiet = request_.quiet,
                                          .load = request_.load});
    report_.n_readings = locked.n_readings;
    for (const LockedPackage& one : locked.certificate.packages) report_.package_bytes += one.bytes;
    const Protocol whole = read_study_protocol(request_.study);
    const double more = static_cast<double>(whole.cases.count) * static_cast<double>(whole.readers.size()) /
                        (static_cast<double>(report_.n_cases) * static_cast<double>(report_.n_readers));
    report_.study_package_bytes = static_cast<std::int64_t>(more * static_cast<double>(report_.package_bytes));
    const Manifest manifest = read_manifest(copy_.folder / protocol_.cases.manifest, protocol_);
    const Truth truth = read_truth(copy_.folder / protocol_.truth.file, protocol_, manifest);
    films_.emplace(manifest, truth, protocol_, request_.quiet, request_.load);
    now_ = request_.now;
  }

  void read_period(LockedStudy& study, int period) {
    now_ += days(1);
    for (const ReaderFacts& reader : protocol_.readers) {
      now_ = std::max(now_, study.washout_ends(reader.id, period).value_or(now_));
    }
    const auto released = release_period(study, period, folder_ / "outbox", now_);
    Progress progress(fmt::format("readers of period {}", period), released.size(), request_.quiet);
    UtcTime end = now_;
    std::vector<fs::path> bundles;
    for (const ReleaseOutcome& one : released) {
      if (!one.is_released) {
        throw Error(Error::Kind::kRefused, one.why_not, fmt::format("{}, period {}", one.reader, period),
                    "a rehearsal follows the protocol's own times: this is a fault of the program")
            .with_code("I9");
      }
      ReadingPlace place(one.package, people_.readers.at(one.reader), {}, now_);
      const SimulatedReading read = read_simulated(place, *films_, SimulatedModel{}, request_.seed, now_);
      end = std::max(end, now_ + days(read.n_sessions));
      bundles.push_back(read.bundle);
      progress.update(bundles.size());
    }
    now_ = end;
    for (const fs::path& bundle : bundles) merge_file(study, bundle, now_);
  }

  void unblind(LockedStudy& study) {
    now_ += days(1);
    close_study(study, "", now_);
    UnblindRequest unblinding{.shares = {}, .custodians = {}, .reason = "rehearsal", .now = now_};
    for (const auto& [name, key] : people_.custodians) {
      const int number = static_cast<int>(unblinding.shares.size()) + 1;
      if (number > protocol_.blinding.threshold) break;
      unblinding.shares.push_back(read_share(share_file(study.folder().shares(), number, name), key));
      unblinding.custodians.push_back(name);
    }
    unblind_study(study, unblinding);
  }

  const RehearsalRequest& request_;
  fs::path folder_;
  StudyFolder copy_;
  Protocol protocol_;
  Seed seed_;
  People people_;
  std::optional<KnownFilms> films_;
  UtcTime now_{};
  RehearsalReport report_;
};

}  // namespace

RehearsalReport rehearse(const RehearsalRequest& request) {
  std::error_code ignored;
  if (fs::exists(request.out, ignored)) {
    throw Error(Error::Kind::kRefused, "there is something already", request.out.string(),
                "remove it, or name another folder with --out")
        .with_code("exists");
  }
  const fs::path made = part_folder(request.out);
  try {
    RehearsalReport report = Rehearsal(request, made).run();
    fs::rename(made, whole_path(request.out));
    report.report = request.out / fs::relative(report.report, made);
    return report;
  } catch (...) {
    fs::remove_all(made, ignored);
    throw;
  }
}

}  // namespace rationale::study
