// `rationale samples`: chest phantoms as DICOM files with masks and tables, or as arrays.
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/file.h"
#include "data/base/interrupt.h"
#include "data/base/progress.h"
#include "data/image/png.h"
#include "data/samples/case.h"
#include "data/samples/labels.h"
#include "data/samples/phantom.h"
#include "ui/command/bodies.h"
#include "ui/command/samples_ct.h"
#ifdef RATIONALE_HAS_DICOM
#include "data/samples/film.h"
#endif

namespace rationale::ui {
namespace {

using namespace rationale::samples;

struct Request {
  SampleSet set;
  std::string set_name;
  Overrides overrides;
  std::string variant;  ///< distinguishes UIDs of the same image with other findings
  std::uint64_t seed;
  std::uint64_t count;
  std::filesystem::path folder;
  Quiet quiet;
};

#ifdef RATIONALE_HAS_DICOM

void write_film(const std::filesystem::path& path, const Request& request, const SampleCase& one,
                const Phantom& phantom) {
  write_dx(path, film(one, phantom, request.variant));
}

#else

void write_film(const std::filesystem::path&, const Request&, const SampleCase&, const Phantom&) {
  throw Error(Error::Kind::kEnvironment, "this build of rationale has no DICOM", "--format dicom",
              "use --format npy, or a build with DCMTK")
      .with_code("no_dicom");
}

#endif

/// One PNG for each finding that is there; an earlier run's mask of one that is not goes away.
void write_masks(const std::filesystem::path& folder, const SampleCase& one,
                 const Phantom& phantom) {
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    const auto path = folder / fmt::format("{}_{}.png", one.name, kFindingNames[k]);
    if (!one.labels.findings[k]) {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
      continue;
    }
    Mask white = phantom.masks[k];
    for (std::uint8_t& value : white) value = value != 0 ? 255 : 0;
    write_png_grey8(path, kSize, kSize, white);
  }
}

std::string cases_header() {
  std::string header = "case,file,patient";
  for (const char* name : kFindingNames) header += fmt::format(",{}", name);
  return header +
         ",target_consolidation,target_pneumonia,scanner,view,sex,age,photometric,spacing\n";
}

std::string cases_row(const SampleCase& one, const std::string& file) {
  std::string row = fmt::format("{},{},{}", one.name, file, one.patient);
  for (const bool has : one.labels.findings) row += has ? ",1" : ",0";
  return row + fmt::format(",{:d},{:d},{},{},{},{},{},{}x{}\n", one.labels.target_consolidation,
                           one.labels.target_pneumonia, one.scanner, one.view, one.sex, one.age,
                           one.is_monochrome1 ? "MONOCHROME1" : "MONOCHROME2",
                           one.spacing.vertical_mm, one.spacing.horizontal_mm);
}

/// Files first, tables last: a folder with cases.csv is complete.
void write_dicom(const Request& request) {
  Progress progress("phantoms", request.count, request.quiet);
  std::string cases = cases_header();
  std::string concepts = "concept,case,label,annotator\n";
  for (std::uint64_t i = 0; i < request.count; ++i) {
    check_interrupt();
    const SampleCase one = describe_case(request.set, request.seed, i, request.overrides);
    const Phantom phantom = render(request.seed, i, one.labels.findings);
    const std::string file = "images/" + one.name + ".dcm";
    write_film(request.folder / file, request, one, phantom);
    write_masks(request.folder / "masks", one, phantom);
    cases += cases_row(one, file);
    for (std::size_t k = 0; k < kFindingCount; ++k) {
      concepts += fmt::format("{},{},{},phantom\n", kFindingNames[k], one.name,
                              one.labels.findings[k] ? "present" : "absent");
    }
    progress.update(i + 1);
  }
  if (request.set == SampleSet::kConcept) write_file(request.folder / "concepts.csv", concepts);
  write_file(request.folder / "cases.csv", cases);
}

void write_arrays(const Request& request) {
  Progress progress("phantoms", request.count, request.quiet);
  const auto n = static_cast<std::int64_t>(request.count);
  FloatArray x{{n, 1, kSize, kSize}, {}};
  Array<std::uint8_t> labels{{n, kFindingCount}, {}};
  Array<std::uint8_t> y{{n, 2}, {}};
  x.values.reserve(static_cast<std::size_t>(element_count(x.shape)));
  for (std::uint64_t i = 0; i < request.count; ++i) {
    check_interrupt();
    const Labels drawn = draw_labels(request.set, request.seed, i, request.overrides);
    const FloatArray input =
        network_input(stored_values(render(request.seed, i, drawn.findings).image));
    x.values.insert(x.values.end(), input.values.begin(), input.values.end());
    for (const bool has : drawn.findings) labels.values.push_back(has ? 1 : 0);
    y.values.push_back(drawn.target_consolidation ? 1 : 0);
    y.values.push_back(drawn.target_pneumonia ? 1 : 0);
    progress.update(i + 1);
  }
  write_npy(request.folder / "x.npy", x);
  write_npy(request.folder / "labels.npy", labels);
  write_npy(request.folder / "y.npy", y);
}

nlohmann::ordered_json summary(const Request& request, const std::string& format) {
  std::vector<std::uint64_t> counts(kFindingCount, 0);
  std::uint64_t n_consolidation = 0, n_pneumonia = 0, n_patients = 0;
  std::string last_patient;
  for (std::uint64_t i = 0; i < request.count; ++i) {
    const SampleCase one = describe_case(request.set, request.seed, i, request.overrides);
    for (std::size_t k = 0; k < kFindingCount; ++k) counts[k] += one.labels.findings[k] ? 1U : 0U;
    n_consolidation += one.labels.target_consolidation ? 1U : 0U;
    n_pneumonia += one.labels.target_pneumonia ? 1U : 0U;
    n_patients += one.patient != last_patient ? 1U : 0U;
    last_patient = one.patient;
  }
  nlohmann::ordered_json present;
  for (std::size_t k = 0; k < kFindingCount; ++k) present[kFindingNames[k]] = counts[k];
  return {{"out", request.folder.string()},
          {"set", request.set_name},
          {"variant", request.variant},
          {"seed", request.seed},
          {"format", format},
          {"cases", request.count},
          {"patients", n_patients},
          {"present", present},
          {"targets", {{"consolidation", n_consolidation}, {"pneumonia", n_pneumonia}}}};
}

}  // namespace

