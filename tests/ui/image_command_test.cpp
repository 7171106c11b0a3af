// `rationale image`, run as a program.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/image/png.h"
#include "tests/support/catch.h"
#include "tests/support/driver.h"
#include "tests/support/shared.h"

using namespace rationale;

using test::Answer;

namespace {

Answer run(const std::string& arguments) { return test::run_driver(arguments); }

}  // namespace

TEST_CASE("image prints a PNG's facts and writes its display and its values", "[ui][image]") {
  const TemporaryFolder folder;
  const std::string film = (folder.path() / "film.png").string();
  write_png_grey16(film, 1, 3, std::vector<std::uint16_t>{0, 32768, 65535});
  const std::string png = (folder.path() / "out.png").string();
  const std::string npy = (folder.path() / "out.npy").string();

  const Answer answer = run("image " + film + " --window=0,65536,LINEAR_EXACT --png " + png +
                            " --npy " + npy + " --json");
  REQUIRE(answer.code == 0);
  const auto json = answer.json();
  CHECK(json["schema"] == "rationale.image");
  CHECK(json["rows"] == 1);
  CHECK(json["columns"] == 3);
  CHECK(json["stored"]["max"] == 65535);
  CHECK(json["spacing"]["status"] == "not_estimable");
  CHECK(read_png(png).stored == std::vector<std::int32_t>{128, 255, 255});
  const FloatArray values = read_npy_float(npy);
  CHECK(values.shape == Shape{1, 3});
  CHECK(values.values == std::vector<float>{0, 32768, 65535});

  const Answer words = run("image " + film);
  CHECK(words.code == 0);
  CHECK(words.out.find("1 x 3 pixels") != std::string::npos);
}

TEST_CASE("image makes a colour picture grey only where that is asked for, and says so", "[ui][image]") {
  const TemporaryFolder folder;
  const std::string film = (folder.path() / "film.png").string();
  const std::string png = (folder.path() / "grey.png").string();
  write_png_rgb8(film, 1, 2, std::vector<std::uint8_t>{255, 0, 0, 0, 255, 0});
  CHECK(run("image " + film + " --json").code == 3);
  CHECK(run("image " + film + " --colour blue").code == 2);
  const Answer grey = run("image " + film + " --colour grey --png " + png + " --json");
  REQUIRE(grey.code == 0);
  CHECK(grey.json()["warnings"].size() == 1);
  CHECK(read_png(png).stored == std::vector<std::int32_t>{76, 150});  // 0.299 and 0.587 of 255
}

TEST_CASE("image answers faults with the contract's exit codes", "[ui][image]") {
  const TemporaryFolder folder;
  const std::string film = (folder.path() / "film.png").string();
  write_png_grey8(film, 1, 1, std::vector<std::uint8_t>{7});
  CHECK(run("image " + film + " --window=wide --json").code == 2);
  CHECK(run("image").code == 2);
  CHECK(run("image " + film + " --frame 2 --json").code == 3);
  CHECK(run("image " + film + " --window=file:1 --json").code == 3);
  const Answer missing = run("image " + (folder.path() / "no.dcm").string() + " --json");
  CHECK(missing.code == 3);
  CHECK(missing.json()["error"]["kind"] == "input");
  write_file(folder.path() / "empty.dcm", "");
  CHECK(run("image " + (folder.path() / "empty.dcm").string() + " --json").code == 3);
  CHECK(run("image " + film + " --png /proc/no/film.png --json").code == 5);
}

#ifdef RATIONALE_HAS_DICOM
TEST_CASE("image reads DICOM files and names what it refuses", "[ui][image]") {
  const auto folder = test::shared("public/dicom", 3);
  if (!folder) return;
  const Answer answer = run("image " + (*folder / "files" / "CT_small.dcm").string() + " --json");
  REQUIRE(answer.code == 0);
  const auto json = answer.json();
  CHECK(json["transfer_syntax"] == "1.2.840.10008.1.2.1");
  CHECK(json["modality"]["min"] == -896.0);
  CHECK(json["photometric"] == "MONOCHROME2");
  const Answer colour = run("image " + (*folder / "files" / "color-px.dcm").string() + " --json");
  CHECK(colour.code == 3);
  CHECK(colour.json()["error"]["where"].get<std::string>().find("(0028,0004)") !=
        std::string::npos);
  CHECK(run("image " + (*folder / "broken" / "deep_sequence.dcm").string() + " --json").code == 3);
}
#endif
