#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("SHA-256 of 'abc' is that of FIPS 180-4", "[data][digest]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("fields of a digest are framed, so that moving a border changes it", "[data][digest]") {
  CHECK(Sha256().field("ab").field("c").hex() != Sha256().field("a").field("bc").hex());
}

TEST_CASE("a written file replaces the old one whole and leaves nothing beside it", "[data][file]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "deep" / "file.txt";
  write_file(path, "old");
  write_file(path, "new");
  CHECK(read_file(path) == "new");
  int entries = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(path.parent_path())) {
    ++entries;
  }
  CHECK(entries == 1);
}

TEST_CASE("a missing file, a folder and a file over the limit are refused", "[data][file]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_file(folder.path() / "nothing"), Error);
  CHECK_THROWS_AS(read_file(folder.path()), Error);
  write_file(folder.path() / "ten", "0123456789");
  CHECK_THROWS_AS(read_file(folder.path() / "ten", 9), Error);
}

TEST_CASE("numbers are whole and finite, or nothing", "[data][text]") {
  CHECK(parse_number(" 1e3 ") == 1000.0);
  CHECK(parse_number("+2.5") == 2.5);
  CHECK_FALSE(parse_number("1x"));
  CHECK_FALSE(parse_number("nan"));
  CHECK_FALSE(parse_number("inf"));
  CHECK_FALSE(parse_number(""));
  CHECK_FALSE(parse_number("1e999"));
}

TEST_CASE("near names put the likely meant one first", "[data][text]") {
  const auto names = near_names("layr4", {"conv1", "layer4", "layer3", "fc"});
  REQUIRE_FALSE(names.empty());
  CHECK(names.front() == "layer4");
}

TEST_CASE("each kind of error has the exit code of the contract", "[data][error]") {
  CHECK(exit_code(Error::Kind::kUsage) == 2);
  CHECK(exit_code(Error::Kind::kInput) == 3);
  CHECK(exit_code(Error::Kind::kRefused) == 4);
  CHECK(exit_code(Error::Kind::kEnvironment) == 5);
  CHECK(exit_code(Error::Kind::kInternal) == 70);
}
