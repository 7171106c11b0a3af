// Streams and allocation tables, byte for byte those of golden/study.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "study/allocation/input_file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::json;

namespace {

Seed seed_from(const Json& hex) { return {bytes_from_hex<32>(hex.get<std::string>(), "seed")}; }

std::string first_bytes(Stream stream, std::size_t n) {
  std::string bytes;
  while (bytes.size() < n) {
    const std::uint32_t word = stream.u32();
    for (int k = 0; k < 4; ++k) bytes += static_cast<char>(word >> (8 * k) & 0xFF);
  }
  return bytes;
}

std::vector<int> counted(int n) {
  std::vector<int> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

}  // namespace

TEST_CASE("streams give the golden numbers", "[study][allocation]") {
  const auto file = test::shared("golden/study/prng/streams.json", 12);
  if (!file) return;
  const Json cases = Json::parse(read_file(*file));
  CHECK(cases.size() == 12);
  for (const Json& one : cases) {
    const Seed seed = seed_from(one.at("seed"));
    const std::string label = one.at("label");
    INFO(label);
    const auto stream = [&] { return Stream(seed, label); };
    CHECK(to_hex(stream().key()) == one.at("key").get<std::string>());
    const std::string bytes = first_bytes(stream(), std::size_t{1} << 20);
    CHECK(sha256_hex(bytes) == one.at("sha256_first_mib").get<std::string>());
    Stream words = stream();
    for (const Json& word : one.at("u32")) CHECK(words.u32() == word.get<std::uint32_t>());
    for (const auto& [n, wanted] : one.at("bounded").items()) {
      Stream drawn = stream();
      for (const Json& value : wanted.at("values")) {
        CHECK(drawn.bounded(std::stoull(n)) == value.get<std::uint32_t>());
      }
      CHECK(drawn.words_used() == wanted.at("words_used").get<std::size_t>());
    }
    for (const auto& [n, wanted] : one.at("shuffle").items()) {
      CHECK(stream().permutation(std::stoi(n)) == wanted.get<std::vector<int>>());
    }
    for (const auto& [n, wanted] : one.at("sattolo").items()) {
      std::vector<int> values = counted(std::stoi(n));
      stream().sattolo(values);
      CHECK(values == wanted.get<std::vector<int>>());
    }
    Stream many = stream();
    std::string drawn;
    for (int k = 0; k < 100000; ++k) {
      const std::uint32_t value = many.bounded(1000);
      drawn += static_cast<char>(value & 0xFF);
      drawn += static_cast<char>(value >> 8);
    }
    CHECK(sha256_hex(drawn) == one.at("sha256_100000_bounded_1000_u16le").get<std::string>());
  }
}

TEST_CASE("seeds are committed to and mixed as in the golden set", "[study][allocation]") {
  const auto file = test::shared("golden/study/prng/seeds.json", 5);
  if (!file) return;
  const Json golden = Json::parse(read_file(*file));
  for (const auto& [seed, commit] : golden.at("commit").items()) {
    CHECK(to_hex(seed_commitment(seed_from(seed))) == commit.get<std::string>());
  }
  for (const Json& one : golden.at("mix")) {
    std::vector<Seed> parts;
    for (const Json& part : one.at("parts")) parts.push_back(seed_from(part));
    CHECK(to_hex(mix_seeds(parts).bytes) == one.at("seed").get<std::string>());
  }
}

TEST_CASE("sequences of one to six arms are Williams'", "[study][allocation]") {
  const auto file = test::shared("golden/study/prng/williams.json", 6);
  if (!file) return;
  const Json golden = Json::parse(read_file(*file));
  for (const auto& [n, rows] : golden.items()) {
    CHECK(williams_sequences(std::stoi(n)) == rows.get<std::vector<std::vector<int>>>());
  }
}

TEST_CASE("case codes are the golden ones, collisions resolved", "[study][allocation]") {
  const auto file = test::shared("golden/study/prng/blind_codes.json", 3);
  if (!file) return;
  const Json golden = Json::parse(read_file(*file));
  for (const Json& one : golden) {
    const auto wanted = one.at("codes").get<std::map<std::string, std::string>>();
    std::vector<std::string> cases;
    for (const auto& [id, code] : wanted) cases.push_back(id);
    CHECK(blind_codes(seed_from(one.at("seed")), one.at("reader"), cases, one.at("chars")) ==
          wanted);
  }
}

TEST_CASE("every golden allocation comes out byte for byte", "[study][allocation]") {
  const auto folder = test::shared("golden/study/alloc", 8);
  if (!folder) return;
  int n = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    if (entry.path().extension() != ".json") continue;
    ++n;
    INFO(entry.path().filename().string());
    const std::string text = read_file(entry.path());
    const Json golden = Json::parse(text);
    const AllocationRequest request = parse_allocation_request(text, "input");
    const std::vector<Assignment> rows = allocate(request.input, request.seed);
    CHECK(rows.size() == golden.at("rows").get<std::size_t>());
    const std::string table = allocation_table(rows);
    CHECK(allocation_digest(rows) == golden.at("sha256").get<std::string>());
    if (golden.contains("table") && golden.at("table").is_string()) {
      CHECK(table == read_file(*folder / golden.at("table").get<std::string>()));
    }
    CHECK(parse_allocation_table(table, "table") == rows);
  }
  CHECK(n == 8);
}

