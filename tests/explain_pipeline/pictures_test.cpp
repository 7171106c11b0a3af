// Picture files: safe names, no words about the machine, and the choice of classes.
#include "explain/pipeline/pictures.h"

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/load.h"
#include "explain/pipeline/prefix_choice.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// A store of two classes over the films of `cases`, without a network.
ExplanationStore two_classes(const std::filesystem::path& folder, const std::vector<Case>& cases,
                             const std::vector<std::string>& classes) {
  ExplanationManifest manifest = test::sample_manifest(test::sample_card());
  manifest.classes = classes;
  manifest.thresholds = {0.5, 0.5};
  ExplanationStore store = open_run_store(folder, manifest, Resume::kIfThere, test::now_text());
  store.begin();
  store.set_list_folder(cases[0].file.parent_path());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto x = static_cast<float>(i);
    Explanation e;
    e.pixel_sha256 = std::string(63, '0') + std::to_string(i);
    e.rows = e.cols = e.input_rows = e.input_cols = 96;
    e.logits = {1 - x, x};
    e.maps = {{3, 3, {0, 1, 0, 0, 2, 0, 0, 0, 0}}, {3, 3, std::vector<float>(9, -1)}};
    ExplainedCase one = listed_case(cases[i]);
    one.file_sha256 = std::string(64, 'f');
    store.add(one, e);
  }
  store.commit(test::now_text());
  return store;
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("file names hold no path, no space and no surprise", "[pipeline][pictures]") {
  CHECK(safe_file_name("p7-0001.a_b") == "p7-0001.a_b");
  CHECK(safe_file_name("../../etc/passwd") == "_._.._etc_passwd");
  CHECK(safe_file_name("Pleural Thickening; 50 %") == "Pleural_Thickening__50__");
  CHECK(safe_file_name("") == "_");
  CHECK(safe_file_name(".hidden") == "_hidden");
  CHECK(safe_file_name("ä") == "__");
  CHECK(safe_file_name(std::string(300, 'x')).size() == 100);
}

TEST_CASE("a picture says what its colours measure, by the method", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 1);
  const auto words = [&](const std::string& method, const std::string& kind) {
    ExplanationManifest manifest = test::sample_manifest(test::sample_card());
    manifest.method = method;
    manifest.output_kind = kind;
    if (kind != "logits") manifest.activation = "none";
    const ExplanationStore store =
        open_run_store(folder.path() / (method + kind), manifest, Resume::kIfThere, test::now_text());
    Explanation e;
    e.rows = e.cols = e.input_rows = e.input_cols = 96;
    e.logits = {1};
    e.maps = {{1, 1, {1}}};
    return picture_caption(store, listed_case(cases[0]), e, 0).map_meaning;
  };
  CHECK(words("grad_cam", "logits") == "Contribution to the logit");
  CHECK(words("grad_cam", "regression") == "Contribution to the output");
  CHECK(words("grad_cam_pp", "logits") == "Weighted activation");
  CHECK(words("layer_occlusion", "probabilities") == "Fall of the probability when covered");
}

TEST_CASE("a regression's picture says the output less the card's reference", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 1);
  ExplanationManifest manifest = test::sample_manifest(test::sample_card());
  manifest.output_kind = "regression";
  manifest.activation = "none";
  manifest.thresholds.clear();
  manifest.references = {59.5};
  const ExplanationStore store = open_run_store(folder.path() / "out", manifest, Resume::kIfThere, test::now_text());
  CHECK(store.manifest().references == std::vector<double>{59.5});
  Explanation e;
  e.rows = e.cols = e.input_rows = e.input_cols = 96;
  e.logits = {63.5};
  e.maps = {{1, 1, {1}}};
  const OverlayCaption caption = picture_caption(store, listed_case(cases[0]), e, 0);
  CHECK(caption.output == Approx(4));
  CHECK(caption.output_name == "output − reference");
  CHECK(std::ranges::count(caption.notes, "The output is 63.5, the card's reference 59.5.") == 1);
  // What lowers the output counts as much: the scale looks at both signs.
  e.maps = {{1, 2, {1, -4}}};
  e.pixel_sha256 = std::string(64, 'b');
  PictureChoice choice{.style = OverlayStyle::kSigned, .scale = PictureChoice::Scale::kImage};
  CHECK(picture_scale(store, e, 0, choice, 1).value == 4);
}

