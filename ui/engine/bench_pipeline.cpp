// `rationale bench pipeline`: a run over phantom films beside decoding and forward passes alone, in one process; and
// whether its memory stays flat.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>

#include "data/base/file.h"
#include "data/base/progress.h"
#include "data/image/load.h"
#include "data/samples/phantom.h"
#include "data/samples/place.h"
#include "explain/model/tensor_array.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "explain/torch.h"
#include "ui/engine/bench_films.h"
#include "ui/engine/bench_time.h"
#include "ui/engine/bodies.h"
#include "ui/engine/explain_network.h"
#include "ui/engine/model_argument.h"
#include "ui/engine/run_report.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;
using nlohmann::ordered_json;

constexpr double kGoal = 0.85;        // whole run over the slower of decode-only and forward-only
constexpr double kFlat = 0.05;        // resident memory after the first tenth of a run
constexpr std::size_t kInRound = 500;  // films of a round: two commits

Picture load_film(const std::filesystem::path& file) { return load_picture(file); }

/// All that a run needs; each run into a folder of its own, which goes with it.
struct Pipeline {
  const ModelCard& card;
  FittedNetwork network;
  ExplanationManifest manifest;
  std::size_t workers;
  std::filesystem::path folder;

  /// @return  its outcome, the store's bytes and its canonical digest
  struct Ran {
    RunOutcome outcome;
    std::uintmax_t bytes = 0;
    std::string canonical_digest;
  };
  Ran run(const std::vector<Case>& cases, Quiet quiet) const {
    const std::filesystem::path out = folder / "out";
    Ran ran;
    {
      ExplanationStore store = open_run_store(out, manifest, Resume::kIfThere, utc_now());
      ran.outcome = explain_cases(cases, card, *network.explainer, store, load_film,
                                  {.decode_workers = workers, .quiet = quiet}, utc_now);
      ran.canonical_digest = store.canonical_digest();
    }
    ran.bytes = std::filesystem::file_size(store_file(out));
    std::filesystem::remove_all(out);
    if (!ran.outcome.failed.empty()) {
      const FailedCase& one = ran.outcome.failed.front();
      throw Error(Error::Kind::kInput, "a phantom could not be explained: " + one.reason, card.name,
                  "give a card for grey films of 96 x 96 pixels")
          .with_code(one.code);
    }
    return ran;
  }

  std::vector<DecodedCase> decode(const std::vector<Case>& cases) const {
    const std::map<std::string, std::string> known;
    Decoder decoder(cases, known, card, load_film, workers);
    std::vector<DecodedCase> films;
    while (std::optional<DecodedCase> film = decoder.next()) {
      if (film->failure) std::rethrow_exception(film->failure);
      films.push_back(std::move(*film));
    }
    return films;
  }
};

/// The batches that a run makes of these films.
std::vector<at::Tensor> batches_of(const std::vector<DecodedCase>& films, std::size_t batch) {
  std::vector<at::Tensor> batches;
  for (std::size_t first = 0; first < films.size(); first += batch) {
    std::vector<at::Tensor> some;
    for (std::size_t i = first; i < first + batch; ++i) {
      some.push_back(to_tensor(films[std::min(i, films.size() - 1)].prepared.input));
    }
    batches.push_back(at::stack(some));
  }
  return batches;
}

struct Rates {
  std::array<std::vector<double>, 3> per_second;  ///< decode only, forward only, whole run
  double decode() const { return median(per_second[0]); }
  double forward() const { return median(per_second[1]); }
  double whole() const { return median(per_second[2]); }
  double ratio() const { return whole() / std::min(decode(), forward()); }
};

