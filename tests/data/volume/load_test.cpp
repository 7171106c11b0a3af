// Volumes from files: a made CT series, real files of the public set, enhanced multi-frame objects, arrays.
#include "data/volume/load.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/cases/cases.h"
#include "data/dicom/uid.h"
#include "data/image/window.h"
#include "data/samples/ct_series.h"
#include "data/volume/digest.h"
#include "tests/data/dicom/made_file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::test;

namespace {

std::string code_of(const std::filesystem::path& place, const VolumeChoice& choice = {}) {
  try {
    load_volume(place, choice);
  } catch (const Error& error) {
    return error.code;
  }
  return "";
}

void write_series(const std::filesystem::path& folder, const samples::CtPhantom& phantom, const std::string& variant) {
  for (const auto& file : samples::ct_series(phantom, variant)) write_file(folder / file.name, file.bytes);
}

std::vector<float> voxels(const Volume& volume) {
  std::vector<float> all;
  for (std::size_t z = 0; z < volume.size(); ++z) {
    for (const double v : modality_values(volume.picture(z))) all.push_back(static_cast<float>(v));
  }
  return all;
}

/// An enhanced multi-frame file of 2 x 3 pixels: shared orientation and spacing, positions a frame each.
std::string enhanced(const std::vector<double>& places) {
  std::string shared_groups = sequence(0x20, 0x9116, {element(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0")}) +
                              sequence(0x28, 0x9110, {element(0x28, 0x30, "DS", "0.5\\0.25")});
  std::vector<std::string> frames;
  std::vector<int> cells;
  for (std::size_t i = 0; i < places.size(); ++i) {
    frames.push_back(sequence(0x20, 0x9113, {element(0x20, 0x32, "DS", fmt::format("0\\0\\{}", places[i]))}));
    for (int k = 0; k < 6; ++k) cells.push_back(static_cast<int>(10 * i) + k);
  }
  GreyFile file{.rows = 2, .cols = 3};
  file.before = element(0x20, 0x0e, "UI", "1.2.3");
  file.header = sequence(0x5200, 0x9229, {shared_groups}) + sequence(0x5200, 0x9230, frames);
  file.pixels = cells16(cells);
  // Number of Frames belongs between photometric interpretation and rows.
  std::string data = file.data_set();
  const std::string rows = us(0x28, 0x10, 2);
  data.insert(data.find(rows), element(0x28, 8, "IS", std::to_string(places.size())));
  return dicom_file(data);
}

}  // namespace

TEST_CASE("A CT series is put together by position and gives the phantom's voxels", "[volume][dicom]") {
  const TemporaryFolder folder;
  const samples::CtPhantom phantom = samples::ct_phantom(7, 0, 1);
  write_series(folder.path(), phantom, "test");
  const Volume volume = load_volume(folder.path());
  REQUIRE(volume.size() == samples::kCtSlices);
  CHECK(volume.slices.front().file.filename() == "IM0024.dcm");  // the last name is the lowest slice
  CHECK(volume.geometry.slice_spacing_mm == Approx(samples::kCtSliceMm));
  CHECK(volume.geometry.spacing.vertical_mm == Approx(samples::kCtPixelMm));
  CHECK(volume.geometry.positions_mm.back() == Approx(samples::kCtSliceMm * (samples::kCtSlices - 1)));
  CHECK(volume.warnings.empty());
  CHECK(voxels(volume) == std::vector<float>(phantom.hounsfield.begin(), phantom.hounsfield.end()));
}

TEST_CASE("Files under other names are the same volume", "[volume][dicom]") {
  const TemporaryFolder folder;
  const samples::CtPhantom phantom = samples::ct_phantom(7, 1);
  write_series(folder.path() / "a", phantom, "test");
  int i = 0;
  for (const auto& file : samples::ct_series(phantom, "test")) {
    write_file(folder.path() / "b" / fmt::format("{}", (5 * i++) % samples::kCtSlices), file.bytes);
  }
  CHECK(volume_file_digest(folder.path() / "a") == volume_file_digest(folder.path() / "b"));
  CHECK(voxels(load_volume(folder.path() / "a")) == voxels(load_volume(folder.path() / "b")));
}

TEST_CASE("A series is chosen by its UID where a folder holds two", "[volume][dicom]") {
  const TemporaryFolder folder;
  const samples::CtPhantom phantom = samples::ct_phantom(7, 2);
  write_series(folder.path(), phantom, "one");
  int i = 0;
  for (const auto& file : samples::ct_series(phantom, "two")) {
    write_file(folder.path() / fmt::format("z{}", i++), file.bytes);
  }
  write_file(folder.path() / "notes.txt", "no DICOM");
  CHECK(code_of(folder.path()) == "mixed_series");
  CHECK(code_of(folder.path(), {.series = "1.2.9", .spacing_mm = ""}) == "unknown_series");
  const std::string uid = uid_from("series.samples.two." + phantom.name);
  const Volume volume = load_volume(folder.path(), {.series = uid, .spacing_mm = ""});
  CHECK(volume.size() == samples::kCtSlices);
  REQUIRE(volume.warnings.size() == 1);
  CHECK(volume.warnings[0].find("notes.txt") != std::string::npos);
}

TEST_CASE("Missing and doubled files of a series are found", "[volume][dicom]") {
  const TemporaryFolder folder;
  const samples::CtPhantom phantom = samples::ct_phantom(7, 3);
  write_series(folder.path(), phantom, "test");
  SECTION("missing") {
    std::filesystem::remove(folder.path() / "IM0011.dcm");
    CHECK(code_of(folder.path()) == "missing_slices");
  }
  SECTION("doubled") {
    std::filesystem::copy_file(folder.path() / "IM0011.dcm", folder.path() / "copy.dcm");
    CHECK(code_of(folder.path()) == "duplicate_slice");
  }
  SECTION("nothing") {
    std::filesystem::create_directory(folder.path() / "empty");
    CHECK(code_of(folder.path() / "empty") == "no_slices");
  }
}

TEST_CASE("The frames of an enhanced file are ordered by their own positions", "[volume][dicom]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "scan.dcm";
  write_file(file, enhanced({4, 0, 6, 2}));
  const Volume volume = load_volume(file);
  REQUIRE(volume.size() == 4);
  std::vector<int> frames;
  for (const Slice& slice : volume.slices) frames.push_back(slice.frame);
  CHECK(frames == std::vector<int>{2, 4, 1, 3});
  CHECK(volume.geometry.positions_mm == std::vector<double>{0, 2, 4, 6});
  CHECK(volume.geometry.spacing.vertical_mm == 0.5);
  CHECK(modality_values(volume.picture(0)).front() == 10);  // frame 2
  CHECK(modality_values(volume.picture(3)).front() == 20);  // frame 3

  write_file(file, enhanced({4, 0, 6, 2, 6}));
  CHECK(code_of(file) == "duplicate_slice");
  write_file(file, enhanced({0, 2, 6, 8}));
  CHECK(code_of(file) == "missing_slices");
}

TEST_CASE("A multi-frame file without positions is refused", "[volume][dicom]") {
  const TemporaryFolder folder;
  std::string bytes = enhanced({0, 2, 4});
  const std::string tag = element(0x20, 0x32, "DS", "0\\0\\2");
  const std::size_t at = bytes.find(tag);
  REQUIRE(at != std::string::npos);
  bytes[at + 2] = 0x33;  // another element: the second frame's position is gone
  write_file(folder.path() / "scan.dcm", bytes);
  CHECK(code_of(folder.path() / "scan.dcm") == "no_position");
}

TEST_CASE("Real files: an enhanced MR without positions, and slices of two CT series", "[volume][dicom]") {
  const auto files = shared("public/dicom/files", 6);
  if (!files) return;
  CHECK(code_of(*files / "emri_small.dcm") == "no_position");  // its functional groups were taken out

  const TemporaryFolder folder;
  for (const char* name : {"dirtest_CT5N_2062.dcm", "dirtest_CT5N_2392.dcm", "dirtest_CT5N_2693.dcm",
                           "dirtest_CT5N_3023.dcm", "dirtest_CT5N_3353.dcm"}) {
    write_file(folder.path() / name, read_file(*files / name));
  }
  const Volume ct = load_volume(folder.path());
  CHECK(ct.size() == 5);
  write_file(folder.path() / "other.dcm", read_file(*files / "dirtest_CT2N_6293.dcm"));
  CHECK(code_of(folder.path()) == "mixed_series");
}

TEST_CASE("An array is a volume, with a spacing where one is stated", "[volume]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "v.npy";
  write_npy(file, FloatArray{{2, 1, 3}, {1, 2, 3, 4, 5, 6}});
  CHECK(load_volume(file).geometry.positions_mm.empty());
  const Volume volume = load_volume(file, {.series = "", .spacing_mm = "5x0.7x0.6"});
  CHECK(volume.geometry.positions_mm == std::vector<double>{0, 5});
  CHECK(volume.geometry.spacing.horizontal_mm == 0.6);
  CHECK(voxels(volume) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(code_of(file, {.series = "", .spacing_mm = "5x0.7"}) == "bad_spacing");
  write_npy(file, FloatArray{{1, 1, 3}, {1, 2, 3}});
  CHECK(code_of(file) == "volume_shape");
}
