#include "data/arrays/npy.h"

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

TEST_CASE("a float array comes back from .npy as it was, of any rank", "[data][npy]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  const Shape shape = GENERATE(Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 1, 2, 3}, Shape{0, 4});
  FloatArray array{shape, {}};
  for (std::int64_t i = 0; i < element_count(shape); ++i) {
    array.values.push_back(static_cast<float>(i) * 0.25F - 1.0F);
  }
  write_npy(path, array);
  const FloatArray back = read_npy_float(path);
  CHECK(back.shape == array.shape);
  CHECK(back.values == array.values);
}

TEST_CASE("the header of a written array is that of NumPy: 64-byte aligned data", "[data][npy]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "a.npy", FloatArray{{1}, {1.0F}});
  const std::string bytes = read_file(folder.path() / "a.npy");
  CHECK(bytes.size() == 128 + 4);
  CHECK(bytes.find("'descr': '<f4', 'fortran_order': False, 'shape': (1,), }") != std::string::npos);
}

TEST_CASE("damaged or foreign arrays are refused", "[data][npy]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "a.npy", FloatArray{{4}, {1, 2, 3, 4}});
  std::string bytes = read_file(folder.path() / "a.npy");
  CHECK_THROWS_AS(parse_npy(bytes.substr(0, bytes.size() - 1), "short"), Error);
  CHECK_THROWS_AS(parse_npy(bytes.substr(0, 40), "cut header"), Error);
  CHECK_THROWS_AS(parse_npy("PNG", "foreign"), Error);
  std::string fortran = bytes;
  fortran.replace(fortran.find("False"), 5, "True ");
  CHECK_THROWS_AS(parse_npy(fortran, "fortran"), Error);
  std::string big = bytes;
  big.replace(big.find("<f4"), 3, ">f4");
  CHECK_THROWS_AS(parse_npy(big, "big endian"), Error);
}

TEST_CASE("NaN and infinity do not enter through an array", "[data][npy]") {
  const TemporaryFolder folder;
  write_npy(folder.path() / "a.npy", FloatArray{{2}, {1.0F, std::numeric_limits<float>::infinity()}});
  CHECK_THROWS_AS(read_npy_float(folder.path() / "a.npy"), Error);
}

TEST_CASE("arrays that NumPy wrote are read", "[data][npy][golden]") {
  const auto folder = test::shared("golden/concepts/pool32", 2);
  if (!folder) return;
  CHECK(read_npy_float(*folder / "H.npy").shape == Shape{240, 32});
  CHECK(read_npy_integer(*folder / "labels.npy").shape == Shape{240, 4});
}
