// The same reference vectors through `rationale heatmap --jobs`: the names and numbers that others call it with.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "tests/explain/golden.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;

namespace {

/// The job of a row; `kind` is spelled as on the command line.
json job_of(const json& row, const std::filesystem::path& folder, const std::string& form,
            const std::filesystem::path& npy) {
  const std::string model = row["model"];
  json job{{"model", (folder / "models" / (model + "." + form + ".pt")).string()},
           {"tensor", (folder / "inputs" / (model + ".npy")).string()},
           {"layer", row["layer"]},
           {"call", row["call"]},
           {"method", row["method"]},
           {"npy", npy.string()}};
  const json& target = row["target"];
  if (target.is_null()) {
    job["output"] = row.value("output", json());
  } else {
    job["class"] = target["class"];
    job["output"] = target["output"];
    job["kind"] = target["kind"] == "logit_diff"
                      ? json(fmt::format("logit_diff:{}", target["other"].get<int>()))
                      : target["kind"];
  }
  if (row.contains("reshape") && !row["reshape"].is_null()) {
    const json& reshape = row["reshape"];
    job["reshape"] = fmt::format("tokens:{}:{}x{}", reshape["prefix"].get<int>(), reshape["grid"][0].get<int>(),
                                 reshape["grid"][1].get<int>());
  }
  if (row.contains("sample")) job["sample"] = row["sample"];
  return job;
}

}  // namespace

TEST_CASE("heatmap --jobs gives every reference vector in one process", "[explain][golden][commands]") {
  const auto folder = test::shared("golden/explanation", 2 * 1105);
  if (!folder) return;
  const json index = json::parse(std::ifstream(*folder / "index.json"));
  const TemporaryFolder out;
  struct Asked {
    json row;
    std::filesystem::path npy;
  };
  std::vector<Asked> asked;
  {
    std::ofstream jobs(out.path() / "jobs.jsonl");
    for (const std::string form : {"traced", "scripted"}) {
      for (const json& row : index["rows"]) {
        if (row["forms"].dump().find(form) == std::string::npos) continue;
        const auto npy = out.path() / fmt::format("{}.npy", asked.size());
        jobs << job_of(row, *folder, form, npy) << "\n";
        asked.push_back({row, npy});
      }
    }
  }
  const std::string command = fmt::format("{} heatmap --jobs {} --json --quiet > {}", RATIONALE_DRIVER,
                                          (out.path() / "jobs.jsonl").string(), (out.path() / "lines").string());
  CHECK(std::system(command.c_str()) == 0);
  std::ifstream lines(out.path() / "lines");
  std::size_t n = 0, passed = 0;
  std::string vectors_of;
  FloatArray vectors;
  for (std::string line; std::getline(lines, line); ++n) {
    INFO(line);
    const json result = json::parse(line);
    REQUIRE(result["job"] == n + 1);
    const json& row = asked[n].row;
    CHECK_FALSE(result.contains("error"));
    if (result.contains("error")) continue;
    if (row["file"] != vectors_of) {
      vectors_of = row["file"].get<std::string>();
      vectors = read_npy_float(*folder / vectors_of);
    }
    const FloatArray got = read_npy_float(asked[n].npy);
    CHECK(got.shape == row["shape"].get<Shape>());
    const double difference =
        test::golden_difference(got.values, vectors.values.data() + row["offset"].get<std::size_t>());
    CHECK(difference <= row["tol"].get<double>());
    passed += difference <= row["tol"].get<double>() ? 1 : 0;
  }
  fmt::print("heatmap --jobs: {} / {}\n", passed, asked.size());
  CHECK(n == asked.size());
}
