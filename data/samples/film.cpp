#include "data/samples/film.h"

#include <fmt/format.h>

namespace rationale::samples {
namespace {

DxEncoding dx_encoding(Encoding encoding) {
  switch (encoding) {
    case Encoding::kExplicit:
      return DxEncoding::kExplicit;
    case Encoding::kImplicit:
      return DxEncoding::kImplicit;
    case Encoding::kRle:
      return DxEncoding::kRle;
    case Encoding::kJpegLossless:
      return DxEncoding::kJpegLossless;
    case Encoding::kJpegLs:
      return DxEncoding::kJpegLs;
  }
  return DxEncoding::kExplicit;
}

}  // namespace

DxFile film(const SampleCase& one, const Phantom& phantom, const std::string& variant) {
  DxFile film;
  film.rows = kSize;
  film.cols = kSize;
  film.values = stored_values(phantom.image);
  film.is_monochrome1 = one.is_monochrome1;
  film.spacing = one.spacing;
  film.windows = {{.centre = 2048, .width = 4096, .explanation = "WHOLE"},
                  {.centre = 1536, .width = 3072, .explanation = "LUNGS"}};
  film.patient_name = "Phantom^" + one.patient;
  film.patient_id = one.patient;
  film.sex = one.sex;
  film.view = one.view;
  film.age = one.age;
  film.station = one.scanner;
  film.number = one.number;
  film.study_key = fmt::format("samples.{}.{}", variant, one.patient);
  film.uid_key = fmt::format("samples.{}.{}", variant, one.name);
  film.comment = "Computer-made phantom; no patient";
  film.encoding = dx_encoding(one.encoding);
  return film;
}

}  // namespace rationale::samples
