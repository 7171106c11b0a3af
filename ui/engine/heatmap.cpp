// `rationale heatmap`: raw maps of a tensor, one or many in one process.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "data/base/interrupt.h"
#include "data/base/text.h"
#include "data/base/version.h"
#include "ui/engine/bodies.h"
#include "ui/engine/map_jobs.h"

namespace rationale::ui {
namespace {

constexpr const char* kSchema = "rationale.heatmap";

/// One result line for each job line; what a line does not say is as in `pattern`. A job that
/// fails does not stop the others.
/// @return 0, or 1 if some failed
int run_jobs(const std::filesystem::path& file, const MapJob& pattern, MapEngine& engine, bool json) {
  std::ifstream lines(file);
  if (!lines)
    throw Error(Error::Kind::kInput, "cannot read the jobs file", file.string(), "check the path");
  std::size_t number = 0, failed = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (trim(line).empty()) continue;
    check_interrupt();
    const std::string where = fmt::format("{}:{}", file.string(), number);
    nlohmann::ordered_json result{{"schema", kSchema}, {"version", version()}, {"job", number}};
    const auto fail = [&](const std::string& kind, const std::string& code, const std::string& what,
                          const std::string& at, const std::string& remedy) {
      ++failed;
      result["error"] = {{"kind", kind}, {"code", code}, {"what", what}, {"where", at.empty() ? where : at},
                         {"remedy", remedy}};
      fmt::print(stderr, "rationale: {}\n  in  {}\n  {}\n", printable(what), printable(where), printable(remedy));
    };
    try {
      result.update(engine.run(parse_job(pattern, line, where)));
      if (!json)
        fmt::print("{}: {} [{}]\n", number, result["npy"].get<std::string>(),
                   fmt::join(result["shape"].get<std::vector<std::int64_t>>(), ", "));
    } catch (const Error& error) {
      fail(kind_name(error.kind), error.code.empty() ? kind_name(error.kind) : error.code, error.what(), error.where,
           error.remedy);
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {  // of LibTorch: this job's, not the others'
      fail("internal", "internal", error.what(), {}, "this is our fault: please report it with the line");
    }
    if (json) {
      fmt::print("{}\n", result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      std::fflush(stdout);  // a caller may wait for each line
    }
  }
  return failed == 0 ? 0 : 1;
}

/// "class 3" for each class of the job.
std::vector<std::string> model_classes(const MapJob& job) {
  std::vector<std::string> names;
  for (const std::string& name : job.target.classes) names.push_back("class " + name);
  return names;
}

/// What the maps say as a whole: maps without positive evidence, and the slices of volumes.
void print_evidence(const nlohmann::ordered_json& result, const std::vector<std::string>& classes) {
  const auto rows_of = [&](const char* key) { return result.contains(key) ? result[key].size() : std::size_t{0}; };
  const std::size_t n_images = std::max(rows_of("largest"), rows_of("occlusion_spearman"));
  const auto name = [&](std::size_t image, std::size_t k) {
    const std::string which = k < classes.size() ? classes[k] : fmt::format("class {}", k);
    return n_images > 1 ? fmt::format("image {}, {}", image, which) : which;
  };
  for (std::size_t i = 0; i < rows_of("largest"); ++i) {
    for (std::size_t k = 0; k < result["largest"][i].size(); ++k) {
      const double largest = result["largest"][i][k].get<double>();
      if (largest <= 0) {
        fmt::print("  {}: no positive evidence (largest value {:.3g})\n", name(i, k), largest);
      } else if (result.contains("slices")) {
        fmt::print("  {}: {}\n", name(i, k), result["slices"][i][k]["words"].get<std::string>());
      }
    }
  }
  for (std::size_t i = 0; i < rows_of("occlusion_spearman"); ++i) {
    for (std::size_t k = 0; k < result["occlusion_spearman"][i].size(); ++k) {
      const auto& rho = result["occlusion_spearman"][i][k];
      fmt::print("  {}: rank correlation with covering windows {}\n", name(i, k),
                 rho.is_number() ? fmt::format("{:.2f}", rho.get<double>()) : rho["reason"].get<std::string>());
    }
  }
  if (result["display_scale"] == "each map's own maximum") {
    fmt::print("  scaled to each map's own maximum: weak and strong maps look alike\n");
  }
}

}  // namespace

int run_heatmap(const CommandLine& line) {
  const HeatmapOptions& options = line.heatmap;
  MapEngine engine(line.common.device, prepare_engine(line.common, explain::Mode::kReproducible),
                   line.common.progress());
  MapJob pattern;
  pattern.numbers.seed = line.common.seed;
  if (!options.jobs.empty()) return run_jobs(options.jobs, pattern, engine, line.common.json);
  MapJob job{options.model,  options.tensor,  options.npy, options.target,
                   options.method, options.numbers, options.display, {}, options.check_occlusion, true};
  job.numbers.seed = line.common.seed;
  const nlohmann::ordered_json result = engine.run(job);
  if (line.common.json) {
    print_json(kSchema, result);
  } else {
    fmt::print("{} of layer {} (call {}): [{}] in {}\n", result["method"].get<std::string>(),
               result["layer"].get<std::string>(), result["call"].get<int>(),
               fmt::join(result["shape"].get<std::vector<std::int64_t>>(), ", "), job.npy.string());
    if (job.method.empty()) fmt::print("  method: {}\n", result["method_chosen_by"].get<std::string>());
    for (const auto& [name, values] : result["facts"].items()) fmt::print("  {}: {}\n", name, values.dump());
    print_evidence(result, model_classes(job));
    for (const std::string caution : result["cautions"]) fmt::print(stderr, "rationale: {}\n", caution);
  }
  return 0;
}

}  // namespace rationale::ui
