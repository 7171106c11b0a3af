// Volumes through the pipeline: prepared as the card says, explained, stored, drawn.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/load.h"
#include "data/image/resample.h"
#include "data/samples/ct.h"
#include "data/volume/load.h"
#include "explain/model/prepare_volume.h"
#include "explain/model/receptive_field.h"
#include "explain/pipeline/run.h"
#include "data/records/explanations_manifest.h"
#include "explain/pipeline/run_store.h"
#include "explain/pipeline/volume_pictures.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

ModelCard ct_card() { return read_card(test::in_tests("../data/samples/models/nodule-ct.toml")); }

/// A phantom as an array, as `rationale samples --set ct` would have it.
FloatArray voxels(const samples::CtPhantom& phantom) {
  return {{samples::kCtSlices, samples::kCtSide, samples::kCtSide},
          {phantom.hounsfield.begin(), phantom.hounsfield.end()}};
}

Volume load(const std::filesystem::path& place, const VolumeChoice& choice) { return load_volume(place, choice); }

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code;
  }
  return "";
}

struct Engine {
  Engine() {
    SplitOptions options;
    options.layer = card.layers.front();
    options.input_shape = card.input_shape;
    options.input_shape.insert(options.input_shape.begin(), 1);
    model = load_split_model(card.model_file, options);
    field = receptive_field(card.model_file, options);
    explainer = std::make_unique<BatchExplainer>(*model, "grad_cam", 1, card.input_shape, 1, ConceptResults{},
                                                 std::nullopt, field);
  }
  ExplanationManifest manifest() const {
    ExplanationManifest m = test::sample_manifest(card);
    m.input_slices = static_cast<int>(card.input_shape[1]);
    m.receptive_field = field;
    return m;
  }
  RunOutcome run(const std::vector<Case>& cases, ExplanationStore& store) {
    return explain_cases(
        cases, card, *explainer, store, [](const auto& file) { return load_picture(file); },
        {.decode_workers = 2, .quiet = Quiet::kYes, .load_volume = load}, test::now_text);
  }
  ModelCard card = ct_card();
  ReceptiveField field;
  std::unique_ptr<SplitModel> model;
  std::unique_ptr<BatchExplainer> explainer;
};

/// Arrays v0.npy … with and without a nodule in turn, and their list.
std::vector<Case> write_volumes(const std::filesystem::path& folder, int count) {
  std::string list = "case,file,spacing_mm\n";
  for (int i = 0; i < count; ++i) {
    write_npy(folder / fmt::format("v{}.npy", i),
              voxels(samples::ct_phantom(5, static_cast<std::uint64_t>(i / 2), i % 2)));
    list += fmt::format("v{0},v{0}.npy,5x4.5x4.5\n", i);
  }
  write_file(folder / "cases.csv", list);
  return read_cases(folder / "cases.csv", MissingFiles::kKeep);
}

}  // namespace

TEST_CASE("A volume is prepared as the network was trained", "[pipeline][volume]") {
  const TemporaryFolder folder;
  const samples::CtPhantom phantom = samples::ct_phantom(5, 3);
  write_npy(folder.path() / "v.npy", voxels(phantom));
  const PreparedVolume got = prepare_volume(load_volume(folder.path() / "v.npy"), ct_card());
  const FloatArray wanted = samples::ct_network_input(phantom);
  REQUIRE(got.prepared.input.shape == wanted.shape);
  double worst = 0;
  for (std::size_t i = 0; i < wanted.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(got.prepared.input.values[i] - wanted.values[i])));
  }
  CHECK(worst < 1e-6);
}

