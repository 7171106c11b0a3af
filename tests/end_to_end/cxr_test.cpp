// The path on real chest films: the driver, the card, DICOM, the engine and the store, against numbers that
// PyTorch made (shared set public/cxr, README there).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/base/file.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "data/records/explanations.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"
#include "ui/command/subprocess.h"

using namespace rationale;

namespace {

nlohmann::json run_rationale(std::vector<std::string> words) {
  words.emplace_back("--json");
  words.emplace_back("--quiet");
  const ui::Finished finished = ui::run_program(RATIONALE_DRIVER, words);
  INFO(fmt::format("rationale {}", fmt::join(words, " ")));
  REQUIRE(finished.exit_code == 0);
  return nlohmann::json::parse(finished.output);
}

using Logits = std::map<std::string, std::vector<double>>;

/// case → logits, from the columns of `classes`.
Logits read_logits(const std::filesystem::path& file, const std::vector<std::string>& classes) {
  const CsvTable table = read_csv(file);
  Logits logits;
  for (const CsvRow& row : table.rows) {
    std::vector<double>& values = logits[row.cells[table.need("case")]];
    for (const std::string& name : classes) {
      const auto value = parse_number(row.cells[table.need(name)]);
      REQUIRE(value);
      values.push_back(*value);
    }
  }
  return logits;
}

double worst_difference(const Logits& a, const Logits& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (const auto& [name, values] : a) {
    INFO(name);
    REQUIRE(b.contains(name));
    for (std::size_t k = 0; k < values.size(); ++k) {
      worst = std::max(worst, std::abs(values[k] - b.at(name)[k]));
    }
  }
  return worst;
}

const std::vector<std::string> kClasses{
    "No Finding",   "Infiltration",  "Atelectasis", "Effusion",           "Nodule",
    "Pneumothorax", "Mass",          "Consolidation", "Pleural_Thickening", "Cardiomegaly",
    "Emphysema",    "Fibrosis",      "Edema",       "Pneumonia",          "Hernia"};

}  // namespace

TEST_CASE("logits of 765 chest films in PNG are those of PyTorch to 1e-3", "[end-to-end][cxr]") {
  const auto cxr = test::shared("public/cxr", 765);
  if (!cxr) return;
  const TemporaryFolder folder;
  const std::string mode = GENERATE("fast", "reproducible");
  run_rationale({"explain", "--model", (*cxr / "model.toml").string(), "--cases",
                 (*cxr / "cases.csv").string(), "--out", (folder.path() / "out").string(), "--logits",
                 (folder.path() / "logits.csv").string(), "--mode", mode});
  Logits golden = read_logits(*cxr / "golden_logits_dev.csv", kClasses);
  golden.merge(read_logits(*cxr / "golden_logits_pool.csv", kClasses));
  REQUIRE(golden.size() == 765);
  const double worst = worst_difference(golden, read_logits(folder.path() / "logits.csv", kClasses));
  fmt::print("public/cxr, {} mode: worst difference of {} logits {:.2e}\n", mode, 765 * 15, worst);
  CHECK(worst <= 1e-3);
}

TEST_CASE("logits of 24 chest films in 8 DICOM encodings are those of PyTorch to 1e-3",
          "[end-to-end][cxr][dicom]") {
  const auto cxr = test::shared("public/cxr", 24);
  if (!cxr) return;
  const TemporaryFolder folder;
  const CsvTable table = read_csv(*cxr / "golden_logits_dicom.csv");
  std::string cases = "case,file\n";
  for (const CsvRow& row : table.rows) {
    cases += csv_line({row.cells[table.need("case")],
                       (std::filesystem::absolute(*cxr) / "dicom" / row.cells[table.need("file")]).string()});
  }
  write_file(folder.path() / "cases.csv", cases);
  run_rationale({"explain", "--model", (*cxr / "model.toml").string(), "--cases",
                 (folder.path() / "cases.csv").string(), "--out", (folder.path() / "out").string(),
                 "--logits", (folder.path() / "logits.csv").string()});
  const Logits golden = read_logits(*cxr / "golden_logits_dicom.csv", kClasses);
  REQUIRE(golden.size() == 24);
  const double worst = worst_difference(golden, read_logits(folder.path() / "logits.csv", kClasses));
  fmt::print("public/cxr DICOM: worst difference of 24 x 15 logits {:.2e}\n", worst);
  CHECK(worst <= 1e-3);
}

TEST_CASE("Grad-CAM maps of chest films are those of PyTorch to 1e-4 of their largest value",
          "[end-to-end][cxr][grad-cam]") {
  const auto cxr = test::shared("public/cxr", 18);
  if (!cxr) return;
  const std::string layer = GENERATE("tail", "blocks.10", "blocks.7");
  const TemporaryFolder folder;
  const CsvTable golden = read_csv(*cxr / "golden_gradcam.csv");
  std::string cases = "case,file\n";
  for (const CsvRow& row : golden.rows) {
    if (row.cells[golden.need("layer")] != layer) continue;
    const std::string name = row.cells[golden.need("case")];
    cases += csv_line({name, (std::filesystem::absolute(*cxr) / "dev" / (name + ".png")).string()});
  }
  write_file(folder.path() / "cases.csv", cases);
  run_rationale({"explain", "--model", (*cxr / "model.toml").string(), "--cases",
                 (folder.path() / "cases.csv").string(), "--layer", layer, "--method", "grad_cam", "--mode", "reproducible",
                 "--out", (folder.path() / "out").string()});
  const auto store = ExplanationStore::open(folder.path() / "out" / "explanations.db");
  int n_maps = 0;
  double worst = 0;
  for (const CsvRow& row : golden.rows) {
    if (row.cells[golden.need("layer")] != layer) continue;
    const auto found = std::ranges::find(kClasses, row.cells[golden.need("class")]);
    REQUIRE(found != kClasses.end());
    const auto class_index = static_cast<std::size_t>(found - kClasses.begin());
    const Plane map = store.explanation(store.find_case(row.cells[golden.need("case")]).key).maps.at(class_index);
    const auto values = split(row.cells[golden.need("values")], ' ');
    REQUIRE(values.size() == map.values.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = parse_number(values[i]);
      REQUIRE(value);
      largest = std::max(largest, std::abs(*value));
      difference = std::max(difference, std::abs(*value - static_cast<double>(map.values[i])));
    }
    worst = std::max(worst, difference / largest);
    ++n_maps;
  }
  CHECK(n_maps == 6);
  fmt::print("public/cxr {}: worst difference of {} maps {:.2e} of the largest value\n", layer, n_maps, worst);
  CHECK(worst <= 1e-4);
}
