#include "study/exchange/package.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "study/exchange/item_codec.h"
#include "study/exchange/package_header.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

const UtcTime kNow = parse_utc("2026-03-02", "test");

SigningKey key_of(unsigned char first) {
  Bytes<32> seed{};
  seed[0] = first;
  return SigningKey(seed);
}

Item item_at(int position, bool has_map) {
  Item item{.position = position, .code = "7KQ2M0", .arm = has_map ? "visible" : "hidden"};
  Plane film{4, 5, {}};
  for (int i = 0; i < 20; ++i) film.values.push_back(static_cast<float>(1000 + 37 * i));
  item.films.push_back({.values = film, .window = {.centre = 1500, .width = 900}});
  item.ai.label = "consolidation";
  item.ai.score = 0.75;
  item.ai.threshold = 0.5;
  if (has_map) {
    item.ai.heatmap = ItemHeatmap{.cells = {2, 2, {0.25F, -1.5F, 3.0F, 0.1F}}, .scale = 2};
  }
  return item;
}

struct Package {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "r1-p1.rpk";
  SigningKey reader = key_of(1), lock = key_of(2);
  PackageFacts facts;

  explicit Package(const std::optional<BoxKey>& release_key = {}) {
    const std::string toml = "format = 1\nlabel = \"AI score + heatmap\"\n";
    facts = {.study_id = "cxr-01",
             .reader = "r1",
             .period = release_key ? 2 : 1,
             .protocol_sha256 = sha256_hex(toml),
             .not_before = "2026-03-01T00:00:00.000Z",
             .made = "2026-02-20T00:00:00.000Z"};
    PackageWriter writer(path, facts, {.protocol_toml = toml, .data_key = {}}, lock,
                         item_capacity(item_at(1, true).films, 4, 13, 7), reader.public_key(),
                         release_key);
    writer.add(item_at(1, false));
    writer.add(item_at(2, true));
    facts = writer.finish();
  }
};

template <typename F>
std::string code_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code;
  }
  return "fine";
}

}  // namespace

TEST_CASE("a package gives its reader what was put in", "[study][exchange]") {
  const Package package;
  const PackageFile file(package.path, package.reader, kNow);
  CHECK(file.facts().n_items == 2);
  CHECK(file.facts().chain_id() == "cxr-01/r1/p1");
  CHECK(file.secrets().protocol_toml.starts_with("format = 1"));
  const Item item = file.item(2);
  const Item wanted = item_at(2, true);
  CHECK(item.arm == "visible");
  CHECK(item.code == wanted.code);
  CHECK(item.films.at(0).values.values == wanted.films[0].values.values);
  CHECK(item.films.at(0).window.centre == 1500);
  CHECK(item.ai.heatmap->cells.values == wanted.ai.heatmap->cells.values);
  CHECK(item.ai.heatmap->scale == 2);
  CHECK_FALSE(file.item(1).ai.heatmap);
  CHECK_NOTHROW(file.verify());
  CHECK(package_digests(package.path).body == package.facts.body_sha256);
}

TEST_CASE("pixels that are no whole numbers keep their values", "[study][exchange]") {
  Item item = item_at(1, false);
  item.films[0].values.values[3] = 0.1F;
  CHECK(decode_item(encode_item(item)).films[0].values.values == item.films[0].values.values);
  item.films[0].values.values[3] = 100000;
  CHECK(decode_item(encode_item(item)).films[0].values.values == item.films[0].values.values);
  item.films[0].values.values[3] = -500;
  CHECK(decode_item(encode_item(item)).films[0].values.values == item.films[0].values.values);
}

TEST_CASE("nothing in a package's bytes tells case, code, arm or answer", "[study][exchange]") {
  const Package package;
  const std::string bytes = read_file(package.path);
  for (const char* word : {"visible", "hidden", "7KQ2M0", "heatmap", "consolidation", "format = 1"}) {
    CHECK(bytes.find(word) == std::string::npos);
  }
}

TEST_CASE("a package with a heatmap is as long as one without", "[study][exchange]") {
  TemporaryFolder folder;
  std::vector<std::uintmax_t> sizes;
  for (const bool has_map : {false, true}) {
    const auto path = folder.path() / (has_map ? "a.rpk" : "b.rpk");
    PackageWriter writer(path, {.study_id = "s", .reader = "r1"}, {}, key_of(2), item_capacity(item_at(1, true).films, 4, 13, 7),
                         key_of(1).public_key(), {});
    writer.add(item_at(1, has_map));
    writer.finish();
    sizes.push_back(std::filesystem::file_size(path));
  }
  CHECK(sizes[0] == sizes[1]);
}

