// Volumes whose files are read by decode processes: the same volumes, the same refusals.
#include <filesystem>
#include <functional>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/decode/film_decoders.h"
#include "data/decode/picture_bytes.h"
#include "data/samples/ct_series.h"
#include "data/volume/load.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

VolumeReader reader_of(FilmDecoders& decoders) {
  return {.slices = [&decoders](const std::filesystem::path& file) { return decoders.slices(file); },
          .picture = [&decoders](const std::filesystem::path& file, int frame) { return decoders.load(file, frame); }};
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
    return "read";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    return error.code + "|" + error.what() + "|" + error.where + "|" + error.remedy;
  }
}

void write_series(const std::filesystem::path& folder) {
  for (const auto& file : samples::ct_series(samples::ct_phantom(7, 0, 1), "test")) {
    write_file(folder / file.name, file.bytes);
  }
}

}  // namespace

TEST_CASE("A series that is read apart is the one that is read here", "[data][decode][volume]") {
  const TemporaryFolder folder;
  write_series(folder.path());
  write_file(folder.path() / "notes.txt", "no DICOM");
  FilmDecoders decoders(RATIONALE_DECODE, 2);
  const Volume here = load_volume(folder.path()), apart = load_volume(folder.path(), {}, reader_of(decoders));
  CHECK(apart.geometry.positions_mm == here.geometry.positions_mm);
  CHECK(apart.geometry.spacing.vertical_mm == here.geometry.spacing.vertical_mm);
  CHECK(apart.geometry.origin == here.geometry.origin);
  CHECK(apart.warnings == here.warnings);
  REQUIRE(apart.size() == here.size());
  for (std::size_t z = 0; z < here.size(); ++z) {
    CHECK(apart.slices[z].file == here.slices[z].file);
    CHECK(apart.slices[z].series == here.slices[z].series);
    const bool is_same = picture_bytes(apart.picture(z)) == picture_bytes(here.picture(z));
    CHECK(is_same);
  }
}

TEST_CASE("Frames of one file are read apart by their numbers", "[data][decode][volume]") {
  const auto files = test::shared("public/dicom/files", 1);
  if (!files) return;
  FilmDecoders decoders(RATIONALE_DECODE, 1);
  const auto file = *files / "emri_small.dcm";
  REQUIRE(decoders.slices(file).size() == 10);
  CHECK(decoders.slices(file)[9].frame == 10);
  CHECK(refusal([&] { load_volume(file, {}, reader_of(decoders)); }) == refusal([&] { load_volume(file); }));
  for (const int frame : {1, 10}) CHECK(decoders.load(file, frame).frame == frame);
}

TEST_CASE("A slice that is damaged is refused apart as it is here", "[data][decode][volume]") {
  const TemporaryFolder folder;
  write_series(folder.path());
  FilmDecoders decoders(RATIONALE_DECODE, 1);
  const auto file = folder.path() / "IM0007.dcm";
  const std::string whole = read_file(file);
  const auto both = [&] {
    const std::string here = refusal([&] { load_volume(folder.path()); });
    CHECK(refusal([&] { load_volume(folder.path(), {}, reader_of(decoders)); }) == here);
    return here;
  };
  CHECK(both() == "read");
  write_file(file, whole.substr(0, whole.size() - 100));  // its pixels are cut off
  CHECK(both().find("IM0007.dcm") != std::string::npos);
  write_file(file, whole.substr(0, 200));
  CHECK(both().find("IM0007.dcm") != std::string::npos);
}