TEST_CASE("The depth is stretched by the card's filter and values are normalised over the whole volume",
          "[pipeline][volume]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "v.npy", FloatArray{{4, 1, 2}, {1, 3, 3, 5, 5, 7, 7, 9}});
  const Volume volume = load_volume(folder.path() / "v.npy");
  ModelCard card = ct_card();
  card.input_shape = {1, 2, 1, 2};
  card.pixels = Pixels::kModality;
  card.mean.clear();
  card.std.clear();
  card.resize = Resize::kArea;
  CHECK(prepare_volume(volume, card).prepared.input.values == std::vector<float>{2, 4, 6, 8});
  card.normalise = Normalise::kMinMax;  // by the volume's 1 … 9, not slice by slice
  CHECK(prepare_volume(volume, card).prepared.input.values == std::vector<float>{0.125F, 0.375F, 0.625F, 0.875F});
  card.resize = Resize::kNone;
  CHECK(code_of([&] { prepare_volume(volume, card); }) == "wrong_size");
  card.resize = Resize::kArea;
  card.pixels = Pixels::kDisplay;
  CHECK(code_of([&] { prepare_volume(volume, card); }) == "volume_card");
  card.input_shape = {1, 1, 2};
  CHECK(code_of([&] { prepare_volume(volume, card); }) == "picture_input");
}

TEST_CASE("Every filter of a card stretches the depth as it stretches a picture, or is refused", "[pipeline][volume]") {
  const TemporaryFolder folder;
  FloatArray ramp{{48, 2, 3}, {}};
  for (int i = 0; i < 48 * 6; ++i) ramp.values.push_back(static_cast<float>(i / 6));  // slice z holds z
  write_npy(folder.path() / "v.npy", ramp);
  const Volume volume = load_volume(folder.path() / "v.npy");
  Plane line{48, 1, {}};
  for (int z = 0; z < 48; ++z) line.values.push_back(static_cast<float>(z));
  ModelCard card = ct_card();
  card.input_shape = {1, 24, 2, 3};
  card.pixels = Pixels::kModality;
  card.mean.clear();
  card.std.clear();
  const auto depths = [&](Resize filter) {
    card.resize = filter;
    const FloatArray input = prepare_volume(volume, card).prepared.input;
    std::vector<float> values;
    for (std::size_t z = 0; z < 24; ++z) values.push_back(input.values[6 * z]);
    return values;
  };
  const std::pair<Resize, Plane> filters[] = {
      {Resize::kNearestFloor, nearest_floor(line, 24, 1)}, {Resize::kPilNearest, pil_nearest(line, 24, 1)},
      {Resize::kNearest, nearest(line, 24, 1)},            {Resize::kBilinear, upsample_bilinear(line, 24, 1)},
      {Resize::kBilinearAa, bilinear_aa(line, 24, 1)},     {Resize::kBicubicAa, bicubic_aa(line, 24, 1)},
      {Resize::kArea, area(line, 24, 1)}};
  for (const auto& [filter, wanted] : filters) {
    INFO(static_cast<int>(filter));
    CHECK(depths(filter) == wanted.values);
  }
  CHECK(depths(Resize::kNearestFloor)[1] == 2);  // floor(i 48/24): a slice of the series, never a mixture
  // Rounding after each of two passes is defined for rows and columns.
  Volume windowed = volume;
  windowed.picture = [&](std::size_t z) {
    Picture picture = volume.picture(z);
    picture.windows = {{.centre = 24, .width = 48}};
    return picture;
  };
  card.pixels = Pixels::kDisplayU8;
  for (const Resize filter : {Resize::kPilBilinearU8, Resize::kPilBicubicU8, Resize::kPilLanczosU8}) {
    card.resize = filter;
    CHECK(code_of([&] { prepare_volume(windowed, card); }) == "volume_card");
  }
  card.resize = Resize::kArea;
  CHECK(code_of([&] { prepare_volume(windowed, card); }).empty());
}

