#include "ui/command/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/file.h"
#include "data/base/interrupt.h"
#include "data/cases/cases.h"
#include "data/records/explanations.h"
#include "data/samples/place.h"
#include "ui/command/bodies.h"
#include "ui/command/demo_study.h"
#include "ui/command/subprocess.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::json;

/// The demo's own seed: films that none of the sample models was trained on.
constexpr std::uint64_t kConceptSeed = 4001, kTestSeed = 4002;
constexpr int kConceptFilms = 300, kTestFilms = 30;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs the driver itself, so that the demo does what a user would type. 0 and 1 (done, with findings) pass.
Json rationale(std::vector<std::string> words) {
  check_interrupt();
  words.emplace_back("--json");
  words.emplace_back("--quiet");
  const Finished finished = run_program(own_program(), words);
  check_interrupt();
  if (finished.exit_code > 1) {
    throw Error(Error::Kind::kInternal,
                fmt::format("`rationale {}` ended with {}", fmt::join(words, " "), finished.exit_code),
                "the demo", "run that command by hand to see why");
  }
  return Json::parse(finished.output);
}

void step(const std::string& what, Quiet quiet) {
  if (quiet == Quiet::kNo) fmt::print(stderr, "{}\n", what);
}

std::vector<DemoConcept> judged(const Json& answer) {
  std::vector<DemoConcept> concepts;
  for (const Json& row : answer.at("concepts")) {
    DemoConcept one{.name = row.at("concept"), .verdict = row.at("verdict"), .is_used = row.at("used")};
    if (row.at("effect").is_number()) one.effect = row.at("effect");
    concepts.push_back(std::move(one));
  }
  return concepts;
}

void read_sentences(DemoModel& model, const std::filesystem::path& folder,
                    const std::vector<Case>& truth) {
  const auto store = ExplanationStore::open(folder / "explanations.db");
  double best = 0;
  for (const ExplainedCase& one : store.cases()) {
    const Json json = Json::parse(store.concept_json(one.key, 0));
    const double logit = json.at("logit");
    double sum = json.at("reference").get<double>() + json.at("residual").get<double>();
    bool names_shoulder = false, names_portable = false;
    double shortcut_phi = 0;
    for (const Json& part : json.at("contributions")) {
      sum += part.at("phi").get<double>();
      const std::string name = part.at("concept");
      if (!part.at("named").get<bool>()) continue;
      names_shoulder = names_shoulder || name == "shoulder";
      names_portable = names_portable || name == "portable";
      if (name == model.shortcut || model.shortcut.empty()) {
        shortcut_phi = std::max(shortcut_phi, part.at("phi").get<double>());
      }
    }
    ++model.films;
    model.flagged += logit > 0 ? 1 : 0;
    model.naming_shoulder += names_shoulder ? 1 : 0;
    model.naming_portable += names_portable ? 1 : 0;
    model.worst_sum = std::max(model.worst_sum, std::abs(logit - sum) / std::max(1.0, std::abs(logit)));
    const auto film = std::ranges::find(truth, one.name, &Case::name);
    if (!model.shortcut.empty() && film != truth.end() && film->columns.at(model.shortcut) == "1") {
      ++model.films_with_shortcut;
      const bool is_named = model.shortcut == "shoulder" ? names_shoulder : names_portable;
      model.shortcut_named_there += is_named ? 1 : 0;
    }
    if (model.example_case.empty() || (logit > 0 && shortcut_phi > best)) {
      best = shortcut_phi;
      model.example_case = one.name;
      model.example_sentence = json.at("sentence");
    }
  }
}

}  // namespace

int run_demo(const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  const std::filesystem::path out = line.demo.out;
  const Quiet quiet = line.common.progress();
  const std::filesystem::path models = samples::models_folder();
  const std::filesystem::path concept_films = out / "concept-films", films = out / "films";
  const std::string library = (out / "library.db").string();

  step("Making films with known findings", quiet);
  rationale({"samples", "--seed", std::to_string(kConceptSeed), "--count",
             std::to_string(kConceptFilms), "--set", "concept", "--out", concept_films.string()});
  rationale({"samples", "--seed", std::to_string(kTestSeed), "--count", std::to_string(kTestFilms),
             "--out", films.string()});
  rationale({"concepts", "import", (concept_films / "concepts.csv").string(), "--library", library});
  const std::vector<Case> truth = read_cases(films / "cases.csv");

  DemoPage page{.concept_films = kConceptFilms, .seed = kTestSeed, .folder = out};
  for (const auto& [name, shortcut] :
       {std::pair{"honest", ""}, {"shortcut-shoulder", "shoulder"},
        {"shortcut-portable", "portable"}, {"rule", ""}}) {
    step(fmt::format("Explaining the model {}", name), quiet);
    const auto model_start = std::chrono::steady_clock::now();
    DemoModel model{.name = name, .shortcut = shortcut};
    const std::string card = (models / (std::string(name) + ".toml")).string();
    const std::filesystem::path folder = out / name;
    rationale({"concepts", "train", "--library", library, "--model", card, "--cases",
               (concept_films / "cases.csv").string()});
    model.concepts = judged(
        rationale({"concepts", "judge", "--library", library, "--model", card}));
    rationale({"explain", "--model", card, "--cases", (films / "cases.csv").string(), "--out",
               folder.string(), "--concepts", library, "--pictures", "top"});
    read_sentences(model, folder, truth);
    for (const auto& entry : std::filesystem::directory_iterator(folder / "pictures")) {
      if (entry.path().filename().string().starts_with(model.example_case)) {
        model.example_picture = entry.path();
      }
    }
    model.seconds = seconds_since(model_start);
    page.models.push_back(std::move(model));
  }
  page.seconds = seconds_since(start);

  const std::vector<DemoCheck> checks = demo_checks(page);
  const std::string text = demo_text(page, checks);
  write_file(out / "page.txt", text);
  fmt::print("{}", text);
  const DemoStudy study = run_demo_study(
      out / "reader-study", models / "honest.toml",
      [](std::vector<std::string> words) { return rationale(std::move(words)); }, quiet);
  fmt::print("{}", demo_study_text(study));
  return std::ranges::all_of(checks, &DemoCheck::holds) ? 0 : 1;
}

}  // namespace rationale::ui
