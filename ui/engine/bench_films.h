// Phantom films in a folder, for `rationale bench pipeline`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/base/progress.h"
#include "data/cases/cases.h"

namespace rationale::ui {

struct BenchFilms {
  std::vector<Case> all;
  std::vector<Case> compressed;  ///< those of them in RLE, JPEG lossless or JPEG-LS
};

/// Writes `n` phantoms as DICOM files, in the encodings of `rationale samples`.
/// @param enlarge  each pixel becomes a square of so many, with noise of one stored value
/// @throws Error (kEnvironment): full disk; "no_dicom" in a build without DICOM
BenchFilms make_bench_films(const std::filesystem::path& folder, std::size_t n, int enlarge, std::uint64_t seed, Quiet quiet);

}  // namespace rationale::ui
