// `rationale explain` as a program: parts without cases, methods, seeds, and what films' readers warn of.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "data/base/digest.h"
#include "data/base/file.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
namespace fs = std::filesystem;

namespace {

/// Three films and a card of "honest" with `explain` as its last table.
class Place {
 public:
  explicit Place(const std::string& method = "") {
    test::write_films(root(), 3);
    const fs::path models = test::in_tests("../data/samples/models");
    fs::copy_file(models / "honest.ts.pt", root() / "honest.ts.pt");
    const std::string line = method.empty() ? "" : fmt::format("method = \"{}\"\n", method);
    write_file(card(), read_file(models / "honest.toml") + line);
  }
  const fs::path& root() const { return folder_.path(); }
  fs::path card() const { return root() / "model.toml"; }
  test::Answer explain(const std::string& out, const std::string& more, const std::string& list = "cases.csv") const {
    return test::run_driver(fmt::format("explain --model {} --cases {} --out {} --mode reproducible --quiet --json {}",
                                        card().string(), (root() / list).string(), (root() / out).string(), more));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a part that has no case is finished, and merges", "[pipeline][merge]") {
  const Place place;
  std::string folders;
  for (int i = 1; i <= 5; ++i) {
    const std::string out = fmt::format("part-{}", i);
    const test::Answer part = place.explain(out, fmt::format("--shard {}/5", i));
    REQUIRE(part.code == 0);
    CHECK(part.json()["cases"] == (i <= 3 ? 1 : 0));
    CHECK(fs::exists(explain::store_file(place.root() / out)));
    folders.append(" ").append((place.root() / out).string());
  }
  const test::Answer merged = test::run_driver(
      fmt::format("explain merge{} --out {} --json", folders, (place.root() / "merged").string()));
  CHECK(merged.code == 0);
  CHECK(merged.json()["explained"] == 3);
  CHECK(merged.json()["canonical_digest"] == place.explain("whole", "").json()["canonical_digest"]);
}

TEST_CASE("a part names the film that was exchanged, and the merge does too", "[pipeline][merge]") {
  const Place place;
  REQUIRE(place.explain("part-1", "--shard 1/2").code == 0);
  REQUIRE(place.explain("part-2", "--shard 2/2").code == 0);
  fs::copy_file(place.root() / "p01.png", place.root() / "p00.png", fs::copy_options::overwrite_existing);
  CHECK(place.explain("part-1", "--shard 1/2").code == 1);
  const test::Answer merged =
      test::run_driver(fmt::format("explain merge {0}/part-1 {0}/part-2 --out {0}/merged --json", place.root().string()));
  CHECK(merged.code == 1);
  REQUIRE(merged.json()["failed"].size() == 1);
  CHECK(merged.json()["failed"][0]["code"] == "case_changed");
  CHECK(merged.json()["cases"] == 3);
  CHECK(merged.json()["records"] == 3);
}

TEST_CASE("the card's method is taken where the command names none", "[pipeline]") {
  const Place place("hires_cam");
  CHECK(place.explain("own", "").json()["method"] == "hires_cam");
  CHECK(place.explain("other", "--method layer_cam").json()["method"] == "layer_cam");
}

TEST_CASE("numbers that are no map of places are not stored as maps", "[pipeline][bad-input]") {
  const Place place;
  for (const char* method : {"occlusion_grid", "activation", "ablation_drop"}) {
    const test::Answer answer = place.explain("out", fmt::format("--method {}", method));
    CHECK(answer.code == 4);
    CHECK(answer.json()["error"]["code"] == "no_maps");
  }
  CHECK(fs::is_empty(place.root() / "out"));  // made for the sandbox, which lets nothing be written but there
}

TEST_CASE("a random method's seed makes its maps and stands in the store", "[pipeline]") {
  const Place place;
  const test::Answer one = place.explain("one", "--method rise"), same = place.explain("same", "--method rise --seed 1"),
                     two = place.explain("two", "--method rise --seed 2");
  REQUIRE(one.code == 0);
  CHECK(one.json()["method"] == "rise");
  CHECK(two.json()["method"] == "rise[seed:2]");
  CHECK(one.json()["canonical_digest"] == same.json()["canonical_digest"]);
  CHECK(one.json()["canonical_digest"] != two.json()["canonical_digest"]);
  CHECK(place.explain("one", "--method rise --seed 2").code != 0);  // another store's
}

TEST_CASE("what a film's reader warns of is said, and several frames are no picture", "[pipeline][bad-input]") {
  const auto films = test::shared("public/dicom", 1);
  if (!films) return;
  const Place place;
  std::string card = read_file(place.card());
  const std::string none = "resize = \"none\"";
  card.replace(card.find(none), none.size(), "resize = \"bilinear_aa\"");
  write_file(place.card(), card);
  const fs::path folder = *films / "files";
  write_file(place.root() / "films.csv", fmt::format("case,file\nburned,{0}/derived_burned_in.dcm\nframes,{0}/emri_small.dcm\n",
                                                     folder.string()));
  const test::Answer answer = place.explain("out", "", "films.csv");
  CHECK(answer.code == 1);
  REQUIRE(answer.json()["notes"].size() == 1);
  CHECK(answer.json()["notes"][0]["case"] == "burned");
  CHECK(answer.json()["notes"][0]["note"].get<std::string>().find("burned") != std::string::npos);
  REQUIRE(answer.json()["failed"].size() == 1);
  CHECK(answer.json()["failed"][0]["case"] == "frames");
  CHECK(answer.json()["failed"][0]["code"] == "multi_frame");

  for (int i = 1; i <= 2; ++i) place.explain(fmt::format("part-{}", i), fmt::format("--shard {}/2", i), "films.csv");
  const test::Answer merged =
      test::run_driver(fmt::format("explain merge {0}/part-1 {0}/part-2 --out {0}/merged --json", place.root().string()));
  CHECK(merged.json()["notes"] == answer.json()["notes"]);
}
