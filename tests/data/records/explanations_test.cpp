// explanations.db: what is stored comes back, nothing can be changed unseen, and parts make the same whole.
#include "data/records/explanations.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <limits>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/records/explanations_manifest.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

const std::string kNow = "2026-01-02T03:04:05Z";

ExplanationManifest manifest() {
  ExplanationManifest m;
  m.model_name = "phantom";
  m.model_sha256 = std::string(64, 'a');
  m.card_sha256 = std::string(64, 'b');
  m.classes = {"effusion", "mass"};
  m.output_kind = "logits";
  m.activation = "sigmoid";
  m.thresholds = {0.5, 0.25};
  m.layer = "features.3";
  m.method = "grad_cam";
  m.mode = "fast";
  m.prefix_variant = "frozen";
  m.device = "cpu";
  m.torch_version = "1.13.0";
  m.program_version = "0.1.0";
  return m;
}

std::string digits(int number) {
  std::string text = std::to_string(number);
  return std::string(64 - text.size(), '0') + text;
}

Explanation explanation(int number) {
  const auto x = static_cast<float>(number);
  Explanation e;
  e.pixel_sha256 = digits(number);
  e.rows = 40;
  e.cols = 60;
  e.input_rows = 20;
  e.input_cols = 20;
  e.input_to_picture = {2, 0.5, 3, 1};
  e.logits = {x, -x};
  e.maps = {{2, 2, {0, x, -1, 0.25F}}, {2, 2, {-1, -2, -3, -4}}};
  e.concepts = {R"({"phi":1})", R"({"phi":2})"};
  return e;
}

ExplainedCase one_case(int number) {
  return {.name = "p" + std::to_string(number),
          .patient = "patient " + std::to_string(number / 2),
          .file = "images/p" + std::to_string(number) + ".dcm",
          .file_sha256 = digits(1000 + number),
          .columns = {{"view", "AP"}},
          .spacing = {.vertical_mm = 0.2, .horizontal_mm = 0.1, .aspect = 2, .is_detector = true},
          .key = {}};
}

void fill(ExplanationStore& store, const std::vector<int>& numbers, std::size_t group = 1) {
  for (std::size_t i = 0; i < numbers.size(); i += group) {
    store.begin();
    for (std::size_t k = i; k < std::min(i + group, numbers.size()); ++k) {
      store.add(one_case(numbers[k]), explanation(numbers[k]));
    }
    store.commit(kNow + std::to_string(i));
  }
}

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code;
  }
  return "nothing thrown";
}

}  // namespace

TEST_CASE("a store gives back what was put in, to the bit", "[data][records]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "explanations.db";
  {
    ExplanationStore store = ExplanationStore::create(file, manifest(), kNow);
    fill(store, {3, 1});
  }
  const ExplanationStore store = ExplanationStore::open(file);
  CHECK(store.manifest() == manifest());
  const std::vector<ExplainedCase> cases = store.cases();
  REQUIRE(cases.size() == 2);
  CHECK(cases[0].name == "p3");
  CHECK(cases[0].patient == "patient 1");
  CHECK(cases[0].columns == one_case(3).columns);
  const Explanation e = store.explanation(cases[0].key);
  CHECK(e.logits == std::vector<float>{3, -3});
  CHECK(store.logits(cases[0].key) == e.logits);
  REQUIRE(e.maps.size() == 2);
  CHECK(e.maps[1].values == std::vector<float>{-1, -2, -3, -4});
  CHECK(cases[0].spacing.aspect == 2);
  CHECK(cases[0].spacing.is_detector);
  CHECK(e.input_to_picture.col_scale == 3);
  CHECK(e.concepts == explanation(3).concepts);
  CHECK(store.concept_json(cases[0].key, 1) == R"({"phi":2})");
  CHECK(store.verify().empty());
}

TEST_CASE("a cell's place goes through the input into the picture", "[data][records]") {
  // Cell (0, 1) of 2 x 2 has its centre at (4.5, 14.5) of 20 x 20; times (2, 3) plus (0.5, 1).
  const Explanation e = explanation(1);
  const Point point = apply(map_to_picture(e, e.maps[0]), {0, 1});
  CHECK(point.row == Approx(9.5));
  CHECK(point.col == Approx(44.5));
}

TEST_CASE("scores apply the activation without overflow", "[data][records]") {
  ExplanationManifest m = manifest();
  CHECK(scores(m, {0, 1000})[0] == Approx(0.5));
  CHECK(scores(m, {0, -1000})[1] == Approx(0.0));
  m.activation = "softmax";
  CHECK(scores(m, {1000, 1000})[1] == Approx(0.5));
}

