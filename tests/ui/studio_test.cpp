// The studio on a store that the store's own writer made, in a window of a virtual display.
#include "ui/studio/studio.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <cmath>
#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/png.h"
#include "data/volume/load.h"
#include "tests/support/catch.h"
#include "tests/ui/display.h"
#include "tests/ui/example_store.h"
#include "ui/studio/layout.h"

using namespace rationale;
using namespace rationale::ui;
using Kind = InputEvent::Kind;

namespace {

void push_key(Studio& studio, int code, char32_t character = 0) {
  studio.input().push({.kind = Kind::kKeyDown, .code = code, .character = character});
  studio.input().push({.kind = Kind::kKeyUp, .code = code, .character = character});
  studio.take_input();
}

/// How many pixels differ in a rectangle (logical pixels at scale 1).
int differing(const Pixels& a, const Pixels& b, const Rect& rect) {
  int n = 0;
  for (int row = static_cast<int>(rect.y); row < static_cast<int>(rect.bottom()); ++row) {
    for (int col = static_cast<int>(rect.x); col < static_cast<int>(rect.right()); ++col) {
      const auto at = (static_cast<std::size_t>(row) * static_cast<std::size_t>(a.cols) +
                       static_cast<std::size_t>(col)) *
                      3;
      n += a.values[at] != b.values[at] || a.values[at + 1] != b.values[at + 1] ||
                   a.values[at + 2] != b.values[at + 2]
               ? 1
               : 0;
    }
  }
  return n;
}

FilmReader films_here() {
  return {.picture = [](const std::filesystem::path& film) { return load_picture(film); },
          .volume = [](const std::filesystem::path& place, const VolumeChoice& choice) { return load_volume(place, choice); }};
}

constexpr Rect kFilm{288, 68, 600, 600};  // at 1600 x 1000, square film

}  // namespace

TEST_CASE("The film is shown only while its file holds the pixels that were explained",
          "[ui][studio]") {
  const TemporaryFolder folder;
  test::make_example_store(folder.path(), test::Concepts::kNone);
  const auto store = ExplanationStore::open(folder.path() / "explanations.db");
  const ExplainedCase one = store.find_case("C-0001");
  const CaseContent content = read_case(store, one, films_here());
  CHECK(content.film.values.has_value());
  // The colours' end: the store's scale of the class, or this map's largest cell where that is asked for.
  CHECK(content.of_class(store, 0).map->scale == Approx(store.scale(0)));
  const ClassContent own = content.of_class(store, 0, CaseContent::Scale::kImage);
  CHECK(own.map->scale == Approx(own.highest));

  const std::filesystem::path file = folder.path() / "films" / "0.png";
  write_file(file, read_file(folder.path() / "films" / "1.png"));
  const CaseContent changed = read_case(store, one, films_here());
  CHECK_FALSE(changed.film.values.has_value());
  CHECK(changed.film_note.find("changed") != std::string::npos);
  CHECK(changed.film.extent.rows == 256);  // the map is shown on black of the film's size

  const FilmReader broken{.picture = [](const std::filesystem::path& film) -> Picture {
    throw Error(Error::Kind::kInput, "the decoder ended with signal 11", film.string()).with_code("decoder_crashed");
  }};
  const CaseContent crashed = read_case(store, one, broken);
  CHECK_FALSE(crashed.film.values.has_value());
  CHECK(crashed.film_note.find("signal 11") != std::string::npos);
  CHECK(crashed.of_class(store, 0).map.has_value());  // the explanation is shown, though its film is not

  std::filesystem::remove(file);
  CHECK(read_case(store, one, films_here()).film_note.find("not where it was") != std::string::npos);
}

TEST_CASE("A class without positive evidence and a store without concepts say so", "[ui][studio]") {
  const TemporaryFolder folder;
  test::make_example_store(folder.path(), test::Concepts::kNone);
  const auto store = ExplanationStore::open(folder.path() / "explanations.db");
  const CaseContent content = read_case(store, store.find_case("C-0001"), films_here());
  const ClassContent mass = content.of_class(store, 0);
  CHECK(mass.map_note.empty());
  CHECK(mass.is_flagged);
  CHECK(*mass.score == Approx(1 / (1 + std::exp(-3.1))));
  CHECK_FALSE(mass.concepts);
  CHECK(mass.concepts_note.find("--concepts") != std::string::npos);
  const ClassContent none = content.of_class(store, 2);
  CHECK(none.map_note.find("No positive evidence") == 0);
  CHECK(none.highest <= 0);
}

