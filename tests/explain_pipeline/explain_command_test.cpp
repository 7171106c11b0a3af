// `rationale explain` as a program: parts without cases, methods, seeds, and what films' readers warn of.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "data/arrays/npy.h"
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
  CHECK(one.json()["method"] == "rise[mean:16x16]");
  CHECK(two.json()["method"] == "rise[mean:16x16][seed:2]");
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

TEST_CASE("methods at the input are stored in cells that add up to what their pixels do", "[pipeline]") {
  const Place place;
  const auto film = read_cases(place.root() / "cases.csv").front();
  for (const char* method : {"ig_gauss_legendre", "input_x_gradient"}) {
    INFO(method);
    const test::Answer answer = place.explain(method, fmt::format("--method {}", method));
    REQUIRE(answer.code == 0);
    CHECK(answer.json()["method"] == fmt::format("{}[sum:16x16]", method));
    const auto store = ExplanationStore::open(explain::store_file(place.root() / method));
    const Explanation e = store.explanation(store.find_case(film.name).key);
    REQUIRE(e.maps[0].rows == 16);
    CHECK(e.maps[0].cols == 16);
    CHECK(store.manifest().receptive_field.axes.empty());  // a cell is no pixel's view
    const fs::path raw = place.root() / "raw.npy";
    REQUIRE(test::run_driver(fmt::format("heatmap {} --tensor {} --class 0 --method {} --npy {} --json", place.card().string(),
                                         film.file.string(), method, raw.string()))
                .code == 0);
    const FloatArray pixels = read_npy_float(raw);
    CHECK(pixels.shape == Shape{1, 1, 96, 96});
    double cells = 0, all = 0, size = 0;
    for (const float v : e.maps[0].values) cells += v;
    for (const float v : pixels.values) all += v;
    for (const float v : pixels.values) size += std::abs(v);
    CHECK(std::abs(cells - all) <= 1e-5 * size);
  }
  const test::Answer slope = place.explain("slope", "--method smooth_grad");
  REQUIRE(slope.code == 0);
  CHECK(slope.json()["method"] == "smooth_grad[mean:16x16]");
  CHECK(place.explain("none", "--method eigen_cam").code == 4);  // it knows no class
}

TEST_CASE("pictures of two days are drawn on one scale, given as a number, a card's key or an earlier run", "[pipeline][pictures]") {
  const Place place;
  const test::Answer first = place.explain("first", "");
  REQUIRE(first.code == 0);
  CHECK(first.json()["scales_given"] == false);
  const test::Answer day = place.explain("day", fmt::format("--pictures top --scale {}", (place.root() / "first").string()));
  REQUIRE(day.code == 0);
  CHECK(day.json()["scales"] == first.json()["scales"]);
  CHECK(day.json()["scales_given"] == true);
  CHECK(day.json()["canonical_digest"] == first.json()["canonical_digest"]);
  CHECK(place.explain("number", "--scale 2.5").json()["scales"][0] == 2.5);
  for (const char* bad : {"0", "-1", "wide", "nan"}) {
    const test::Answer refused = place.explain("bad", fmt::format("--scale {}", bad));
    CHECK(refused.code == 2);
    CHECK(refused.json()["error"]["code"] == "bad_scale");
  }
  CHECK(place.explain("other", fmt::format("--method layer_cam --scale {}", (place.root() / "first").string())).code == 4);

  const std::string card = read_file(place.card());
  write_file(place.card(), card + "scales = [1.5]\n");
  CHECK(place.explain("card", "").json()["scales"][0] == 1.5);
  write_file(place.card(), card + "scales = [1.5, 2]\n");
  CHECK(place.explain("card", "").code == 3);
  write_file(place.card(), card);

  std::string folders;
  for (int i = 1; i <= 2; ++i) {
    REQUIRE(place.explain(fmt::format("part-{}", i), fmt::format("--shard {}/2", i)).code == 0);
    folders += fmt::format(" {}/part-{}", place.root().string(), i);
  }
  const test::Answer merged = test::run_driver(
      fmt::format("explain merge{} --out {} --pictures top --json", folders, (place.root() / "merged").string()));
  REQUIRE(merged.code == 0);
  CHECK(merged.json()["scales"] == first.json()["scales"]);
  std::size_t n_pictures = 0;
  for (const auto& file : fs::directory_iterator(place.root() / "merged" / "pictures")) n_pictures += file.is_regular_file();
  CHECK(n_pictures == 3);
}

TEST_CASE("a colour film in a list is named with the way out", "[pipeline][bad-input]") {
  const auto films = test::shared("public/dicom", 1);
  if (!films) return;
  const Place place;
  write_file(place.root() / "films.csv", fmt::format("case,file\ncolour,{}/files/color-px.dcm\n", films->string()));
  const test::Answer answer = place.explain("out", "", "films.csv");
  CHECK(answer.code == 1);
  REQUIRE(answer.json()["failed"].size() == 1);
  CHECK(answer.json()["failed"][0]["remedy"].get<std::string>().find("--colour grey --png OUT.png") != std::string::npos);
}
