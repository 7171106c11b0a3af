// The engine's process shut in, and films that attack their decoder, through the driver as a user runs it.
#include <png.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/sandbox.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/run_store.h"
#include "explain/torch.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/in_child.h"
#include "tests/support/shared.h"

using namespace rationale;
using nlohmann::json;
using test::ChildFacts;
using test::in_child;

namespace {

struct Answer {
  int code = 0;
  json out;
};

Answer run(const std::string& arguments) {
  const std::string command = std::string(RATIONALE_DRIVER) + " " + arguments + " --json 2>/dev/null";
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, json::parse(out, nullptr, false)};
}

std::string honest() { return test::in_tests("../data/samples/models/honest.toml").string(); }

bool can_confine() {
  return in_child([](ChildFacts& facts) {
           facts.check(restrict_files({}).is_on && restrict_calls(Calls::kEngine).is_on, "on");
         }).empty();
}

/// 16,384 × 16,384 zeros in half a megabyte: 1.5 GB when it is read.
void write_bomb(const std::filesystem::path& file) {
  constexpr png_uint_32 kSide = 16384;
  FILE* out = std::fopen(file.c_str(), "wb");
  REQUIRE(out != nullptr);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, out);
  png_set_IHDR(png, info, kSide, kSide, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 1);
  png_write_info(png, info);
  const std::vector<png_byte> row(kSide * 2, 0);
  for (png_uint_32 i = 0; i < kSide; ++i) png_write_row(png, row.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(out);
}

}  // namespace

TEST_CASE("doctor says what holds its process", "[pipeline][sandbox]") {
  const Answer answer = run("doctor " + honest() + " --device cpu");
  REQUIRE(answer.code == 0);
  const json sandbox = answer.out["sandbox"];
  CHECK(sandbox["wanted"] == true);
  if (can_confine()) {
    CHECK(sandbox["files"] == "read_only_but_outputs");
    CHECK(sandbox["network"] == "closed");
    CHECK(sandbox["programs"] == "closed");
  }
  const Answer open = run("doctor " + honest() + " --device cpu --no-sandbox");
  REQUIRE(open.code == 0);
  CHECK(open.out["sandbox"]["wanted"] == false);
  CHECK(open.out["sandbox"]["files"] == "open: not asked for");
}

TEST_CASE("On a kernel without a sandbox the engine works, and says so", "[pipeline][sandbox]") {
  CHECK(in_child([](ChildFacts& facts) {
          test::pretend_calls_are_missing(test::landlock_calls());
          const json sandbox = run("doctor " + honest() + " --device cpu").out["sandbox"];
          facts.check(sandbox["files"].get<std::string>().rfind("open: the kernel has no Landlock", 0) == 0,
                      "files: " + sandbox.dump());
        }) == "");
  CHECK(in_child([](ChildFacts& facts) {
          test::pretend_calls_are_missing(test::seccomp_calls());
          const json sandbox = run("doctor " + honest() + " --device cpu").out["sandbox"];
          facts.check(sandbox["network"].get<std::string>().rfind("open: the kernel takes no system call filter", 0) == 0,
                      "network: " + sandbox.dump());
        }) == "");
}

TEST_CASE("A run writes its outputs, notes what held it, and gives the same store without", "[pipeline][sandbox]") {
  const TemporaryFolder folder;
  test::write_films(folder.path(), 4);
  const auto explain = [&](const std::string& out, const std::string& more) {
    return run("explain --model " + honest() + " --cases " + (folder.path() / "cases.csv").string() + " --out " +
               (folder.path() / out).string() + " --logits " + (folder.path() / out / "tables" / "logits.csv").string() +
               " --pictures top --mode reproducible --device cpu" + more);
  };
  const Answer held = explain("held", ""), open = explain("open", " --no-sandbox");
  REQUIRE(held.code == 0);
  REQUIRE(open.code == 0);
  CHECK(held.out["explained"] == 4);
  CHECK(std::filesystem::exists(folder.path() / "held" / "tables" / "logits.csv"));
  CHECK(held.out["canonical_digest"] == open.out["canonical_digest"]);
  CHECK(held.out["sandbox"]["films"] == "decoded_apart");
  CHECK(open.out["sandbox"]["films"] == "decoded_here");
  CHECK(json::parse(std::ifstream(folder.path() / "held" / "summary.json"))["sandbox"] == held.out["sandbox"]);
  CHECK(explain::stored_manifest(folder.path() / "open")->sandbox == "off (--no-sandbox)");
  const std::string noted = explain::stored_manifest(folder.path() / "held")->sandbox;
  CHECK(noted.find("films decoded apart") != std::string::npos);
  if (can_confine()) {
    CHECK(noted == "files read-only but outputs; network and programs closed; films decoded apart");
  }
  CHECK(explain("held", " --no-sandbox --resume").code == 0);  // another sandbox is no other run
}

