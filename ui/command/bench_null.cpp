// `rationale bench statistics --null`: how often each test finds an effect that is not there. Blocks of studies are
// kept in a file as they are finished; the same command goes on from it.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/progress.h"
#include "ui/command/bodies.h"
#include "ui/command/null_table.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBlock = 1000;  // studies between two lines of the store

const std::vector<int> kReaders{3, 5, 10, 20}, kCases{100, 180};
const std::vector<double> kRates{0.05, 0.10, 0.23};

using BlockKey = std::pair<std::size_t, int>;  // scenario, block
using Blocks = std::map<BlockKey, std::vector<study::CellRejections>>;

Json to_json(const study::Rejections& r) { return {{"rejected", r.rejected}, {"not_estimable", r.not_estimable}}; }

study::Rejections rejections(const Json& json) {
  study::Rejections result;
  result.rejected = json.at("rejected").get<std::vector<std::int64_t>>();
  result.not_estimable = json.at("not_estimable").get<std::vector<std::int64_t>>();
  return result;
}

/// The finished blocks, one a line behind a line that says what they are of.
class Store {
 public:
  /// @throws Error (kRefused) where the file is of another simulation
  Store(std::filesystem::path path, const Json& header) : path_(std::move(path)) {
    if (path_.empty()) return;
    std::string kept = header.dump() + '\n';
    if (std::filesystem::exists(path_)) {
      kept = read(header);
    }
    write_file(path_, kept);  // without a line that a kill cut short
    out_.open(path_, std::ios::app);
  }

  const Blocks& blocks() const { return blocks_; }

  void add(const BlockKey& key, const std::vector<study::CellRejections>& cells) {
    blocks_[key] = cells;
    if (path_.empty()) return;
    Json line{{"scenario", key.first}, {"block", key.second}, {"cells", Json::array()}};
    for (const auto& cell : cells) line["cells"].push_back({{"null", to_json(cell.null)}, {"effect", to_json(cell.effect)}});
    out_ << line.dump() << '\n' << std::flush;
    if (!out_) throw Error(Error::Kind::kEnvironment, "cannot write the finished blocks", path_.string(), "make room on the disk");
  }

 private:
  std::string read(const Json& header) {
    const std::string text = read_file(path_);
    std::string kept;
    for (std::size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      const std::string line = text.substr(start, end - start);
      const Json json = Json::parse(line, nullptr, false);
      if (kept.empty() ? json != header : !json.contains("block")) {
        throw Error(Error::Kind::kRefused, "this file holds another simulation", path_.string(),
                    "name another --store, or remove it");
      }
      if (!kept.empty()) {
        auto& cells = blocks_[{json.at("scenario").get<std::size_t>(), json.at("block").get<int>()}];
        cells.clear();
        for (const Json& cell : json.at("cells")) cells.push_back({rejections(cell.at("null")), rejections(cell.at("effect"))});
      }
      kept += line + '\n';
    }
    return kept.empty() ? header.dump() + '\n' : kept;
  }

  std::filesystem::path path_;
  std::ofstream out_;
  Blocks blocks_;
};

std::vector<std::string> test_names() {
  std::vector<std::string> names;
  for (const auto& test : study::simulated_tests()) names.push_back(test.name);
  return names;
}

}  // namespace

int run_bench_null(const CommandLine& line) {
  const BenchStatisticsOptions& o = line.bench_statistics;
  const int block = std::min(o.replicates, kBlock);
  if (o.replicates % block != 0) {
    throw Error(Error::Kind::kUsage, fmt::format("--replicates {} is not a multiple of {}", o.replicates, kBlock), {},
                fmt::format("take {}", o.replicates / kBlock * kBlock));
  }
  const int n_blocks = o.replicates / block;
  const auto& scenarios = study::null_scenarios();
  Store store(o.store, {{"schema", "rationale.null_simulation"}, {"version", 1}, {"seed", line.common.seed},
                        {"block", block}, {"readers", kReaders}, {"cases", kCases}, {"rates", kRates},
                        {"tests", test_names()}});
  std::vector<std::vector<study::SimulatedCell>> cells;
  for (const auto& scenario : scenarios) cells.push_back(study::simulated_cells(scenario, kReaders, kCases, kRates));

  Progress progress("blocks of simulated studies", scenarios.size() * static_cast<std::size_t>(n_blocks), line.common.progress());
  std::size_t done = 0;
  for (int b = 0; b < n_blocks; ++b) {
    for (std::size_t s = 0; s < scenarios.size(); ++s) {
      if (!store.blocks().contains({s, b})) {
        store.add({s, b}, study::simulate_rejections(scenarios[s], cells[s], line.common.seed,
                                                     static_cast<std::int64_t>(b) * block, block, line.common.threads));
      }
      progress.update(++done);
    }
  }
  NullTable table{o.replicates, line.common.seed, {}};
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    for (std::size_t c = 0; c < cells[s].size(); ++c) {
      NullRow row{scenarios[s], cells[s][c], {}};
      for (int b = 0; b < n_blocks; ++b) {
        const study::CellRejections& own = store.blocks().at({s, b}).at(c);
        row.rejections.null += own.null;
        row.rejections.effect += own.effect;
      }
      table.rows.push_back(std::move(row));
    }
  }
  if (!o.page.empty()) {
    write_file(o.page, null_page(table, fmt::format("rationale bench statistics --null --replicates {} --seed {} --page {}",
                                                    o.replicates, line.common.seed, o.page.filename().string())));
  }
  if (line.common.json) {
    print_json("rationale.bench.statistics", null_json(table));
  } else {
    fmt::print("{}", null_text(table));
  }
  return 0;
}

}  // namespace rationale::ui