TEST_CASE("Keys change what the window shows: H the film, arrows the case, and nothing else",
          "[ui][studio][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  const TemporaryFolder folder;
  test::make_example_store(folder.path(), test::Concepts::kSome);
  Studio studio(folder.path(), {.is_visible = false, .films = films_here()});
  const Pixels first = studio.picture();
  REQUIRE(first.cols == 1600);
  REQUIRE(first.rows == 1000);

  push_key(studio, GLFW_KEY_H, U'h');
  const Pixels hidden = studio.picture();
  CHECK(differing(first, hidden, kFilm) > 20000);
  const Rect right_of_film{kFilm.right(), 0, 1600 - kFilm.right(), 1000};
  CHECK(differing(first, hidden, right_of_film) == 0);
  push_key(studio, GLFW_KEY_H, U'h');
  const Pixels again = studio.picture();
  CHECK(again.values == first.values);

  push_key(studio, GLFW_KEY_DOWN);
  CHECK(studio.browser().case_name(studio.browser().chosen_case()) == "C-0002");
  CHECK(differing(first, studio.picture(), kFilm) > 20000);
}

TEST_CASE("A click on a class chooses it, and the wheel zooms the film under the pointer",
          "[ui][studio][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  const TemporaryFolder folder;
  test::make_example_store(folder.path(), test::Concepts::kNone);
  Studio studio(folder.path(), {.is_visible = false, .films = films_here()});
  const Pixels before = studio.picture();
  // Effusion is the second row of the class table, 28 high below a head of 28.
  const Layout l = layout(1600, 1000, 1, 3, RightColumn::kWords);
  const Spot row{l.classes.x + 40, l.classes.y + 28 + 28 + 14};
  studio.input().push({.kind = Kind::kButtonDown, .x = row.x, .y = row.y});
  studio.input().push({.kind = Kind::kButtonUp, .x = row.x, .y = row.y});
  studio.take_input();
  CHECK(studio.browser().chosen_class() == 1);

  studio.input().push({.kind = Kind::kWheel, .x = 600, .y = 300, .wheel = 4});
  studio.take_input();
  const Pixels zoomed = studio.picture();
  CHECK(differing(before, zoomed, kFilm) > 50000);
}

TEST_CASE("`rationale studio --screenshot` writes what the window shows", "[ui][studio][window]") {
  const test::VirtualDisplay display;
  if (!display.is_there()) return;
  const TemporaryFolder folder;
  test::make_example_store(folder.path() / "store", test::Concepts::kSome);
  const std::string picture = (folder.path() / "shot.png").string();
  const test::Ran ran = test::run_shell(
      std::string(RATIONALE_DRIVER) + " studio " + (folder.path() / "store").string() +
      " --case C-0002 --size 1280x800 --json --screenshot " + picture);
  INFO(ran.output);
  REQUIRE(ran.status == 0);
  CHECK(ran.output.find("\"case\":\"C-0002\"") != std::string::npos);
  CHECK(ran.output.find("\"class\":\"Mass\"") != std::string::npos);
  // A PNG header: width and height are bytes 16 to 23.
  const std::string bytes = read_file(picture);
  REQUIRE(is_png(bytes));
  const auto number = [&](std::size_t at) {
    return (static_cast<unsigned char>(bytes[at + 2]) << 8) +
           static_cast<unsigned char>(bytes[at + 3]);
  };
  CHECK(number(16) == 1280);
  CHECK(number(20) == 800);
}

TEST_CASE("`rationale studio` refuses with the contract's exit codes", "[ui][studio]") {
  const TemporaryFolder folder;
  test::make_example_store(folder.path(), test::Concepts::kNone);
  const std::string driver = std::string("env -u DISPLAY -u WAYLAND_DISPLAY ") + RATIONALE_DRIVER;
  const std::string store = folder.path().string();

  const test::Ran no_display = test::run_shell(driver + " studio " + store);
  CHECK(no_display.status == 5);
  CHECK(no_display.output.find("no display") != std::string::npos);
  CHECK(no_display.output.find("DISPLAY") != std::string::npos);
  CHECK(no_display.output.find("--pictures") != std::string::npos);

  CHECK(test::run_shell(driver + " studio " + store + "/films").status == 3);
  CHECK(test::run_shell(driver + " studio " + store + "/nowhere").status == 3);
  CHECK(test::run_shell(driver + " studio").status == 2);
  CHECK(test::run_shell(driver + " studio " + store + " --size 10x10").status == 2);
  const test::Ran no_case = test::run_shell(driver + " studio " + store + " --case C-0009");
  CHECK(no_case.status == 2);
  CHECK(no_case.output.find("C-0001") != std::string::npos);

  write_file(folder.path() / "bad" / "explanations.db",
             "this is no database, but long enough to be read as one");
  CHECK(test::run_shell(driver + " studio " + store + "/bad").status == 3);
}

TEST_CASE("The studio starts without LibTorch", "[ui][studio]") {
  const std::filesystem::path studio =
      std::filesystem::path(RATIONALE_DRIVER).parent_path().parent_path() / "libexec" /
      "rationale" / "rationale-studio";
  const test::Ran ran = test::run_shell("ldd " + studio.string());
  REQUIRE(ran.status == 0);
  CHECK(ran.output.find("libtorch") == std::string::npos);
}