TEST_CASE("Films that attack the decoder are listed, and the run goes on", "[pipeline][sandbox]") {
  const TemporaryFolder folder;
  test::write_films(folder.path(), 3);
  std::ofstream list(folder.path() / "cases.csv", std::ios::app);
  write_bomb(folder.path() / "bomb.png");
  list << "bomb,bomb.png,x,AP\n";
  std::size_t n_bad = 1;
  if (const auto broken = test::shared("public/dicom/broken", 60)) {
    std::ifstream expected(*broken / "expected.csv");
    std::string row;
    std::getline(expected, row);
    while (std::getline(expected, row)) {
      const std::string file = row.substr(0, row.find(','));
      if (row.find(",refuse,") == std::string::npos) continue;
      list << file << "," << (*broken / file).string() << ",x,AP\n";
      ++n_bad;
    }
  }
  list.close();
  const Answer answer = run("explain --model " + honest() + " --cases " + (folder.path() / "cases.csv").string() +
                            " --out " + (folder.path() / "out").string() + " --mode reproducible --device cpu");
  CHECK(answer.code == 1);
  REQUIRE(answer.out.contains("explained"));
  CHECK(answer.out["explained"] == 3);
  CHECK(answer.out["failed"].size() == n_bad);
  for (const json& one : answer.out["failed"]) {
    INFO(one.dump());
    CHECK_FALSE(one["reason"].get<std::string>().empty());
    if (one["case"] == "bomb") CHECK(one["code"] == "decode_memory");
  }
}

TEST_CASE("The driver reads films apart as well", "[pipeline][sandbox]") {
  const TemporaryFolder folder;
  write_bomb(folder.path() / "bomb.png");  // in its own process it would be read
  const Answer answer = run("image " + (folder.path() / "bomb.png").string());
  CHECK(answer.code == 3);
  CHECK(answer.out["error"]["code"] == "decode_memory");
}

TEST_CASE("A model that got past the allow-list writes nothing outside the output folder", "[pipeline][sandbox]") {
  if (!can_confine()) {
    WARN("this kernel cannot shut a process in: not tried");
    return;
  }
  const auto file = std::filesystem::absolute(test::in_tests("golden/models/saves.scripted.pt"));
  const TemporaryFolder elsewhere, output;
  explain::set_threads(1);
  const auto forward = [&](const std::filesystem::path& where) {  // what it saves goes to the working folder
    std::filesystem::current_path(where);
    torch::jit::Module module = torch::jit::load(file.string());
    module.eval();
    module.forward({at::zeros({1, 3, 12, 12})});
  };
  CHECK(in_child([&](ChildFacts& facts) {
          facts.check(restrict_files({.writable = {output.path()}, .devices = {}, .readable = {}}).is_on, "files");
          facts.check(restrict_calls(Calls::kEngine).is_on, "calls");
          try {
            forward(elsewhere.path());
          } catch (const std::exception&) {  // LibTorch may also say nothing: the file is what counts
          }
          forward(output.path());
        }) == "");
  CHECK_FALSE(std::filesystem::exists(elsewhere.path() / "rationale-test-was-here"));
  CHECK(std::filesystem::exists(output.path() / "rationale-test-was-here"));
}
