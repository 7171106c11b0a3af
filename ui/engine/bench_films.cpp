#include "ui/engine/bench_films.h"

#include "data/base/error.h"

#ifdef RATIONALE_HAS_DICOM
#include <algorithm>
#include <fstream>
#include <string>

#include "data/base/interrupt.h"
#include "data/samples/film.h"
#include "data/samples/stream.h"
#endif

namespace rationale::ui {

#ifdef RATIONALE_HAS_DICOM
namespace {

constexpr std::uint64_t kNoiseStream = 101;

void enlarge_film(DxFile& film, int times, samples::Stream noise) {
  const std::vector<std::uint16_t> small = std::move(film.values);
  const int cols = film.cols;
  film.rows *= times;
  film.cols *= times;
  film.values.clear();
  film.values.reserve(static_cast<std::size_t>(film.rows) * static_cast<std::size_t>(film.cols));
  const int largest = (1 << film.bits_stored) - 1;
  for (int row = 0; row < film.rows; ++row) {
    for (int col = 0; col < film.cols; ++col) {
      const int value = small[static_cast<std::size_t>((row / times) * cols + col / times)];
      film.values.push_back(static_cast<std::uint16_t>(std::min(value + (noise.next() % 2 == 0 ? 0 : 1), largest)));
    }
  }
  film.spacing.vertical_mm /= times;
  film.spacing.horizontal_mm /= times;
}

/// Without a flush to disk: these files need not outlive a power cut.
void write_fast(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) {
    throw Error(Error::Kind::kEnvironment, "the films could not be written", file.string(),
                "free some space, set TMPDIR to a larger disk, or take fewer films")
        .with_code("cannot_write");
  }
}

}  // namespace

BenchFilms make_bench_films(const std::filesystem::path& folder, std::size_t n, int enlarge, std::uint64_t seed, Quiet quiet) {
  BenchFilms films;
  Progress progress("films made", n, quiet);
  for (std::size_t i = 0; i < n; ++i) {
    check_interrupt();
    const samples::SampleCase one = samples::describe_case(samples::SampleSet::kTest, seed, i);
    DxFile film = samples::film(one, samples::render(seed, i, one.labels.findings), "bench");
    if (enlarge > 1) enlarge_film(film, enlarge, samples::Stream(seed, i, kNoiseStream));
    Case listed;
    listed.name = one.name;
    listed.file = folder / (one.name + ".dcm");
    listed.patient = one.patient;
    listed.columns = {{"case", one.name}, {"file", one.name + ".dcm"}, {"patient", one.patient}};
    write_fast(listed.file, encode_dx(film));
    const bool is_native = film.encoding == DxEncoding::kExplicit || film.encoding == DxEncoding::kImplicit;
    if (!is_native) films.compressed.push_back(listed);
    films.all.push_back(std::move(listed));
    progress.update(i + 1);
  }
  return films;
}

#else

BenchFilms make_bench_films(const std::filesystem::path&, std::size_t, int, std::uint64_t, Quiet) {
  throw Error(Error::Kind::kEnvironment, "this build of rationale has no DICOM", "bench pipeline",
              "use a build with DCMTK")
      .with_code("no_dicom");
}

#endif

}  // namespace rationale::ui
