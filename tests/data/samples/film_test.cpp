#include "data/samples/film.h"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/dicom/read_dicom.h"
#include "data/image/png.h"
#include "data/image/window.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

constexpr std::uint64_t kSeed = 7;

DxFile film_of(std::uint64_t index) {
  const SampleCase one = describe_case(SampleSet::kTest, kSeed, index);
  return film(one, render(kSeed, index, one.labels.findings), "test");
}

/// Runs the driver; its exit code.
int run(const std::string& arguments) {
  const int status = std::system(
      (std::string(RATIONALE_DRIVER) + " samples " + arguments + " >/dev/null 2>&1").c_str());
  return WEXITSTATUS(status);
}

std::set<std::string> files_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.insert(entry.path().lexically_relative(folder).string());
  }
  return names;
}

}  // namespace

TEST_CASE("a film shows the same picture in every encoding and either polarity",
          "[data][samples][dicom]") {
  const auto index = GENERATE(as<std::uint64_t>{}, 0, 1, 2, 5, 6, 7, 10, 13, 14, 15, 18, 23);
  const DxFile film = film_of(index);
  const Picture picture = parse_dicom(encode_dx(film), "film");

  CHECK(picture.bits_stored == 12);
  CHECK(picture.is_monochrome1 == film.is_monochrome1);
  CHECK(picture.is_inverted == film.is_monochrome1);
  CHECK_FALSE(picture.is_lossy);
  CHECK(picture.spacing.is_detector);
  CHECK(picture.spacing.vertical_mm == Approx(film.spacing.vertical_mm));
  CHECK(picture.spacing.aspect == Approx(film.spacing.aspect));
  REQUIRE(picture.windows.size() == 2);
  const std::vector<double> whole = display_values(picture);
  const std::vector<double> lungs =
      display_values(picture, {.kind = WindowChoice::Kind::kFile, .index = 1, .window = {}});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    REQUIRE(whole[i] * 4095 == Approx(film.values[i]).margin(1e-6));
    // The second window, worked out on the bone-white values (PS3.3 C.11.2.1.2.1).
    REQUIRE(lungs[i] == Approx(apply_window(film.windows[1], film.values[i])).margin(1e-9));
  }
}

TEST_CASE("24 films hold every encoding in both polarities, and pixels that are not square",
          "[data][samples][dicom]") {
  std::set<std::pair<int, bool>> kinds;
  std::set<double> aspects;
  for (std::uint64_t i = 0; i < 24; ++i) {
    const SampleCase one = describe_case(SampleSet::kTest, kSeed, i);
    kinds.insert({static_cast<int>(one.encoding), one.is_monochrome1});
    aspects.insert(one.spacing.aspect);
  }
  CHECK(kinds.size() == 10);
  CHECK(aspects.size() == 2);
}

TEST_CASE("a film's bytes follow from its case alone", "[data][samples][dicom]") {
  CHECK(encode_dx(film_of(5)) == encode_dx(film_of(5)));
  CHECK(encode_dx(film_of(5)) != encode_dx(film_of(6)));
  // Two images of one patient are of one study, but two objects.
  CHECK(film_of(3).study_key == film_of(4).study_key);
  CHECK(film_of(3).uid_key != film_of(4).uid_key);
}

TEST_CASE("a UID made from a key is a valid one", "[data][dicom]") {
  for (int i = 0; i < 100; ++i) {
    const std::string uid = uid_from(std::to_string(i));
    REQUIRE(uid.size() <= 64);
    REQUIRE(uid.rfind("2.25.", 0) == 0);
    REQUIRE(uid[5] != '0');  // PS3.5 9.1: no component begins with 0
    REQUIRE(uid.find_first_not_of("0123456789.") == std::string::npos);
    REQUIRE(uid != uid_from(std::to_string(i + 1)));
  }
}

TEST_CASE("pixels that do not fit are refused", "[data][dicom]") {
  DxFile film = film_of(0);
  film.values[0] = 4096;
  CHECK_THROWS_AS(encode_dx(film), Error);
  film.values.pop_back();
  CHECK_THROWS_AS(encode_dx(film), Error);
}

TEST_CASE("rationale samples writes the same folder for the same seed", "[ui][samples]") {
  const TemporaryFolder folder;
  const std::string one = (folder.path() / "one").string();
  const std::string two = (folder.path() / "two").string();
  REQUIRE(run("--seed 7 --count 9 --set concept --out " + one) == 0);
  REQUIRE(run("--seed 7 --count 9 --set concept --out " + two) == 0);
  const std::set<std::string> names = files_in(one);
  CHECK(names == files_in(two));
  for (const std::string& name : names) {
    REQUIRE(read_file(folder.path() / "one" / name) == read_file(folder.path() / "two" / name));
  }

  // A mask for each finding that is there, and no other.
  std::set<std::string> expected = {"cases.csv", "concepts.csv"};
  for (std::uint64_t i = 0; i < 9; ++i) {
    const SampleCase described = describe_case(SampleSet::kConcept, 7, i);
    expected.insert("images/" + described.name + ".dcm");
    for (std::size_t k = 0; k < kFindingCount; ++k) {
      if (described.labels.findings[k]) {
        expected.insert("masks/" + described.name + "_" + kFindingNames[k] + ".png");
      }
    }
  }
  CHECK(names == expected);
  CHECK(split(read_file(folder.path() / "one" / "cases.csv"), '\n').size() == 1 + 9 + 1);
  CHECK(split(read_file(folder.path() / "one" / "concepts.csv"), '\n').size() == 1 + 9 * 8 + 1);
}

TEST_CASE("a second run takes away the masks of findings that are gone", "[ui][samples]") {
  const TemporaryFolder folder;
  const std::string out = folder.path().string();
  REQUIRE(run("--count 2 --present nodule,marker --out " + out) == 0);
  const auto mask = folder.path() / "masks" / "p1-0001_nodule.png";
  const Picture shown = read_png(mask);
  CHECK(shown.rows == kSize);
  CHECK(std::filesystem::exists(mask));
  REQUIRE(run("--count 2 --absent nodule --present marker --out " + out) == 0);
  CHECK_FALSE(std::filesystem::exists(mask));
  CHECK(std::filesystem::exists(folder.path() / "masks" / "p1-0001_marker.png"));
}

TEST_CASE("rationale samples refuses what it cannot make with the contract's exit codes",
          "[ui][samples]") {
  const TemporaryFolder folder;
  const std::string out = " --out " + (folder.path() / "x").string();
  CHECK(run("--set tests" + out) == 2);
  CHECK(run("--present nodul" + out) == 2);
  CHECK(run("--present nodule --absent nodule" + out) == 2);
  CHECK(run("--count 0" + out) == 2);
  CHECK(run("--count 2") == 2);
  write_file(folder.path() / "file", "in the way");
  CHECK(run("--count 2 --out " + (folder.path() / "file").string()) == 5);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "x"));
}