int run_samples(const CommandLine& line) {
  const SamplesOptions& o = line.samples;
  if (o.set == "ct") return run_ct_samples(line);
  Request request{.set = sample_set(o.set),
                  .set_name = o.set,
                  .overrides = {},
                  .variant = o.set,
                  .seed = line.common.seed,
                  .count = static_cast<std::uint64_t>(o.count),
                  .folder = o.out,
                  .quiet = line.common.progress()};
  override_findings(request.overrides, o.present, true);
  override_findings(request.overrides, o.absent, false);
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    if (request.overrides[k].has_value()) {
      request.variant += fmt::format("{}{}", *request.overrides[k] ? "+" : "-", kFindingNames[k]);
    }
  }
  if (o.format == "npy") {
    write_arrays(request);
  } else {
    write_dicom(request);
  }
  const nlohmann::ordered_json result = summary(request, o.format);
  if (line.common.json) {
    print_json("rationale.samples", result);
    return 0;
  }
  fmt::print("{} phantoms of {} patients (set {}, seed {}) in {}\n", o.count,
             result["patients"].get<std::uint64_t>(), o.set, request.seed, o.out.string());
  for (const auto& [name, count] : result["present"].items()) {
    fmt::print("  {:<14} {:>6}\n", name, count.get<std::uint64_t>());
  }
  fmt::print("{}\n", o.format == "npy"
                         ? "x.npy, labels.npy and y.npy hold them; docs/phantoms.md says how"
                         : "cases.csv lists them, masks/ shows where each finding is");
  return 0;
}

}  // namespace rationale::ui