TEST_CASE("the canonical digest knows neither order nor groups nor shards", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore whole = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  fill(whole, {1, 2, 3, 4, 5});
  ExplanationStore mixed = ExplanationStore::create(folder.path() / "b.db", manifest(), "later");
  fill(mixed, {5, 3, 1, 4, 2}, 3);
  CHECK(mixed.canonical_digest() == whole.canonical_digest());
  CHECK(mixed.chain_head() != whole.chain_head());

  ExplanationManifest part = manifest();
  part.shards = 2;
  part.batch = 8;
  ExplanationStore first = ExplanationStore::create(folder.path() / "1.db", part, kNow);
  fill(first, {2, 4});
  part.shard = 2;
  ExplanationStore second = ExplanationStore::create(folder.path() / "2.db", part, kNow);
  fill(second, {1, 3, 5});
  ExplanationStore merged = ExplanationStore::create(folder.path() / "m.db", manifest(), kNow);
  merged.begin();
  merged.add_all(second);
  merged.add_all(first);
  merged.add_scales();
  merged.commit(kNow);
  CHECK(merged.canonical_digest() == whole.canonical_digest());
  CHECK(merged.verify().empty());

  fill(whole, {6});
  CHECK(merged.canonical_digest() != whole.canonical_digest());
}

TEST_CASE("another prefix, layer or model is another digest and another key", "[data][records]") {
  const TemporaryFolder folder;
  const ExplanationStore a = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  ExplanationManifest other = manifest();
  other.layer = "features.5";
  const ExplanationStore b = ExplanationStore::create(folder.path() / "b.db", other, kNow);
  CHECK(a.content_key(digits(1)) != b.content_key(digits(1)));
  CHECK(a.canonical_digest() != b.canonical_digest());
  CHECK(differing_fields(manifest(), other) == std::vector<std::string>{"layer"});
}

TEST_CASE("records cannot be updated or deleted through SQL", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  fill(store, {1});
  Database database(folder.path() / "a.db", Database::Open::kWrite);
  for (const char* sql : {"UPDATE explanation SET map_rows = 1", "DELETE FROM explanation",
                          "UPDATE explained_case SET patient = 'x'", "DELETE FROM entry",
                          "UPDATE run SET manifest_json = '{}'", "DELETE FROM concept_result"}) {
    CHECK_THROWS_AS(database.execute(sql), Error);
  }
  CHECK(store.verify().empty());
}

TEST_CASE("the chain shows every changed, removed, added or reordered record", "[data][records]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.db";
  {
    ExplanationStore store = ExplanationStore::create(file, manifest(), kNow);
    fill(store, {1, 2, 3});
    store.begin();
    store.add_scales();
    store.commit(kNow);
    REQUIRE(store.verify().empty());
  }
  // An attacker with the file drops the triggers first.
  Database database(file, Database::Open::kWrite);
  Statement triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'");
  std::vector<std::string> names;
  while (triggers.step()) names.push_back(triggers.text(0));
  REQUIRE(names.size() == 12);
  for (const std::string& name : names) database.execute("DROP TRIGGER " + name);
  database.execute("PRAGMA foreign_keys = OFF");

  const std::string attack = GENERATE(
      "UPDATE explanation SET logits = x'0000803f0000803f' WHERE pixel_sha256 LIKE '%2'",
      "UPDATE explanation SET maps = zeroblob(length(maps)) WHERE pixel_sha256 LIKE '%2'",
      "UPDATE explanation SET row_offset = row_offset + 1 WHERE pixel_sha256 LIKE '%1'",
      "UPDATE explained_case SET patient = 'someone' WHERE name = 'p1'",
      "UPDATE explained_case SET aspect = 3 WHERE name = 'p1'",
      "UPDATE explained_case SET key = (SELECT max(key) FROM explanation)",
      "UPDATE concept_result SET result_json = '{}' WHERE class_index = 1",
      "UPDATE colour_scale SET value = 99 WHERE class_index = 0",
      "UPDATE run SET manifest_json = replace(manifest_json, 'phantom', 'another')",
      "UPDATE entry SET made_at = '1999' WHERE seq = 3",
      "DELETE FROM explained_case WHERE name = 'p3'",
      "DELETE FROM entry WHERE seq = 3",
      "INSERT INTO explained_case SELECT 'ghost', patient, file, file_sha256, columns,"
      " vertical_mm, horizontal_mm, aspect, is_detector, key FROM explained_case LIMIT 1");
  INFO(attack);
  database.execute(attack);
  CHECK_FALSE(ExplanationStore::open(file).verify().empty());
}

