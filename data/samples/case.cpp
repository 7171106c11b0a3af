#include "data/samples/case.h"

#include <fmt/format.h>

#include <array>

#include "data/samples/stream.h"

namespace rationale::samples {
namespace {

constexpr std::uint64_t kAcquisitionStream = 3;
constexpr std::uint64_t kPatientStream = 4;

// Index by index, so that 24 cases hold every encoding in both polarities.
constexpr std::array<Encoding, 8> kEncodings = {
    Encoding::kExplicit, Encoding::kExplicit,     Encoding::kRle,      Encoding::kExplicit,
    Encoding::kExplicit, Encoding::kJpegLossless, Encoding::kImplicit, Encoding::kJpegLs};

}  // namespace

SampleCase describe_case(SampleSet set, std::uint64_t seed, std::uint64_t index,
                         const Overrides& overrides) {
  const std::uint64_t patient = index % 5 == 4 ? index - 1 : index;
  Stream of_patient(seed, patient, kPatientStream);
  Stream of_image(seed, index, kAcquisitionStream);

  SampleCase result;
  result.name = fmt::format("p{}-{:04}", seed, index);
  result.number = static_cast<int>(index) + 1;
  result.patient = fmt::format("P{}-{:04}", seed, patient);
  result.labels = draw_labels(set, seed, index, overrides);
  result.sex = std::string(1, of_patient.bernoulli(0.5) ? 'F' : 'M');
  result.age = 20 + static_cast<int>(of_patient.uniform() * 70);
  result.scanner =
      std::string(1, static_cast<char>('A' + static_cast<int>(of_image.uniform() * 3)));
  result.view = std::string(of_image.bernoulli(0.6) ? "PA" : "AP");
  result.is_monochrome1 = index % 3 == 1;
  result.encoding = kEncodings[index % kEncodings.size()];
  const double vertical = index % 4 == 2 ? 4.5 : 3.6;  // 96 x 3.6 mm = 346 mm, a 35 cm detector
  result.spacing = {
      .vertical_mm = vertical, .horizontal_mm = 3.6, .aspect = vertical / 3.6, .is_detector = true};
  return result;
}

}  // namespace rationale::samples
