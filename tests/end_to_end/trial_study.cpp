#include "tests/end_to_end/trial_study.h"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "data/cases/csv.h"
#include "data/samples/place.h"
#include "tests/ui/display.h"

namespace rationale::test {

namespace fs = std::filesystem;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  if (place == std::string::npos) throw std::runtime_error("the text has no \"" + from + "\"");
  text.replace(place, from.size(), to);
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_file(file);
  replace(text, from, to);
  write_file(file, text);
}

TrialStudy::TrialStudy(int n_films, int n_repeats, bool has_ai) : n_films_(n_films) {
  ::setenv("RATIONALE_PASSPHRASE", kPassphrase, 1);
  const auto must = [&](const std::string& words) {
    const Answered answered = run(words);
    if (answered.status != 0) throw std::runtime_error(words + ": " + answered.text);
    return answered;
  };
  must(fmt::format("samples --seed 5 --count {} --out {}", n_films, at("films")));
  std::string protocol = read_file(fs::path(RATIONALE_SOURCE_DIR) / "protocols" / "phantom.toml");
  replace(protocol, "phantom-heatmap", fmt::format("phantom-{}", n_films));
  replace(protocol, "count = 60", fmt::format("count = {}", n_films));
  replace(protocol, "arms = [\"hidden\", \"visible\"]",
          fmt::format("arms = [\"hidden\", \"visible\"]\nrepeats = {}", n_repeats));
  if (n_films + n_repeats > 60) replace(protocol, "max_readings = 60", fmt::format("max_readings = {}", n_films + n_repeats));
  if (!has_ai) {
    const std::size_t ai = protocol.find("[ai]");
    protocol.erase(ai, protocol.find("[[reader]]") - ai);
    replace(protocol, "shows = [\"ai_label\", \"ai_score\", \"heatmap\"]\nheatmap_method = \"grad_cam\"", "shows = []");
    replace(protocol, "shows = [\"ai_label\", \"ai_score\"]", "shows = []");
  }
  write_file(study() / "protocol.toml", protocol);
  const CsvTable table = read_csv(fs::path(at("films")) / "cases.csv");
  std::string cases = "case,patient,file,view\n", truth = "case,consolidation\n";
  for (const CsvRow& row : table.rows) {
    const auto cell = [&](const char* name) { return row.cells[table.need(name)]; };
    cases += csv_line({cell("case"), cell("patient"), fmt::format("../../films/{}", cell("file")), cell("view")});
    truth += csv_line({cell("case"), cell("consolidation")});
  }
  write_file(study() / "data" / "cases.csv", cases);
  write_file(study() / "data" / "truth.csv", truth);
  if (has_ai) must(fmt::format("explain --model {} --cases {} --out {}", (samples::models_folder() / "honest.toml").string(),
                   at("films/cases.csv"), (study() / "data" / "explanations").string()));
  for (const char* name : {"r1", "r2", "r3", "statistician", "sponsor_qa", "pi"}) {
    const Answered key = must(fmt::format("study make-key {}", at(std::string(name) + ".key")));
    if (std::string(name) == "pi") continue;
    must(fmt::format("study enrol {} --key {} --study {}", name, key.json().at("key").get<std::string>(),
                     study().string()));
  }
}

Answered TrialStudy::run(const std::string& words) const {
  const Ran ran = run_shell(fmt::format("{} {} --json --quiet 2>/dev/null", RATIONALE_DRIVER, words));
  return {ran.status, ran.output};
}

Answered TrialStudy::lock(const std::string& out) const {
  return run(fmt::format("study lock --study {} --sign {} --out {} --now 2026-03-02", study().string(), at("pi.key"),
                         at(out)));
}

Answered TrialStudy::step(const std::string& words, const std::string& now) const {
  const std::string command = fmt::format("study {} --study {}", words, at("release"));
  return run(now.empty() ? command : fmt::format("{} --now {}", command, now));
}

Answered TrialStudy::package(int period, const std::string& now) const {
  return step(fmt::format("package --period {} --out {}", period, at("outbox")), now);
}

Answered TrialStudy::simulate(const std::string& reader, int period, const std::string& now) const {
  return run(fmt::format("study simulate {}/{}-p{}.rpk --key {} --cases {} --truth {} --now {}", at("outbox"), reader,
                         period, at(reader + ".key"), (study() / "data/cases.csv").string(),
                         (study() / "data/truth.csv").string(), now));
}

}  // namespace rationale::test