Rates time_rounds(const Pipeline& pipeline, const std::vector<Case>& cases, int rounds, Quiet quiet) {
  const std::vector<at::Tensor> batches = batches_of(pipeline.decode(cases), pipeline.network.explainer->batch());
  const std::array<std::function<double()>, 3> seconds_of{
      [&] { return milliseconds([&] { pipeline.decode(cases); }) / 1000; },
      [&] {
        return milliseconds([&] {
                 for (const at::Tensor& batch : batches) to_array(pipeline.network.model->scores(batch));
               }) / 1000;
      },
      [&] { return pipeline.run(cases, Quiet::kYes).outcome.seconds; }};
  Rates rates;
  Progress progress("rounds", static_cast<std::size_t>(rounds) + 1, quiet);
  for (int round = -1; round < rounds; ++round) {  // one to warm up
    for (std::size_t i = 0; i < seconds_of.size(); ++i) {
      const std::size_t which = (i + static_cast<std::size_t>(round + 1)) % seconds_of.size();
      const double seconds = seconds_of[which]();
      if (round >= 0) rates.per_second[which].push_back(static_cast<double>(cases.size()) / seconds);
    }
    progress.update(static_cast<std::size_t>(round + 2));
  }
  return rates;
}

/// Largest relative change after the first tenth. @param tenths  0 where a batch went past a whole tenth
double memory_change(const std::vector<double>& tenths) {
  double low = HUGE_VAL, high = 0;
  for (std::size_t i = 1; i < tenths.size(); ++i) {
    if (tenths[i] <= 0) continue;
    low = std::min(low, tenths[i]);
    high = std::max(high, tenths[i]);
  }
  return high > 0 ? high / low - 1 : 0;
}

ordered_json stages_json(const StageTimes& stages) {
  const double shorter = std::min(stages.decode, stages.network);
  return {{"decode_s", stages.decode},
          {"network_s", stages.network},
          {"store_s", stages.store},
          {"overlap_s", stages.overlap},
          {"overlap_share", shorter > 0 ? stages.overlap / shorter : 0}};
}

ordered_json rate_json(const std::vector<double>& values, double middle) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {{"median_per_second", middle}, {"min_per_second", *low}, {"max_per_second", *high}};
}

void print_summary(const ordered_json& s) {
  fmt::print("{} films of {} x {} pixels, {} of them compressed; {} at {}, prefix {}, batch {}, {}\n",
             s["cases"].get<std::size_t>(), s["rows"].get<int>(), s["cols"].get<int>(), s["compressed"].get<std::size_t>(),
             s["model"].get<std::string>(), s["layer"].get<std::string>(), s["prefix"].get<std::string>(),
             s["batch"].get<std::size_t>(), s["device"].get<std::string>());
  fmt::print("{} threads decode, {} in the network; medians of {} rounds of {} films\n", s["decode_workers"].get<std::size_t>(),
             s["threads"].get<int>(), s["rounds"].get<int>(), s["round_cases"].get<std::size_t>());
  for (const char* name : {"decode", "forward", "whole"}) {
    const ordered_json& row = s[name];
    fmt::print("  {:8} {:8.1f} films/s ({:.1f} to {:.1f})\n", name, row["median_per_second"].get<double>(),
               row["min_per_second"].get<double>(), row["max_per_second"].get<double>());
  }
  fmt::print("  whole run over the slower of the two: {:.2f} (goal {:.2f})\n", s["ratio"].get<double>(), kGoal);
  fmt::print("compressed films: {:.0f} % of the shorter of decoding and network ran beside the other\n",
             100 * s["compressed_overlap"]["overlap_share"].get<double>());
  const ordered_json& run = s["run"];
  fmt::print("one run of {}: {:.1f} s, {:.1f} films/s; decoding {:.1f} s, network {:.1f} s, store {:.1f} s\n",
             s["cases"].get<std::size_t>(), run["seconds"].get<double>(), run["cases_per_second"].get<double>(),
             run["stages"]["decode_s"].get<double>(), run["stages"]["network_s"].get<double>(),
             run["stages"]["store_s"].get<double>());
  fmt::print("  resident MB by tenths: {:.1f}; after the first within {:.1f} % (goal {:.0f} %)\n",
             fmt::join(run["resident_mb"].get<std::vector<double>>(), " "), 100 * run["resident_change"].get<double>(),
             100 * kFlat);
  fmt::print("  store {:.0f} bytes a film; canonical digest {}\n", run["store_bytes_per_case"].get<double>(),
             run["canonical_digest"].get<std::string>());
}

}  // namespace

