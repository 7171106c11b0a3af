// `rationale samples --set ct`: CT phantoms as DICOM series with masks and cases.csv, or as arrays.
#include "ui/command/samples_ct.h"

#include <fmt/format.h>

#include <cmath>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/base/interrupt.h"
#include "data/base/progress.h"
#include "data/samples/ct.h"
#ifdef RATIONALE_HAS_DICOM
#include "data/samples/ct_series.h"
#endif

namespace rationale::ui {
namespace {

using namespace rationale::samples;

struct Request {
  std::uint64_t seed = 1, count = 1;
  int nodule = -1;      ///< as drawn, without, with
  std::string variant;  ///< distinguishes UIDs of the same phantom with and without its nodule
  std::filesystem::path folder;
  Quiet quiet = Quiet::kNo;
};

/// @throws Error (kUsage) if the findings are not "nodule", or it is both present and absent
int nodule_choice(const SamplesOptions& o) {
  for (const auto* names : {&o.present, &o.absent}) {
    for (const std::string& name : *names) {
      if (name == "nodule" && (o.present.empty() || o.absent.empty())) continue;
      throw Error(Error::Kind::kUsage, "a CT phantom has no finding \"" + name + "\" to set so", "--present, --absent",
                  "its only finding is nodule: set it one way");
    }
  }
  return !o.present.empty() ? 1 : !o.absent.empty() ? 0 : -1;
}

#ifdef RATIONALE_HAS_DICOM
void write_series(const std::filesystem::path& folder, const CtPhantom& phantom, const std::string& variant) {
  for (const SeriesFile& file : ct_series(phantom, variant)) write_file(folder / file.name, file.bytes);
}
#else
void write_series(const std::filesystem::path&, const CtPhantom&, const std::string&) {
  throw Error(Error::Kind::kEnvironment, "this build of rationale has no DICOM", "--format dicom",
              "use --format npy, or a build with DCMTK")
      .with_code("no_dicom");
}
#endif

/// Files first, the table last: a folder with cases.csv is complete.
void write_dicom(const Request& request) {
  Progress progress("CT phantoms", request.count, request.quiet);
  std::string cases = "case,file,patient,nodule,nodule_slice\n";
  for (std::uint64_t i = 0; i < request.count; ++i) {
    check_interrupt();
    const CtPhantom phantom = ct_phantom(request.seed, i, request.nodule);
    const std::string series = "series/" + phantom.name;
    write_series(request.folder / series, phantom, request.variant);
    write_npy(request.folder / "masks" / (phantom.name + "_nodule.npy"),
              Array<std::uint8_t>{{kCtSlices, kCtSide, kCtSide}, phantom.mask});
    cases += fmt::format("{},{},{},{:d},{}\n", phantom.name, series, phantom.patient, phantom.has_nodule,
                         phantom.has_nodule ? fmt::format("{:.0f}", phantom.nodule_centre[0]) : "");
    progress.update(i + 1);
  }
  write_file(request.folder / "cases.csv", cases);
}

void write_arrays(const Request& request) {
  Progress progress("CT phantoms", request.count, request.quiet);
  const auto n = static_cast<std::int64_t>(request.count);
  FloatArray x{{n, 1, kCtSlices, kCtSide, kCtSide}, {}};
  Array<std::uint8_t> y{{n, 1}, {}};
  for (std::uint64_t i = 0; i < request.count; ++i) {
    check_interrupt();
    const CtPhantom phantom = ct_phantom(request.seed, i, request.nodule);
    const FloatArray input = ct_network_input(phantom);
    x.values.insert(x.values.end(), input.values.begin(), input.values.end());
    y.values.push_back(phantom.has_nodule ? 1 : 0);
    progress.update(i + 1);
  }
  write_npy(request.folder / "x.npy", x);
  write_npy(request.folder / "y.npy", y);
}

}  // namespace

int run_ct_samples(const CommandLine& line) {
  const SamplesOptions& o = line.samples;
  Request request{.seed = line.common.seed,
                  .count = static_cast<std::uint64_t>(o.count),
                  .nodule = nodule_choice(o),
                  .variant = "ct",
                  .folder = o.out,
                  .quiet = line.common.progress()};
  if (request.nodule >= 0) request.variant += request.nodule == 1 ? "+nodule" : "-nodule";
  if (o.format == "npy") {
    write_arrays(request);
  } else {
    write_dicom(request);
  }
  if (line.common.json) {
    print_json("rationale.samples", {{"out", o.out.string()},
                                     {"set", "ct"},
                                     {"variant", request.variant},
                                     {"seed", request.seed},
                                     {"format", o.format},
                                     {"cases", o.count},
                                     {"shape", {kCtSlices, kCtSide, kCtSide}},
                                     {"spacing_mm", {kCtSliceMm, kCtPixelMm, kCtPixelMm}}});
    return 0;
  }
  fmt::print("{} CT phantoms of {} x {} x {} voxels (seed {}) in {}\n", o.count, kCtSlices, kCtSide, kCtSide,
             request.seed, o.out.string());
  fmt::print("{}\n", o.format == "npy" ? "x.npy and y.npy hold them; docs/phantoms.md says how"
                                       : "cases.csv lists the series, masks/ shows where each nodule is");
  return 0;
}

}  // namespace rationale::ui
