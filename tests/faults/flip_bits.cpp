#include <fmt/format.h>

#include <functional>
#include <random>

#include "data/base/interrupt.h"
#include "tests/faults/faults.h"
#include "tests/support/shared.h"

namespace rationale::faults {

namespace fs = std::filesystem;
using test::Answered;

Outcome flip_bits(const Trial& trial, int n, std::uint64_t seed, Quiet quiet) {
  const test::TrialStudy& study = trial.study;
  Outcome outcome;
  const auto bundle_of = [&](const char* reader) {
    return fs::path(study.simulate(reader, 1, "2026-03-03").json().at("bundle").get<std::string>());
  };
  const fs::path first = bundle_of("r2"), second = bundle_of("r3");
  const fs::path package = fs::path(study.at("release")) / "packages" / "r3-p2.rpk";
  const fs::path store = fs::path(study.at("release")) / "study.db";
  if (study.step("merge " + first.string(), "2026-03-04").status != 0) {
    outcome.count("the first bundle is not merged");
    return outcome;
  }
  const std::string data = study.step("verify").json().at("data_sha256");

  std::mt19937_64 random(seed);
  // Flips one bit of `file`, runs, and puts the byte back.
  const auto with_flip = [&](const fs::path& file, const std::function<Answered()>& run,
                             const std::function<bool(const Answered&)>& holds) {
    const std::string good = read_file(file);
    std::string bad = good;
    const std::size_t at = random() % good.size();
    bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << (random() % 8)));
    write_file(file, bad);
    const Answered answered = run();
    write_file(file, good);
    outcome.count(holds(answered) ? "" : fmt::format("byte {} of {}: exit {}, {}", at, file.filename().string(),
                                                     answered.status, answered.text));
  };
  const auto is_found = [](const Answered& answered) { return answered.status == 3; };
  const auto chain = test::shared("golden/study/chain", 1);
  Progress progress("flipped bits", static_cast<std::size_t>(n), quiet);
  for (int i = 0; i < n; ++i) {
    check_interrupt();
    if (i % 4 == 0 && chain) {
      const fs::path log = study.at("log.jsonl");
      write_file(log, read_file(*chain / "good.jsonl"));
      with_flip(log, [&] {
        return study.run(fmt::format("study verify-log {} --checkpoint {}", log.string(),
                                     (*chain / "good.json").string()));
      }, is_found);
    } else if (i % 4 == 1) {
      with_flip(second, [&] { return study.step("merge " + second.string(), "2026-03-04"); }, is_found);
    } else if (i % 4 == 2) {
      with_flip(package, [&] { return study.step("verify"); }, is_found);
    } else {
      // SQLite leaves bytes that hold nothing; a flip there is no change of the data, and any other is found.
      with_flip(store, [&] { return study.step("verify"); }, [&](const Answered& answered) {
        return answered.status == 3 || (answered.status == 0 && answered.json().at("data_sha256") == data);
      });
    }
    progress.update(static_cast<std::size_t>(i + 1));
  }
  if (study.step("verify").json().at("data_sha256") != data ||
      study.step("merge " + second.string(), "2026-03-04").status != 0) {
    outcome.count("the files as they were are no longer taken");
  }
  return outcome;
}

}  // namespace rationale::faults