TEST_CASE("Displayed slices need one display, as windows that differ would stretch each slice for itself",
          "[pipeline][volume]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "v.npy", FloatArray{{3, 1, 2}, {10, 20, 10, 20, 10, 20}});
  Volume volume = load_volume(folder.path() / "v.npy");
  const auto plain = volume.picture;
  std::vector<Picture> displays(3);  // their windows and LUTs
  volume.picture = [&](std::size_t z) {
    Picture picture = plain(z);
    picture.windows = displays[z].windows;
    picture.voi_luts = displays[z].voi_luts;
    return picture;
  };
  ModelCard card = ct_card();
  card.input_shape = {1, 3, 1, 2};
  card.resize = Resize::kNone;
  card.mean.clear();
  card.std.clear();
  card.pixels = Pixels::kDisplay;
  const auto code = [&] { return code_of([&] { prepare_volume(volume, card); }); };
  const Window wide{.centre = 20, .width = 40, .function = WindowFunction::kLinearExact};
  for (Picture& display : displays) display.windows = {wide};
  displays[1].windows.push_back({.centre = 1, .width = 2});  // a second one is an alternative that nobody chose
  CHECK(prepare_volume(volume, card).prepared.input.values == std::vector<float>{0.25F, 0.5F, 0.25F, 0.5F, 0.25F, 0.5F});
  SECTION("another width") {
    displays[2].windows[0].width = 80;
    CHECK(code() == "volume_card");
    card.pixels = Pixels::kDisplayU8;
    CHECK(code() == "volume_card");
    card.pixels = Pixels::kWindow;  // the card's window is every slice's
    card.window = wide;
    CHECK(code().empty());
  }
  SECTION("another function") {
    displays[2].windows[0].function = WindowFunction::kSigmoid;
    CHECK(code() == "volume_card");
  }
  SECTION("a LUT in place of the window") {
    displays[1].windows.clear();
    displays[1].voi_luts = {{.first = 0, .bits = 8, .data = {0, 255}}};
    CHECK(code() == "volume_card");
  }
  SECTION("LUTs") {
    for (Picture& display : displays) {
      display.windows.clear();
      display.voi_luts = {{.first = 10, .bits = 8, .data = {0, 255}}};
    }
    CHECK(code().empty());
    displays[1].voi_luts[0].data[1] = 200;
    CHECK(code() == "volume_card");
  }
}

TEST_CASE("Volumes are explained with their slices, stored, and read back", "[pipeline][volume]") {
  const TemporaryFolder folder;
  const auto cases = write_volumes(folder.path(), 4);
  Engine engine;
  const auto run = [&](const std::string& out) {
    ExplanationStore store = open_run_store(folder.path() / out, engine.manifest(), Resume::kIfThere, test::now_text());
    const RunOutcome outcome = engine.run(cases, store);
    CHECK(outcome.failed.empty());
    return outcome.explained;
  };
  REQUIRE(run("out") == 4);
  const ExplanationStore store = ExplanationStore::open(store_file(folder.path() / "out"));
  CHECK(store.verify().empty());
  CHECK(store.manifest().receptive_field.axes.size() == 3);
  CHECK(store.manifest().receptive_field == engine.field);
  for (const ExplainedCase& one : store.cases()) {
    const Explanation e = store.explanation(one.key);
    REQUIRE(e.volume);
    CHECK(e.volume->slices == samples::kCtSlices);
    CHECK(e.volume->map_slices == 6);
    CHECK(e.maps[0].rows == 6 * 8);
    CHECK(e.volume->positions_mm[1] == 5);
    CHECK(input_pixel_mm(e, one.spacing) == std::vector<double>{5, 4.5, 4.5});
    const auto json = nlohmann::json::parse(e.volume->evidence.at(0));
    const auto energy = energy_of_slices(e, 0);
    CHECK(json["energy"].get<std::vector<double>>() == energy);  // the network's input has the volume's slices
    double sum = 0;
    for (const double share : energy) sum += share;
    CHECK((std::abs(sum - 1) < 1e-9 || sum == 0));
  }
  // The same again, and the same from the store that is there.
  REQUIRE(run("again") == 4);
  CHECK(run("out") == 0);
  CHECK(ExplanationStore::open(store_file(folder.path() / "again")).canonical_digest() == store.canonical_digest());
}

