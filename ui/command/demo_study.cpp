#include "ui/command/demo_study.h"

#include <fmt/format.h>

#include <cstdlib>

#include "data/base/file.h"
#include "data/cases/csv.h"
#include "phantom.toml.h"

namespace rationale::ui {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Run = std::function<Json(std::vector<std::string>)>;

constexpr const char* kPassphrase = "for the demo only";
constexpr const char* kReaders[] = {"r1", "r2", "r3"};

/// The manifest, which everybody may see, and the truth, which nobody may: cut from the samples' one table.
void write_tables(const fs::path& films, const fs::path& study) {
  const CsvTable table = read_csv(films / "cases.csv");
  const std::size_t id = table.need("case"), file = table.need("file"), patient = table.need("patient"),
                    view = table.need("view"), truth = table.need("consolidation");
  std::string cases = "case,patient,file,view\n", labels = "case,consolidation\n";
  for (const CsvRow& row : table.rows) {
    const std::string film = fs::relative(films / row.cells[file], study / "data").string();
    cases += csv_line({row.cells[id], row.cells[patient], film, row.cells[view]});
    labels += csv_line({row.cells[id], row.cells[truth]});
  }
  write_file(study / "data" / "cases.csv", cases);
  write_file(study / "data" / "truth.csv", labels);
}

/// Simulated readers read a period, and their bundles are merged.
void read_period(const fs::path& folder, int period, const std::string& begin, const std::string& end,
                 const Run& rationale) {
  const std::string release = (folder / "release").string(), data = (folder / "study" / "data").string();
  rationale({"study", "package", "--study", release, "--period", std::to_string(period), "--out",
             (folder / "outbox").string(), "--now", begin});
  std::vector<std::string> merge{"study", "merge", "--study", release, "--now", end};
  for (const char* reader : kReaders) {
    const fs::path package = folder / "outbox" / fmt::format("{}-p{}.rpk", reader, period);
    const Json read = rationale({"study", "simulate", package.string(), "--key",
                                 (folder / (std::string(reader) + ".key")).string(), "--cases", data + "/cases.csv",
                                 "--truth", data + "/truth.csv", "--now", begin});
    merge.push_back(read.at("bundle").get<std::string>());
  }
  rationale(merge);
}

}  // namespace

DemoStudy run_demo_study(const fs::path& folder, const fs::path& model_card, const Run& rationale,
                         Quiet quiet) {
  const auto step = [&](const char* what) {
    if (quiet == Quiet::kNo) fmt::print(stderr, "{}\n", what);
  };
  ::setenv("RATIONALE_PASSPHRASE", kPassphrase, 1);
  fs::remove_all(folder);
  const fs::path films = folder / "films", study = folder / "study";
  step("A reader study: making and explaining 60 films");
  rationale({"samples", "--seed", "4003", "--count", "60", "--out", films.string()});
  write_tables(films, study);
  write_file(study / "protocol.toml", templates::kPhantomToml);
  rationale({"explain", "--model", model_card.string(), "--cases", (films / "cases.csv").string(), "--out",
             (study / "data" / "explanations").string()});
  rationale({"study", "check", (study / "protocol.toml").string()});

  step("Enrolling readers and custodians, locking");
  for (const char* name : {"r1", "r2", "r3", "statistician", "sponsor_qa", "pi"}) {
    const std::string file = (folder / (std::string(name) + ".key")).string();
    const Json key = rationale({"study", "make-key", file});
    if (std::string(name) == "pi") continue;
    rationale({"study", "enrol", name, "--key", key.at("key").get<std::string>(), "--study", study.string(),
               "--now", "2026-03-01"});
  }
  const std::string release = (folder / "release").string();
  rationale({"study", "lock", "--study", study.string(), "--sign", (folder / "pi.key").string(), "--out", release,
             "--seed", "1", "--now", "2026-03-02"});

  step("Two periods, three simulated readers, a washout between");
  read_period(folder, 1, "2026-03-03", "2026-03-05", rationale);
  read_period(folder, 2, "2026-04-02", "2026-04-05", rationale);
  rationale({"study", "verify", "--study", release});
  rationale({"study", "close", "--study", release, "--now", "2026-04-06"});
  rationale({"study", "unblind", "--study", release, "--share", release + "/shares/2-statistician.share",
             release + "/shares/1-sponsor_qa.share", "--key", (folder / "statistician.key").string(),
             (folder / "sponsor_qa.key").string(), "--reason", "all data merged", "--now", "2026-04-06"});
  rationale({"study", "verify-allocation", "--study", release});
  DemoStudy done{.report = folder / "release" / "analysis" / "report.html",
                 .package = folder / "outbox" / "r1-p1.rpk",
                 .key = folder / "r1.key",
                 .results = rationale({"study", "analyse", "--study", release, "--sources", study.string()})};
  return done;
}

std::string demo_study_text(const DemoStudy& study) {
  const Json& rrrc = study.results.at("fpr").at("RRRC");
  std::string text = "\nA reader study on 60 made films, three simulated readers (no radiologist, no patient):\n";
  if (rrrc.at("status") == "ok") {
    text += fmt::format(
        "  false-positive rate, heatmap visible - hidden: {:+.1f} points ({:+.1f} to {:+.1f}), p = {:.3f}, for "
        "readers like these\n",
        100 * rrrc.at("estimate").get<double>(), 100 * rrrc.at("lower").get<double>(),
        100 * rrrc.at("upper").get<double>(), rrrc.at("p").get<double>());
  }
  text += fmt::format("  the report     {}\n", study.report.string());
  text += fmt::format(
      "  read yourself  RATIONALE_PASSPHRASE='{}' ./run rationale read {} --key {} --session {} --now 2026-03-03{}\n",
      kPassphrase, study.package.string(), study.key.string(),
      (study.package.parent_path() / "my-session").string(),
      std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr ? "   (needs a display)" : "");
  return text;
}

}  // namespace rationale::ui