int run_bench_pipeline(const CommandLine& line) {
  const BenchPipelineOptions& o = line.bench_pipeline;
  prepare_engine(line.common, Mode::kFast);
  ModelCard card = read_card(o.model.empty() ? samples::models_folder() / "honest.toml" : o.model);
  if (o.enlarge > 1) card.resize = Resize::kArea;  // back to the network's size
  const TemporaryFolder folder;
  const auto n = static_cast<std::size_t>(o.cases);
  const BenchFilms films = make_bench_films(folder.path(), n, o.enlarge, line.common.seed, line.common.progress());

  NetworkRequest request{.layer = chosen_layer(card, {}, "grad_cam"), .batch = o.batch, .precision = o.precision,
                         .common = line.common};
  FittedNetwork network = load_network(card, request);
  const ExplanationManifest manifest = manifest_of(card, request, network);
  const Pipeline pipeline{card, std::move(network), manifest, decode_workers(line.common), folder.path()};

  const std::vector<Case> some(films.all.begin(), films.all.begin() + static_cast<std::ptrdiff_t>(std::min(n, kInRound)));
  const std::vector<Case> squeezed(
      films.compressed.begin(),
      films.compressed.begin() + static_cast<std::ptrdiff_t>(std::min(films.compressed.size(), kInRound)));
  const Rates rates = time_rounds(pipeline, some, o.rounds, line.common.progress());
  const Pipeline::Ran compressed = pipeline.run(squeezed, Quiet::kYes);
  const Pipeline::Ran whole = pipeline.run(films.all, line.common.progress());
  const double change = memory_change(whole.outcome.resident_mb);
  const Blas blas = find_blas();
  const ordered_json summary{
      {"what", "pipeline"},
      {"cases", n},
      {"compressed", films.compressed.size()},
      {"rows", samples::kSize * o.enlarge},
      {"cols", samples::kSize * o.enlarge},
      {"model", card.name},
      {"layer", manifest.layer},
      {"mode", manifest.mode},
      {"prefix", manifest.prefix_variant},
      {"prefix_deviation", pipeline.network.prefix_deviation},
      {"device", manifest.device},
      {"batch", pipeline.network.explainer->batch()},
      {"decode_workers", pipeline.workers},
      {"threads", thread_count()},
      {"rounds", o.rounds},
      {"round_cases", some.size()},
      {"decode", rate_json(rates.per_second[0], rates.decode())},
      {"forward", rate_json(rates.per_second[1], rates.forward())},
      {"whole", rate_json(rates.per_second[2], rates.whole())},
      {"ratio", rates.ratio()},
      {"goal", kGoal},
      {"within_goal", rates.ratio() >= kGoal},
      {"compressed_overlap", stages_json(compressed.outcome.stages)},
      {"run",
       {{"seconds", whole.outcome.seconds},
        {"cases_per_second", static_cast<double>(n) / whole.outcome.seconds},
        {"stages", stages_json(whole.outcome.stages)},
        {"resident_mb", whole.outcome.resident_mb},
        {"resident_change", change},
        {"is_flat", change <= kFlat},
        {"store_bytes_per_case", static_cast<double>(whole.bytes) / static_cast<double>(n)},
        {"canonical_digest", whole.canonical_digest}}},
      {"torch", torch_version()},
      {"blas", blas.library},
      {"peak_mb", peak_memory_mb()}};
  if (line.common.json) {
    print_json("rationale.bench", summary);
  } else {
    print_summary(summary);
  }
  return 0;
}

}  // namespace rationale::ui