TEST_CASE("A nodule's slices hold most of the positive evidence that it adds", "[pipeline][volume]") {
  const TemporaryFolder folder;
  const auto cases = write_volumes(folder.path(), 12);
  Engine engine;
  ExplanationStore store = open_run_store(folder.path() / "out", engine.manifest(), Resume::kIfThere, test::now_text());
  engine.run(cases, store);
  int n_near = 0;
  for (int i = 1; i < 12; i += 2) {
    const Explanation e = store.explanation(store.find_case(fmt::format("v{}", i)).key);
    const Explanation without = store.explanation(store.find_case(fmt::format("v{}", i - 1)).key);
    CHECK(e.logits[0] > without.logits[0]);
    const double centre = samples::ct_phantom(5, static_cast<std::uint64_t>(i / 2)).nodule_centre[0];
    const int shown = slices_to_show(energy_of_slices(e, 0), 1).front();
    n_near += std::abs(shown - centre) <= 4 ? 1 : 0;
  }
  CHECK(n_near >= 5);  // of 6
}

TEST_CASE("Pictures of volumes show the strongest slices in order", "[pipeline][volume][pictures]") {
  CHECK(slices_to_show({0.1, 0.4, 0.02, 0.3, 0.18}, 3) == std::vector<int>{1, 3, 4});
  CHECK(slices_to_show({0.9, 0.05, 0.05}, 3) == std::vector<int>{0});  // the others have less than a tenth
  CHECK(slices_to_show({0, 0, 0, 0}, 3) == std::vector<int>{2});
  const TemporaryFolder folder;
  const auto cases = write_volumes(folder.path(), 2);
  Engine engine;
  ExplanationStore store = open_run_store(folder.path() / "out", engine.manifest(), Resume::kIfThere, test::now_text());
  store.begin();
  store.set_list_folder(folder.path());
  store.commit(test::now_text());
  engine.run(cases, store);
  PictureChoice choice{.kind = PictureChoice::Kind::kAll};
  const auto failed = write_pictures(
      store, {"v0", "v1"}, folder.path() / "pictures", choice, [](const auto& file) { return load_picture(file); },
      Quiet::kYes, load);
  CHECK(failed.empty());
  CHECK(std::filesystem::exists(folder.path() / "pictures/v1_nodule.png"));
  std::filesystem::remove(folder.path() / "v0.npy");
  CHECK(write_pictures(
            store, {"v0", "v1"}, folder.path() / "more", choice, [](const auto& file) { return load_picture(file); },
            Quiet::kYes, load)
            .size() == 1);
}

TEST_CASE("A picture on its own scale says so, and a fixed scale is the run's", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = write_volumes(folder.path(), 2);
  Engine engine;
  ExplanationStore store = open_run_store(folder.path() / "out", engine.manifest(), Resume::kIfThere, test::now_text());
  engine.run(cases, store);
  const Explanation e = store.explanation(store.find_case("v1").key);
  const double largest = *std::max_element(e.maps[0].values.begin(), e.maps[0].values.end());
  const PictureScale own = picture_scale(store, e, 0, {.scale = PictureChoice::Scale::kImage}, 2);
  CHECK(own.value == Approx(largest));
  CHECK(own.note.find("cannot be compared") != std::string::npos);
  CHECK(picture_scale(store, e, 0, {}, 2).value == Approx(store.scale(0)));
  // A reference stands above both, and is kept in the manifest.
  const PictureScale reference = picture_scale(store, e, 0, {.references = {7.5}}, 1);
  CHECK(reference.value == 7.5);
  CHECK(reference.note.find("can be compared") != std::string::npos);
  ExplanationManifest given = engine.manifest();
  given.scales = {2.5};
  const ExplanationStore other = open_run_store(folder.path() / "other", given, Resume::kIfThere, test::now_text());
  CHECK(other.manifest().scales == std::vector<double>{2.5});
  CHECK(other.scale(0) == 2.5);
  CHECK(picture_scale(other, e, 0, {}, 1).value == 2.5);
  CHECK(differing_fields(given, engine.manifest()).empty());
}
