#include "data/image/load.h"

#include <vector>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/png.h"
#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("a PNG file is known by its bytes, whatever its name", "[data][load]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "film.dcm";
  write_png_grey8(path, 1, 2, std::vector<std::uint8_t>{3, 4});
  const Picture picture = load_picture(path);
  CHECK(picture.format == "png");
  CHECK(picture.stored == std::vector<std::int32_t>{3, 4});
  CHECK_THROWS_AS(load_picture(path, 2), Error);
}

TEST_CASE("a file that is neither is refused, an empty and a missing one too", "[data][load]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "text", std::string(1000, 'x'));
  write_file(folder.path() / "empty", "");
  for (const char* name : {"text", "empty", "missing"}) {
    try {
      load_picture(folder.path() / name);
      FAIL(name);
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      CHECK(error.where.find(name) != std::string::npos);
    }
  }
}