TEST_CASE("a package opens for its reader, after its date, when it is released", "[study][exchange]") {
  const Package package;
  CHECK(code_of([&] { PackageFile(package.path, key_of(9), kNow); }) == "wrong_key");
  CHECK(code_of([&] {
          PackageFile(package.path, package.reader, parse_utc("2026-02-28T23:59:59Z", "t"));
        }) == "too_early");
  CHECK(code_of([&] { PackageFile("/no/such/file.rpk", package.reader, kNow); }) == "cannot_read");

  const auto release_key = random_bytes<32>();
  const Package later(release_key);
  CHECK(code_of([&] { PackageFile(later.path, later.reader, kNow); }) == "not_released");
  const auto released = later.folder.path() / "out" / "r1-p2.rpk";
  CHECK(code_of([&] { release_package(later.path, released, random_bytes<32>()); }) == "wrong_key");
  CHECK_FALSE(std::filesystem::exists(released));
  release_package(later.path, released, release_key);
  CHECK(PackageFile(released, later.reader, kNow).item(2).arm == "visible");
  CHECK(package_digests(released).body == later.facts.body_sha256);
  CHECK(package_digests(released).key != package_digests(later.path).key);
}

TEST_CASE("every flipped byte of a package is found", "[study][exchange]") {
  const Package package;
  const std::string good = read_file(package.path);
  const auto changed = package.folder.path() / "changed.rpk";
  std::uint64_t state = 7;
  std::size_t found = 0, tried = 0;
  for (std::size_t at = 0; at < good.size(); at += 1 + at % 3) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + (state >> 40) % 255));
    std::ofstream(changed, std::ios::binary) << bytes;
    ++tried;
    try {
      PackageFile(changed, package.reader, kNow).verify();
    } catch (const Error&) {
      ++found;
    }
  }
  CHECK(tried > 2000);
  CHECK(found == tried);
}

TEST_CASE("a header that was edited and signed with another key does not open", "[study][exchange]") {
  const Package package;
  const std::string good = read_file(package.path);
  const auto changed = package.folder.path() / "changed.rpk";
  const auto code_with = [&](const std::function<void(PackageFacts&)>& edit) {
    PackageHeader header = decode_header(good.substr(0, kPackageHeaderBytes), "good");
    const SigningKey forger = key_of(8);
    header.facts.lock_key = forger.public_key();
    edit(header.facts);
    header.signature = forger.sign(header_message(header));
    std::ofstream(changed, std::ios::binary) << encode_header(header) << good.substr(kPackageHeaderBytes);
    return code_of([&] { PackageFile(changed, package.reader, kNow); });
  };
  CHECK(code_with([](PackageFacts&) {}) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.is_synthetic = true; }) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.not_before = "2026-01-01T00:00:00.000Z"; }) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.period = 2; }) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.reader = "r2"; }) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.reader = "../../r1"; }) == "damaged");
  CHECK(code_with([](PackageFacts& facts) { facts.study_id = "/tmp/x"; }) == "damaged");
}

TEST_CASE("a pipe in a package's place is refused at once", "[study][exchange]") {
  const TemporaryFolder folder;
  const auto pipe = folder.path() / "r1-p1.rpk";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(code_of([&] { read_package_facts(pipe); }) == "no_package");
}

TEST_CASE("a package that was cut short or lengthened is damaged", "[study][exchange]") {
  const Package package;
  const std::string good = read_file(package.path);
  const auto changed = package.folder.path() / "changed.rpk";
  for (const std::size_t n : {std::size_t{0}, std::size_t{10}, std::size_t{4095}, std::size_t{4096},
                              good.size() - 1}) {
    std::ofstream(changed, std::ios::binary) << good.substr(0, n);
    CHECK(code_of([&] { PackageFile(changed, package.reader, kNow); }) != "fine");
  }
  std::ofstream(changed, std::ios::binary) << good << 'x';
  CHECK(code_of([&] { PackageFile(changed, package.reader, kNow); }) == "damaged");
}

TEST_CASE("bytes that are no item are refused", "[study][exchange]") {
  const std::string good = encode_item(item_at(1, true));
  std::uint64_t state = 3;
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::string bytes = good;
    bytes[(state >> 33) % bytes.size()] = static_cast<char>(state >> 25);
    if (round % 3 == 0) bytes.resize((state >> 20) % bytes.size());
    try {
      static_cast<void>(decode_item(bytes));
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
}
