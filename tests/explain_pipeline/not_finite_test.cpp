// Networks that give NaN or Inf for one film of several, through the driver: that film is named, the others are stored.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "data/base/digest.h"
#include "data/base/file.h"
#include "data/image/png.h"
#include "data/records/explanations.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;

namespace {

/// A card that takes 10 from each pixel: the models of make_cases.py fail below -9.9, which is a pixel of 0.
void write_card(const std::filesystem::path& folder, const std::string& model) {
  std::filesystem::copy_file(test::in_tests("golden/models/" + model + ".pt"), folder / "model.pt");
  write_file(folder / "model.toml", fmt::format(R"(format = 1
name = "{}"
file = "model.pt"
sha256 = "{}"
[input]
shape = [3, 12, 12]
pixels = "modality"
resize = "none"
mean = [10, 10, 10]
[output]
kind = "logits"
classes = ["a", "b", "c"]
)",
                                                model, sha256_of_file(folder / "model.pt")));
}

/// Films of 6 … 13; those in `holed` have one pixel of 0.
void write_list(const std::filesystem::path& folder, const std::string& list, int count, const std::set<int>& holed) {
  std::string text = "case,file\n";
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint16_t> values;
    for (int k = 0; k < 144; ++k) values.push_back(static_cast<std::uint16_t>(6 + (k * (i + 3)) % 8));
    if (holed.contains(i)) values[77] = 0;
    write_png_grey16(folder / fmt::format("f{}.png", i), 12, 12, values);
    text += fmt::format("f{0},f{0}.png\n", i);
  }
  write_file(folder / list, text);
}

bool holds_null(const json& value) {
  if (!value.is_structured()) return value.is_null();
  return std::any_of(value.begin(), value.end(), holds_null);
}

bool is_finite(const Explanation& e) {
  const auto all = [](const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  };
  return all(e.logits) && std::all_of(e.maps.begin(), e.maps.end(), [&](const Plane& p) { return all(p.values); });
}

}  // namespace

TEST_CASE("A film for which the network gives NaN or Inf is named, and the others are stored", "[pipeline][bad-input]") {
  struct Network {
    const char *model, *layer, *reason;
  };
  const Network network = GENERATE(Network{"log_of_input.scripted", "mid", "logit that is not finite"},  // NaN
                                   Network{"exp_of_input.scripted", "mid", "logit that is not finite"},  // Inf
                                   Network{"inf_inside.scripted", "boost", "gives NaN or Inf"});  // in the layer alone
  const int batch = GENERATE(1, 4);
  CAPTURE(network.model, batch);
  const TemporaryFolder folder;
  write_card(folder.path(), network.model);
  write_list(folder.path(), "cases.csv", 6, {2, 5});
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const auto explain = [&](const char* list, const char* out) {
    return test::run_driver(fmt::format(
        "explain --model {} --cases {} --out {} --logits {} --layer {} --batch {} --mode reproducible --device cpu --json",
        path("model.toml"), path(list), path(out), path("logits.csv"), network.layer, batch));
  };

  const test::Answer answer = explain("cases.csv", "out");
  CHECK(answer.code == 1);
  const json said = answer.json(), kept = json::parse(read_file(folder.path() / "out/summary.json"));
  for (const json& one : {said, kept}) {
    CHECK(one["explained"] == 4);
    CHECK(one["records"] == 4);
    REQUIRE(one["failed"].size() == 2);
    CHECK(one["failed"][0]["case"] == "f2");
    CHECK(one["failed"][1]["case"] == "f5");
    for (const json& failed : one["failed"]) {
      CHECK(failed["code"] == "not_finite");
      CHECK(failed["reason"].get<std::string>().find(network.reason) != std::string::npos);
    }
    CHECK_FALSE(holds_null(one));  // how a NaN would look
  }
  const std::string logits = read_file(folder.path() / "logits.csv");
  CHECK(std::count(logits.begin(), logits.end(), '\n') == 5);
  CHECK(logits.find("nan") == std::string::npos);
  CHECK(logits.find("inf") == std::string::npos);
  {
    const ExplanationStore store = ExplanationStore::open(explain::store_file(folder.path() / "out"));
    CHECK(store.verify().empty());
    REQUIRE(store.cases().size() == 4);
    for (const ExplainedCase& one : store.cases()) CHECK(is_finite(store.explanation(one.key)));
  }

  const test::Answer again = explain("cases.csv", "out");  // asked again, they fail again
  CHECK(again.code == 1);
  CHECK(again.json()["skipped"] == 4);
  CHECK(again.json()["failed"] == said["failed"]);
  write_file(folder.path() / "good.csv", "case,file\nf0,f0.png\nf1,f1.png\nf3,f3.png\nf4,f4.png\n");
  const test::Answer good = explain("good.csv", "good");
  CHECK(good.code == 0);
  CHECK(good.json()["canonical_digest"] == said["canonical_digest"]);  // their neighbours know nothing of them
}