TEST_CASE("every reader reads every case once an arm, balanced within strata", "[study][allocation]") {
  const int n_readers = GENERATE(2, 3, 5);
  const int n_cases = GENERATE(7, 30);
  AllocationInput input;
  input.design = {.arms = {"a", "b"}, .periods = 2, .repeats = 3};
  for (int r = 0; r < n_readers; ++r) input.readers.push_back(fmt::format("r{}", r));
  for (int c = 0; c < n_cases; ++c) {
    input.cases.push_back({fmt::format("c{:02}", c), {}, c % 3 == 0 ? "1" : "0"});
  }
  Seed seed;
  for (unsigned char s = 0; s < 20; ++s) {
    seed.bytes[0] = s;
    std::map<std::string, int> seen;                          // reader|case|arm
    std::map<std::string, std::array<int, 2>> by_stratum;     // reader|truth → sequences
    std::map<std::string, std::array<int, 2>> by_case;
    for (const Assignment& row : allocate(input, seed)) {
      if (row.is_repeat) continue;
      ++seen[row.reader + "|" + row.case_id + "|" + row.arm];
      if (row.period != 1) continue;
      const auto found = std::ranges::find(input.cases, row.case_id, &AllocationCase::id);
      ++by_stratum[row.reader + "|" + found->truth][static_cast<std::size_t>(row.sequence)];
      ++by_case[row.case_id][static_cast<std::size_t>(row.sequence)];
    }
    CHECK(std::ssize(seen) == n_readers * n_cases * 2);
    CHECK(std::ranges::all_of(seen, [](const auto& one) { return one.second == 1; }));
    for (const auto& [key, counts] : by_stratum) CHECK(std::abs(counts[0] - counts[1]) <= 1);
    for (const auto& [key, counts] : by_case) CHECK(std::abs(counts[0] - counts[1]) <= 1);
  }
}

TEST_CASE("another seed gives another allocation", "[study][allocation]") {
  AllocationInput input;
  input.design = {.arms = {"a", "b"}, .periods = 2};
  input.readers = {"r1", "r2"};
  for (int c = 0; c < 20; ++c) input.cases.push_back({fmt::format("c{:02}", c), {}, "0"});
  Seed one, other;
  other.bytes[31] = 1;
  CHECK(allocation_digest(allocate(input, one)) != allocation_digest(allocate(input, other)));
}

TEST_CASE("an input that cannot be allocated is refused by name", "[study][allocation]") {
  const std::string good =
      R"({"seed":"0000000000000000000000000000000000000000000000000000000000000000",)"
      R"("design":{"kind":"crossover","arms":["a","b"]},"readers":["r1","r2"],)"
      R"("columns":["case"],"cases":[["c1"],["c2"]],"truth":{"c1":"0","c2":"1"}})";
  CHECK(allocate(parse_allocation_request(good, "x").input, Seed{}).size() == 8);
  struct Change {
    std::string from, to;
  };
  const Change change = GENERATE(
      Change{"crossover", "crosover"}, Change{"[\"c2\"]", "[\"c1\"]"}, Change{"[\"r1\",\"r2\"]", "[]"},
      Change{"\"c2\":\"1\"", "\"c3\":\"1\""}, Change{"[\"a\",\"b\"]", "[]"}, Change{"\"seed\":\"00", "\"seed\":\"zz"},
      Change{"[[\"c1\"],", "[[\"c1\",\"x\"],"}, Change{"\"columns\"", "\"colums\""});
  std::string bad = good;
  bad.replace(bad.find(change.from), change.from.size(), change.to);
  CHECK_THROWS_AS(
      [&] {
        const AllocationRequest request = parse_allocation_request(bad, "x");
        return allocate(request.input, request.seed);
      }(),
      Error);
}
