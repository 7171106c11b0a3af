// `rationale explain --shard` and `explain merge` as programs: what is wrong with a part is named, with the way out.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/base/file.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;
namespace fs = std::filesystem;

namespace {

constexpr int kFilms = 7, kParts = 3;
constexpr const char* kPartOfBroken = "part-3";  // p05 is the 6th of the list

/// Seven films, one of them broken, explained whole and in three parts.
class Division {
 public:
  Division() {
    test::write_films(root(), kFilms);
    write_file(root() / "p05.png", "not a picture");
    const test::Answer one = explain("whole", "", "honest");
    REQUIRE(one.code == 1);
    digest = one.json()["canonical_digest"];
    for (int i = 1; i <= kParts; ++i) {
      const test::Answer part = explain(fmt::format("part-{}", i), fmt::format("{}/{}", i, kParts), "honest");
      REQUIRE(part.code == (i == 3 ? 1 : 0));
    }
  }

  test::Answer explain(const std::string& out, const std::string& shard, const std::string& model,
                       const std::string& list = "cases.csv") const {
    return test::run_driver(fmt::format(
        "explain --model {} --cases {} --out {}{} --mode reproducible --quiet --json",
        test::in_tests("../data/samples/models/" + model + ".toml").string(), (root() / list).string(),
        (root() / out).string(), shard.empty() ? "" : " --shard " + shard));
  }
  test::Answer merge(const std::vector<std::string>& parts) const {
    std::string folders;
    for (const std::string& part : parts) folders.append(" ").append((root() / part).string());
    return test::run_driver(
        fmt::format("explain merge{} --out {} --json", folders, (root() / "merged").string()));
  }
  /// A part's copy, to be damaged.
  fs::path copy(const std::string& part, const std::string& name) const {
    fs::copy(root() / part, root() / name);
    return root() / name;
  }
  void check_refused(const std::vector<std::string>& parts, int code, const std::string& word,
                     const std::vector<std::string>& texts) const {
    INFO(word);
    const test::Answer answer = merge(parts);
    CHECK(answer.code == code);
    const nlohmann::json error = answer.json()["error"];
    CHECK(error["code"] == word);
    const std::string all = error["what"].get<std::string>() + "\n" + error["where"].get<std::string>() + "\n" +
                            error["remedy"].get<std::string>();
    for (const std::string& text : texts) {
      INFO(all << "\nlacks: " << text);
      CHECK(all.find(text) != std::string::npos);
    }
    CHECK_FALSE(fs::exists(root() / "merged" / "explanations.db"));
  }

  const fs::path& root() const { return folder_.path(); }
  std::string digest;

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("parts merge to what one run gives, once and again", "[pipeline][merge]") {
  const Division division;
  // A merge that was killed has left its unfinished store.
  const fs::path left_over = division.root() / "merged" / "explanations.db.part";
  fs::create_directories(left_over.parent_path());
  {
    ExplanationManifest manifest = *explain::stored_manifest(division.root() / "part-1");
    manifest.shard = manifest.shards = 1;
    const auto store = ExplanationStore::create(left_over, manifest, "then");
  }
  const test::Answer merged = division.merge({"part-2", "part-3/explanations.db", "part-1"});
  CHECK(merged.code == 1);
  CHECK(merged.json()["canonical_digest"] == division.digest);
  CHECK(merged.json()["cases"] == kFilms);
  CHECK(merged.json()["explained"] == kFilms - 1);
  REQUIRE(merged.json()["failed"].size() == 1);
  CHECK(merged.json()["failed"][0]["case"] == "p05");
  CHECK_FALSE(fs::exists(left_over));
  const test::Answer again = division.merge({"part-1", "part-2", "part-3"});
  CHECK(again.json()["explained"] == 0);
  CHECK(again.json()["canonical_digest"] == division.digest);
}

TEST_CASE("what is wrong with a part is said, with its number and the way out", "[pipeline][merge]") {
  const Division division;
  const auto file = [&](const std::string& part) { return (division.root() / part / "explanations.db").string(); };

  division.check_refused({"part-1", "part-3"}, 3, "missing_shard", {"of 3 parts 2 is missing", "--shard 2/3"});
  division.check_refused({"part-1"}, 3, "missing_shard", {"of 3 parts 2, 3 are missing"});
  division.check_refused({"part-1", "nowhere", "part-3"}, 3, "missing_shard",
                         {"2 is missing", "no store in " + (division.root() / "nowhere").string()});
  division.check_refused({"nowhere"}, 3, "missing_shard", {"there is no part"});

  division.copy("part-2", "twin");
  division.check_refused({"part-1", "part-2", "part-3", "twin"}, 3, "doubled_shard",
                         {"part 2/3 is given twice", file("part-2"), file("twin"), "leave one"});

  const fs::path half = division.copy("part-2", "half");
  fs::rename(half / "explanations.db", half / "explanations.db.part");
  division.check_refused({"part-1", "half", "part-3"}, 4, "unfinished_shard",
                         {"part 2/3 is not finished: 2 cases are there, of a list of 7", "again"});

  const fs::path cut = division.copy("part-2", "cut");
  fs::resize_file(cut / "explanations.db", fs::file_size(cut / "explanations.db") / 2);
  division.check_refused({"part-1", "cut", "part-3"}, 3, "damaged_database", {file("cut"), "remove"});

  const fs::path flipped = division.copy("part-2", "flipped");
  {
    std::string bytes = read_file(flipped / "explanations.db");
    const auto at = bytes.find("patient 0");  // in the row of a case
    REQUIRE(at != std::string::npos);
    bytes[at + 8] = '7';
    std::ofstream(flipped / "explanations.db", std::ios::binary) << bytes;
  }
  division.check_refused({"part-1", "flipped", "part-3"}, 3, "broken_chain", {"part 2/3", file("flipped"), "remove"});

  REQUIRE(division.explain("other-model", "2/3", "shortcut-shoulder").code == 0);
  division.check_refused({"part-1", "other-model", "part-3"}, 3, "different_runs",
                         {"part 2/3", "model_sha256", file("other-model")});

  REQUIRE(division.explain("other-division", "2/4", "honest").code == 1);
  division.check_refused({"part-1", "other-division", "part-3"}, 3, "wrong_shard", {"part 2/4", "1/3"});

  write_file(division.root() / "longer.csv", read_file(division.root() / "cases.csv") + "p07,p00.png,x,AP\n");
  REQUIRE(division.explain("other-list", "2/3", "honest", "longer.csv").code == 0);
  division.check_refused({"part-1", "other-list", "part-3"}, 3, "different_lists", {"part 2/3", file("other-list")});
  const test::Answer other_list = division.explain("part-2", "2/3", "honest", "longer.csv");
  CHECK(other_list.code == 4);
  CHECK(other_list.json()["error"]["code"] == "other_list");

  // Killed after the last case and before summary.json: nobody knows what became of p05.
  const fs::path summary = division.root() / kPartOfBroken / "summary.json";
  fs::remove(summary);
  division.check_refused({"part-1", "part-2", "part-3"}, 4, "unaccounted_cases",
                         {"part 3/3 has 2 cases", "for 1 of them", "run this part again"});
  CHECK(division.explain(kPartOfBroken, "3/3", "honest").code == 1);
  CHECK(division.merge({"part-1", "part-2", "part-3"}).json()["canonical_digest"] == division.digest);
}