TEST_CASE("the top class, all classes or one get their pictures", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 3);
  const auto store = two_classes(folder.path() / "out", cases, {"mass", "effusion / left"});
  const auto pictures = folder.path() / "pictures";
  PictureChoice choice;
  std::vector<std::string> expected;
  SECTION("top") {
    expected = {"p00_mass.png", "p02_effusion___left.png"};
  }
  SECTION("all") {
    choice.kind = PictureChoice::Kind::kAll;
    expected = {"p00_effusion___left.png", "p00_mass.png", "p02_effusion___left.png", "p02_mass.png"};
  }
  SECTION("one, as outlines") {
    choice.kind = PictureChoice::Kind::kClass;
    choice.class_index = 1;
    choice.style = OverlayStyle::kOutline;
    expected = {"p00_effusion___left.png", "p02_effusion___left.png"};
  }
  const auto failed = write_pictures(store, {"p00", "p02", "not in the store"}, pictures, choice,
                                     [](const auto& file) { return load_picture(file); }, Quiet::kYes);
  CHECK(failed.empty());
  CHECK(files_in(pictures) == expected);
  for (const std::string& name : expected) {
    const std::string bytes = read_file(pictures / name);
    CHECK(bytes.find(folder.path().string()) == std::string::npos);
    CHECK(bytes.find("tEXt") == std::string::npos);
    CHECK(bytes.find("tIME") == std::string::npos);
  }
}

TEST_CASE("names that become alike keep a picture each", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 1);
  const auto store = two_classes(folder.path() / "out", cases, {"a b", "a_b"});
  PictureChoice choice{.kind = PictureChoice::Kind::kAll};
  write_pictures(store, {"p00"}, folder.path() / "pictures", choice,
                 [](const auto& file) { return load_picture(file); }, Quiet::kYes);
  CHECK(files_in(folder.path() / "pictures").size() == 2);
}

TEST_CASE("a film that is gone is listed, the other pictures are made", "[pipeline][pictures]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 2);
  const auto store = two_classes(folder.path() / "out", cases, {"mass", "effusion"});
  std::filesystem::remove(folder.path() / "p00.png");
  const auto failed = write_pictures(store, {"p00", "p01"}, folder.path() / "pictures", {},
                                     [](const auto& file) { return load_picture(file); }, Quiet::kYes);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].name == "p00");
  CHECK(files_in(folder.path() / "pictures").size() == 1);
}

TEST_CASE("the first noted prefix counts for all who ask", "[pipeline]") {
  const TemporaryFolder folder;
  const PrefixQuestion question{.model_sha256 = std::string(64, 'a'),
                                .layer = "block4",
                                .call = -1,
                                .input_shape = {1, 1, 96, 96},
                                .device = "cpu",
                                .torch_version = "1.13.0",
                                .threads = 0};
  CHECK(remembered_prefix(folder.path(), question).empty());
  CHECK(remember_prefix(folder.path(), question, "onednn") == "onednn");
  CHECK(remember_prefix(folder.path(), question, "frozen") == "onednn");
  CHECK(remembered_prefix(folder.path(), question) == "onednn");
  PrefixQuestion other = question;
  other.input_shape[0] = 8;
  CHECK(remembered_prefix(folder.path(), other).empty());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    write_file(entry.path(), "something else\n");
  }
  CHECK(remembered_prefix(folder.path(), question).empty());
  // A home that cannot be written leaves every run its own choice.
  write_file(folder.path() / "file", "x");
  CHECK(remember_prefix(folder.path() / "file", question, "frozen") == "frozen");
  CHECK(remember_prefix({}, question, "frozen") == "frozen");
}
