#include "data/cases/cases.h"

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

class Folder {
 public:
  Folder() { write_file(path() / "images" / "a.png", "x"); }
  std::filesystem::path path() const { return folder_.path(); }
  std::filesystem::path table(const std::string& text) const {
    write_file(path() / "cases.csv", text);
    return path() / "cases.csv";
  }
  /// Code and place of the refusal: "duplicate_case cases.csv:3".
  std::string refusal(const std::string& text) const {
    try {
      read_cases(table(text));
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      return error.code + " " + std::filesystem::path(error.where).filename().string();
    }
    return "accepted";
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("files of a table are relative to it, and every column is kept", "[data][cases]") {
  const Folder folder;
  const auto cases =
      read_cases(folder.table("case,file,patient,view\np1,images/a.png,7,AP\n"
                              "p2,images/../images/a.png,,PA\n"));
  REQUIRE(cases.size() == 2);
  CHECK(cases[0].name == "p1");
  CHECK(cases[0].file == folder.path() / "images" / "a.png");
  CHECK(cases[0].patient == "7");
  CHECK(cases[0].columns.at("view") == "AP");
  CHECK(cases[1].file == folder.path() / "images" / "a.png");
  CHECK(cases[1].patient.empty());
}

TEST_CASE("each fault of a table is refused with its line", "[data][cases]") {
  const Folder folder;
  CHECK(folder.refusal("case,path\na,b\n") == "missing_column cases.csv:1");
  CHECK(folder.refusal("case,file\na,images/a.png\na,images/a.png\n") ==
        "duplicate_case cases.csv:3");
  CHECK(folder.refusal("case,file\n,images/a.png\n") == "empty_case cases.csv:2");
  CHECK(folder.refusal("case,file\na,\n") == "missing_file cases.csv:2");
  CHECK(folder.refusal("case,file\na,images/a.png\nb,images/b.png\n") ==
        "missing_file cases.csv:3");
  CHECK(folder.refusal("case,file\na,images\n") == "missing_file cases.csv:2");
  CHECK(folder.refusal("case,file\n") == "no_cases cases.csv:1");
}

TEST_CASE("a missing file can wait until its case is due", "[data][cases]") {
  const Folder folder;
  const auto cases =
      read_cases(folder.table("case,file\na,images/a.png\nb,images/b.png\n"), MissingFiles::kKeep);
  REQUIRE(cases.size() == 2);
  CHECK_NOTHROW(check_case_file(cases[0]));
  CHECK_THROWS_AS(check_case_file(cases[1]), Error);
}

TEST_CASE("the pixel digest changes with all that changes the display, and with nothing else",
          "[data][cases]") {
  Picture picture;
  picture.rows = 1;
  picture.cols = 2;
  picture.stored = {1, 2};
  const std::string digest = pixel_digest(picture);

  Picture same = picture;
  same.transfer_syntax = "1.2.840.10008.1.2.5";
  same.view_position = "AP";
  same.warnings = {"w"};
  CHECK(pixel_digest(same) == digest);

  std::vector<Picture> others(9, picture);
  others[0].stored = {1, 3};
  std::swap(others[1].rows, others[1].cols);
  others[2].slope = 2;
  others[3].windows = {{.centre = 1, .width = 2}};
  others[4].is_inverted = true;
  others[5].padding = {0, 1};
  others[6].voi_luts = {{.first = 0, .bits = 8, .data = {1}}};
  others[8].is_monochrome1 = true;  // a card may invert by it
  others[7].modality_lut = {.first = 0, .bits = 8, .data = {1}};
  for (const Picture& other : others) CHECK(pixel_digest(other) != digest);
}
