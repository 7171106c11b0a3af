// The fuzzers' seeds, and every input that ever made a reader fail, without clang and libFuzzer.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/base/file.h"
#include "tests/fuzz/targets.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

struct Target {
  const char* name;
  bool (*read)(std::string_view);
  double least_accepted;  ///< share of the seeds that the reader has to take: others start at refusals only
};

const std::vector<Target> kTargets = {
    {"dicom_header", fuzz::dicom_header, 0.9}, {"dicom_pixels", fuzz::dicom_pixels, 0.8}, {"png", fuzz::png, 0.5},
    {"npy", fuzz::npy, 0.7},                   {"model_card", fuzz::model_card, 1},       {"tables", fuzz::tables, 1}};

/// Gives every file to the reader, which must not end the process. @return files, and how many of them were read
std::pair<int, int> replay(const Target& target, const std::filesystem::path& folder) {
  int n = 0;
  int n_accepted = 0;
  if (!std::filesystem::exists(folder)) return {0, 0};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    INFO(entry.path().string());
    n_accepted += target.read(read_file(entry.path())) ? 1 : 0;
    ++n;
  }
  return {n, n_accepted};
}

}  // namespace

TEST_CASE("readers of foreign bytes take the fuzzers' seeds and survive all they ever found", "[fuzz]") {
  const int index = GENERATE(range(0, 6));
  const Target& target = kTargets[static_cast<std::size_t>(index)];
  INFO(target.name);
  const auto [n, n_accepted] = replay(target, test::in_tests(std::string("fuzz/corpus/") + target.name));
  CHECK(n >= 4);
  CHECK(n_accepted >= target.least_accepted * n);
  CHECK_NOTHROW(replay(target, test::in_tests(std::string("fuzz/found/") + target.name)));
}
