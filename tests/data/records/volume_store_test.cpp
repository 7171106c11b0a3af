// explanations.db of volumes: format 2, depth and slices come back, a changed slice is found, pictures stay format 1.
#include <sqlite3.h>

#include <functional>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/records/explanations.h"
#include "data/records/explanations_manifest.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

const std::string kNow = "2026-01-02T03:04:05Z";

ExplanationManifest manifest(int input_slices) {
  ExplanationManifest m;
  m.model_name = "volume";
  m.model_sha256 = std::string(64, 'a');
  m.card_sha256 = std::string(64, 'b');
  m.classes = {"nodule"};
  m.output_kind = "logits";
  m.activation = "sigmoid";
  m.layer = "block3";
  m.method = "grad_cam";
  m.mode = "reproducible";
  m.device = "cpu";
  m.input_slices = input_slices;
  m.receptive_field = {
      {{.size = 9, .stride = 4, .first = -3, .effective = 5}, {.size = 15, .stride = 8, .first = -7}, {}}, ""};
  return m;
}

/// Two map slices of 1 x 2 over four slices.
Explanation explanation() {
  Explanation e;
  e.pixel_sha256 = std::string(64, '1');
  e.rows = e.input_rows = 4;
  e.cols = e.input_cols = 8;
  e.logits = {1.5F};
  e.maps = {{2, 2, {0, 4, 8, -8}}};
  e.volume = ExplainedVolume{.slices = 4,
                             .input_slices = 4,
                             .map_slices = 2,
                             .positions_mm = {0, 5, 10, 15.5},
                             .evidence = {R"({"verdict":"own"})"}};
  return e;
}

ExplainedCase listed() {
  return {.name = "v",
          .patient = {},
          .file = "series/v",
          .file_sha256 = std::string(64, '2'),
          .columns = {},
          .spacing = {.vertical_mm = 0.5, .horizontal_mm = 0.25, .aspect = 2},
          .key = {}};
}

std::filesystem::path stored(const std::filesystem::path& folder) {
  const auto file = folder / "explanations.db";
  ExplanationStore store = ExplanationStore::create(file, manifest(4), kNow);
  store.begin();
  store.add(listed(), explanation());
  store.commit(kNow);
  return file;
}

void execute(const std::filesystem::path& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace

TEST_CASE("a volume's depth, places and slices come back", "[data][records][volume]") {
  const TemporaryFolder folder;
  const ExplanationStore store = ExplanationStore::open(stored(folder.path()));
  CHECK(store.manifest() == manifest(4));
  const Explanation e = store.explanation(store.find_case("v").key);
  REQUIRE(e.volume);
  CHECK(*e.volume == *explanation().volume);
  CHECK(e.maps[0].values == explanation().maps[0].values);
  CHECK(store.scale(0) == 8);
  CHECK(store.verify().empty());
  CHECK(input_pixel_mm(e, listed().spacing) == std::vector<double>{15.5 / 3, 0.5, 0.25});
}

TEST_CASE("a slice's map is between the two nearest map slices", "[data][records][volume]") {
  const Explanation e = explanation();
  CHECK(map_of_slice(e, 0, 0).values == std::vector<float>{0, 4});
  CHECK(map_of_slice(e, 0, 1).values == std::vector<float>{2, 1});  // a quarter of the way
  CHECK(map_of_slice(e, 0, 3).values == std::vector<float>{8, -8});
  CHECK(map_of_slice(e, 0, 3).rows == 1);
  const std::vector<double> energy = energy_of_slices(e, 0);  // 4, 5, 7, 8 of 24
  CHECK(energy[1] == Approx(5 / 24.0));
  CHECK(energy[3] == Approx(8 / 24.0));
}

TEST_CASE("a changed slice of a stored volume is found", "[data][records][volume]") {
  const TemporaryFolder folder;
  const auto file = stored(folder.path());
  const std::string before = ExplanationStore::open(file).canonical_digest();
  execute(file, "DROP TRIGGER slices_keep; UPDATE slice_evidence SET result_json = '{\"verdict\":\"borrowed\"}'");
  CHECK_FALSE(ExplanationStore::open(file).verify().empty());
  CHECK(ExplanationStore::open(file).canonical_digest() != before);
}

TEST_CASE("pictures and volumes have stores of their own", "[data][records][volume]") {
  const TemporaryFolder folder;
  ExplanationStore pictures = ExplanationStore::create(folder.path() / "p.db", manifest(0), kNow);
  pictures.begin();
  CHECK_THROWS_AS(pictures.add(listed(), explanation()), Error);
  pictures.roll_back();
  ExplanationStore volumes = ExplanationStore::create(folder.path() / "v.db", manifest(4), kNow);
  volumes.begin();
  Explanation flat = explanation();
  flat.volume.reset();
  CHECK_THROWS_AS(volumes.add(listed(), flat), Error);
}

TEST_CASE("the receptive field is kept, and does not make another run", "[data][records][volume]") {
  ExplanationManifest other = manifest(4);
  other.receptive_field.axes[0].effective = 6;
  CHECK(differing_fields(manifest(4), other).empty());
  CHECK(identity_sha256(manifest(4)) == identity_sha256(other));
  CHECK(differing_fields(manifest(4), manifest(0)) == std::vector<std::string>{"input_slices"});
  CHECK(manifest_from_json(manifest_to_json(other), "test") == other);
}