TEST_CASE("a flipped byte anywhere in the stored maps is found", "[data][records]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.db";
  {
    ExplanationStore store = ExplanationStore::create(file, manifest(), kNow);
    fill(store, {7});
  }
  std::string bytes = read_file(file);
  const float needle[] = {-1, -2, -3, -4};
  const auto at = bytes.find(std::string(reinterpret_cast<const char*>(needle), sizeof needle));
  REQUIRE(at != std::string::npos);
  bytes[at + 5] = static_cast<char>(bytes[at + 5] ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  CHECK_FALSE(ExplanationStore::open(file).verify().empty());
}

TEST_CASE("two cases with the same film share one explanation", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  store.begin();
  store.add(one_case(1), explanation(9));
  store.add(one_case(2), explanation(9));
  store.commit(kNow);
  CHECK(store.cases()[0].key == store.cases()[1].key);
  CHECK(store.has_content(digits(9)));
  CHECK(store.verify().empty());
}

TEST_CASE("a case with another film is refused, the same one is nothing new", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  fill(store, {1});
  const std::string head = store.chain_head();
  fill(store, {1});
  CHECK(store.chain_head() == head);
  store.begin();
  CHECK(code_of([&] { store.add(one_case(1), explanation(2)); }) == "case_changed");
  store.roll_back();
  CHECK(store.verify().empty());
}

TEST_CASE("values that are not finite never enter the store", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  Explanation e = explanation(1);
  e.maps[0].values[2] = std::numeric_limits<float>::infinity();
  store.begin();
  CHECK(code_of([&] { store.add(one_case(1), e); }) == "not_finite");
  store.roll_back();
  CHECK(store.cases().empty());
}

TEST_CASE("the colour scale is the 99th percentile of the maxima, and stays", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  std::vector<int> numbers(200);
  for (int i = 0; i < 200; ++i) numbers[static_cast<std::size_t>(i)] = i + 1;
  fill(store, numbers, 64);
  CHECK(store.scale(0) == 198);  // nearest rank: ceil(0.99 * 200) = 198th of 1 … 200
  CHECK(store.scale(1) == 0);    // class 1 has no positive evidence anywhere
  store.begin();
  store.add_scales();
  store.commit(kNow);
  CHECK(ExplanationStore::open(store.file()).scale(0) == 198);
  CHECK(store.verify().empty());
}

TEST_CASE("a film is found from where the store lies", "[data][records]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "out");
  ExplanationStore store =
      ExplanationStore::create(folder.path() / "out" / "explanations.db", manifest(), kNow);
  store.begin();
  store.add(one_case(1), explanation(1));
  store.set_list_folder(folder.path() / "list");
  store.commit(kNow);
  CHECK(store.film(store.find_case("p1")) == folder.path() / "list" / "images" / "p1.dcm");
  CHECK(store.verify().empty());
}

TEST_CASE("an unknown case names its neighbours", "[data][records]") {
  const TemporaryFolder folder;
  ExplanationStore store = ExplanationStore::create(folder.path() / "a.db", manifest(), kNow);
  fill(store, {1, 2});
  try {
    store.find_case("P1");
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kUsage);
    CHECK(error.remedy.find("p1") != std::string::npos);
  }
}

TEST_CASE("files that are no store are refused as input", "[data][records]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.db";
  CHECK(code_of([&] { ExplanationStore::open(file); }) == "no_such_file");
  write_file(file, "this is text, not a database, and long enough to be looked at as one. " +
                       std::string(200, 'x'));
  CHECK(code_of([&] { ExplanationStore::open(file); }) == "damaged_database");
  std::filesystem::remove(file);
  { Database empty(file, Database::Open::kCreate); empty.execute("CREATE TABLE t (x)"); }
  CHECK(code_of([&] { ExplanationStore::open(file); }) == "unknown_format");
}

TEST_CASE("a full disk loses the open group only", "[data][records]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a.db";
  std::signal(SIGXFSZ, SIG_IGN);
  ExplanationStore store = ExplanationStore::create(file, manifest(), kNow);
  fill(store, {1, 2, 3});
  const std::string before = store.canonical_digest();
  rlimit old{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  rlimit tight = old;
  tight.rlim_cur = std::filesystem::file_size(file) + 4096;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
  std::string code;
  try {
    std::vector<int> many(400);
    for (int i = 0; i < 400; ++i) many[static_cast<std::size_t>(i)] = i + 10;
    fill(store, many, 400);
  } catch (const Error& error) {
    code = error.code;
    CHECK(error.kind == Error::Kind::kEnvironment);
  }
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(code == "disk_full");
  store.roll_back();
  CHECK(store.canonical_digest() == before);
  const ExplanationStore again = ExplanationStore::open(file);
  CHECK(again.cases().size() == 3);
  CHECK(again.verify().empty());
}
