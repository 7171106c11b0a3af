#include "study/coordinator/case_files.h"

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

struct Folder {
  TemporaryFolder temporary;
  Protocol protocol;

  Folder() {
    protocol.cases.count = 3;
    protocol.truth = {.label = "mass", .positive = "1"};
    protocol.design.strata = {"view"};
    for (const char* film : {"a.png", "b.png", "c.png"}) write(film, "film");
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(temporary.path() / name, text);
    return temporary.path() / name;
  }
  Manifest manifest(const std::string& text) const {
    return read_manifest(write("cases.csv", text), protocol);
  }
  Truth truth(const std::string& text) const {
    const Manifest list = manifest(kGood);
    return read_truth(write("truth.csv", text), protocol, list);
  }
  static constexpr const char* kGood =
      "case,patient,file,view\nc2,p1,b.png,AP\nc1,p1,a.png,PA\nc3,,c.png,PA\n";
};

/// The error's code, place and message.
template <typename F>
Error error_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("nothing was refused");
}

}  // namespace

TEST_CASE("the manifest's cases stand in the order of their ids", "[study][coordinator]") {
  const Folder folder;
  const Manifest manifest = folder.manifest(Folder::kGood);
  REQUIRE(manifest.cases.size() == 3);
  CHECK(manifest.cases[0].id == "c1");
  CHECK(manifest.cases[0].columns.at("view") == "PA");
  CHECK(manifest.cases[1].patient == "p1");
  CHECK(manifest.cases[2].files.at(0) == folder.temporary.path() / "c.png");
  CHECK(manifest.sha256.size() == 64);
}

TEST_CASE("a case may have several films", "[study][coordinator]") {
  const Folder folder;
  const Manifest manifest = folder.manifest(
      "case,file,file2,view\nc1,a.png,b.png,PA\nc2,b.png,,PA\nc3,c.png,,AP\n");
  CHECK(manifest.cases[0].files.size() == 2);
  CHECK(manifest.cases[1].files.size() == 1);
}

TEST_CASE("a manifest that cannot be right is refused with its line", "[study][coordinator]") {
  const Folder folder;
  struct Bad {
    const char* text;
    const char* code;
    const char* where;
  };
  const Bad bad = GENERATE(
      Bad{"case,file,view\nc1,a.png,PA\nc1,b.png,PA\nc3,c.png,PA\n", "duplicate_case", "cases.csv:3"},
      Bad{"case,file,view\nc1,a.png,PA\nc 2,b.png,PA\nc3,c.png,PA\n", "bad_case_id", "cases.csv:3"},
      Bad{"case,file,view\nc1,a.png,PA\nc2,z.png,PA\nc3,c.png,PA\n", "missing_file", "cases.csv:3"},
      Bad{"case,file,view\nc1,a.png,PA\n", "case_count", "cases.csv"},
      Bad{"case,file\nc1,a.png\nc2,b.png\nc3,c.png\n", "missing_column", "cases.csv:1"},
      Bad{"case,file,view,mass\nc1,a.png,PA,0\n", "truth_in_manifest", "cases.csv:1"},
      Bad{"case,file,view,training\nc1,a.png,PA,maybe\n", "bad_training", "cases.csv:2"});
  const Error error = error_of([&] { folder.manifest(bad.text); });
  CHECK(error.code == bad.code);
  CHECK(error.where == bad.where);
  CHECK(!error.remedy.empty());
}

TEST_CASE("the truth is that of exactly the manifest's cases", "[study][coordinator]") {
  const Folder folder;
  const Truth truth = folder.truth("case,mass\nc1,1\nc2,0\nc3,0\n");
  CHECK(truth.label.at("c1") == "1");
  CHECK(truth.label.size() == 3);

  CHECK(error_of([&] { folder.truth("case,mass\nc1,1\nc2,0\n"); }).code == "missing_truth");
  CHECK(error_of([&] { folder.truth("case,mass\nc1,1\nc2,0\nc3,0\nc4,0\n"); }).code ==
        "unknown_case");
  CHECK(error_of([&] { folder.truth("case,mass\nc1,1\nc2,0\nc3,0\nc1,0\n"); }).code ==
        "conflicting_truth");
  CHECK(error_of([&] { folder.truth("case,mass\nc1,0\nc2,0\nc3,0\n"); }).code == "one_class");
  CHECK(error_of([&] { folder.truth("case,mass\nc1,1\nc2,\nc3,0\n"); }).code == "missing_truth");
}

TEST_CASE("a protocol that states digests takes no other files", "[study][coordinator]") {
  Folder folder;
  const std::string truth = "case,mass\nc1,1\nc2,0\nc3,0\n";
  folder.protocol.cases.sha256 = sha256_hex(Folder::kGood);
  folder.protocol.truth.sha256 = sha256_hex(truth);
  CHECK(folder.truth(truth).label.size() == 3);

  const Error other_truth = error_of([&] { folder.truth("case,mass\nc1,0\nc2,1\nc3,0\n"); });
  CHECK(other_truth.code == "other_file");
  CHECK(other_truth.where == "truth.csv");
  CHECK(std::string(other_truth.what()).find("truth.sha256") != std::string::npos);
  const Error other_cases = error_of([&] { folder.manifest(std::string(Folder::kGood) + "\n"); });
  CHECK(other_cases.code == "other_file");
  CHECK(other_cases.where == "cases.csv");
}
