// Folders with checksums, and the archive of many files.
#include "data/base/checked_folder.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/tar.h"
#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("a checked folder appears whole, and its checksums find a change", "[base]") {
  const TemporaryFolder place;
  const FileSet files{{"a.txt", "alpha\n"}, {"R/b.R", "beta\n"}};
  const std::filesystem::path folder = place.path() / "made" / "export";
  write_checked_folder(folder, files);
  CHECK(read_file(folder / "R" / "b.R") == "beta\n");
  const std::string list = read_file(folder / "SHA256SUMS");
  CHECK(list == checksum_list(files));
  CHECK(std::system(fmt::format("cd {} && sha256sum --strict --quiet -c SHA256SUMS", folder.string()).c_str()) == 0);
  CHECK(checksum_findings(list, files).empty());
  CHECK(checksum_findings(list, {{"a.txt", "alpha"}, {"c", ""}}) ==
        std::vector<std::string>{"R/b.R: missing", "a.txt: changed", "c: not in SHA256SUMS"});
  CHECK_THROWS_AS(checksum_findings("no digest\n", files), Error);
  // A folder that is there keeps what else is in it; nothing is left beside.
  write_file(folder / "mine.txt", "mine");
  write_checked_folder(folder, {{"a.txt", "new\n"}});
  CHECK(read_file(folder / "mine.txt") == "mine");
  CHECK(read_file(folder / "a.txt") == "new\n");
  int n_entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.parent_path()))
    n_entries += entry.exists() ? 1 : 0;
  CHECK(n_entries == 1);
  // Where nothing may be written, nothing appears.
  const std::filesystem::path blocked = place.path() / "file";
  write_file(blocked, "");
  CHECK_THROWS_AS(write_checked_folder(blocked / "export", files), Error);
}

namespace {

/// Two files, one of them with a name that needs the header's second field and content over a block's end.
std::filesystem::path archive_in(const std::filesystem::path& place, const std::string& long_name) {
  write_file(place / "source.bin", std::string(513, 'x'));
  TarWriter tar(place / "made.tar");
  tar.add_bytes("study/a.txt", "alpha\n");
  tar.add_file("study/" + long_name, place / "source.bin");
  CHECK(tar.finish("study/SHA256SUMS") == 2);
  return place / "made.tar";
}

std::string code_of_unpacking(const std::filesystem::path& archive, const std::filesystem::path& folder) {
  try {
    unpack_tar(archive, folder);
  } catch (const Error& error) {
    return error.code;
  }
  return "none";
}

}  // namespace

TEST_CASE("an archive is read by tar and by this program, and says what was changed", "[base]") {
  const TemporaryFolder place;
  const std::string long_name = std::string(60, 'd') + "/" + std::string(70, 'e') + ".bin";
  const std::filesystem::path archive = archive_in(place.path(), long_name);
  CHECK(unpack_tar(archive, place.path() / "ours").empty());
  CHECK(read_file(place.path() / "ours" / "study" / long_name) == std::string(513, 'x'));
  const std::string command = fmt::format(
      "cd {} && mkdir theirs && tar xf made.tar -C theirs && cd theirs && sha256sum --strict --quiet -c "
      "study/SHA256SUMS",
      place.path().string());
  CHECK(std::system(command.c_str()) == 0);
  const std::string bytes = read_file(archive);
  CHECK(bytes.size() % 512 == 0);

  std::string changed = bytes;
  changed[changed.find("alpha")] = 'A';
  write_file(archive, changed);
  CHECK(unpack_tar(archive, place.path() / "changed") == std::vector<std::string>{"study/a.txt: changed"});
  for (const std::string& broken :
       {bytes.substr(0, 700), bytes.substr(512), std::string("x"), std::string(), std::string(2048, '\0')}) {
    write_file(archive, broken);
    CHECK(code_of_unpacking(archive, place.path() / "broken") == "no_archive");
  }
}

TEST_CASE("an archive never writes outside of its folder, nor over a file", "[base]") {
  const TemporaryFolder place;
  for (const char* name : {"../out.txt", "/tmp/out.txt", "study/../../out.txt", "study//out.txt"}) {
    std::filesystem::remove(place.path() / "evil.tar");
    TarWriter tar(place.path() / "evil.tar");
    tar.add_bytes(name, "evil");
    tar.finish("study/SHA256SUMS");
    CHECK(code_of_unpacking(place.path() / "evil.tar", place.path() / "folder") == "no_archive");
    CHECK_FALSE(std::filesystem::exists(place.path() / "out.txt"));
  }
  CHECK_THROWS_AS(TarWriter(place.path() / "evil.tar"), Error);
  {
    TarWriter unfinished(place.path() / "half.tar");
    unfinished.add_bytes("study/a", "a");
  }
  CHECK_FALSE(std::filesystem::exists(place.path() / "half.tar"));
  CHECK_FALSE(std::filesystem::exists(place.path() / "half.tar.part"));
}
