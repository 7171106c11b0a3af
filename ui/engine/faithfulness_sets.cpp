#include "ui/engine/faithfulness_sets.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "data/base/text.h"
#include "explain/quality/baselines.h"
#include "explain/quality/image_maps.h"

namespace rationale::ui {
namespace {

using Cells = std::pair<int, int>;

/// Rows and columns of a raw map; nothing for volumes.
std::optional<Cells> cells_of(const Shape& shape) {
  if (shape.size() != 2) return std::nullopt;
  return Cells(static_cast<int>(shape[0]), static_cast<int>(shape[1]));
}

class Sets {
 public:
  Sets(const FaithfulnessOptions& o, const explain::MapSource& source, const FloatArray& input,
       const std::vector<explain::Target>& targets, const ModelArgument& model)
      : o_(o), source_(source), input_(input), targets_(targets) {
    for (const std::string& name : split(o.method, ',')) methods_.emplace_back(trim(name));
    for (const std::string& name : split(o.target.layer, ',')) layers_.emplace_back(trim(name));
    std::erase(methods_, "");
    std::erase(layers_, "");
    for (const std::string& name : methods_) explain::find_map_method(name);
    if (layers_.empty()) layers_.push_back(model.layer({}));
  }

  std::vector<MapSet> run(std::uint64_t seed) {
    if (o_.maps.empty()) {
      compute();
    } else {
      read();
    }
    if (o_.baselines) add_baselines(seed);
    return std::move(sets_);
  }

 private:
  FloatArray image(const MapRow& row) const { return explain::image_of(input_, row.sample); }

  MapSet set_of(const std::string& method, const std::string& layer) const {
    MapSet set{method, layer, false, source_, nullptr, {}};
    set.source.split.layer = layer;
    if (!method.empty()) {
      set.maker = std::make_shared<explain::MapMaker>(set.source, std::vector<std::string>{method});
      const bool is_at_input = explain::find_map_method(method).level == explain::Level::kInput;
      set.layer = is_at_input ? std::string() : set.maker->facts().layer;
    }
    return set;
  }

  void read() {
    if (methods_.size() > 1 || layers_.size() > 1) {
      throw Error(Error::Kind::kUsage, "one file of maps, but several methods or layers", "--maps",
                  "name the one that made them, or leave --maps out to compute all");
    }
    MapSet set = set_of(methods_.empty() ? std::string() : methods_.front(), layers_.front());
    Shape native;
    set.rows = read_map_rows(o_.maps, input_, targets_, &native);
    if (const auto cells = cells_of(native)) cells_.insert(*cells);
    sets_.push_back(std::move(set));
  }

  void compute() {
    if (methods_.empty()) {
      throw Error(Error::Kind::kUsage, "which maps?", "--maps",
                  "give an array of maps, or --method with what shall be computed")
          .with_code("maps_needed");
    }
    const std::vector<MapRow> empty = rows_of_targets(input_, targets_);
    std::set<std::string> at_input;
    for (const std::string& layer : layers_) {
      for (const std::string& method : methods_) {
        const bool is_at_input = explain::find_map_method(method).level == explain::Level::kInput;
        if (is_at_input && !at_input.insert(method).second) continue;
        MapSet set = set_of(method, layer);
        set.rows = empty;
        for (MapRow& row : set.rows) {
          const FloatArray raw = set.maker->maps(image(row), row.target).front();
          row.map = explain::positive_map(raw, image(row), explain::find_method(method).zero);
          if (const auto cells = cells_of(raw.shape)) cells_.insert(*cells);
        }
        sets_.push_back(std::move(set));
      }
    }
  }

  void add_baselines(std::uint64_t seed) {
    if (input_.shape.size() != 4) {
      throw Error(Error::Kind::kRefused, "baselines are planes, the input is a volume", "--baselines",
                  "leave it out");
    }
    const int rows = static_cast<int>(input_.shape[2]), cols = static_cast<int>(input_.shape[3]);
    const std::vector<MapRow> shown = sets_.front().rows;
    const auto add = [&](const std::string& name, const auto& make) {
      MapSet set{name, {}, true, {}, nullptr, shown};
      for (MapRow& row : set.rows) {
        Plane plane = make(row);
        row.map.values = std::move(plane.values);
      }
      sets_.push_back(std::move(set));
    };
    add("centre", [&](const MapRow&) { return explain::centre_map({1, 1, rows, cols}); });
    for (const auto& [cell_rows, cell_cols] : cells_) {
      const explain::MapGrid grid{cell_rows, cell_cols, rows, cols};
      const std::string size = fmt::format("_{}x{}", cell_rows, cell_cols);
      add("edges" + size, [&](const MapRow& row) { return explain::edge_map(image(row), grid); });
      add("random" + size, [&](const MapRow& row) { return explain::random_map(grid, seed, row.sample); });
    }
  }

  const FaithfulnessOptions& o_;
  const explain::MapSource& source_;
  const FloatArray& input_;
  const std::vector<explain::Target>& targets_;
  std::vector<std::string> methods_, layers_;
  std::vector<MapSet> sets_;
  std::set<Cells> cells_;  ///< native resolutions met
};

}  // namespace

std::vector<MapSet> read_map_sets(const FaithfulnessOptions& options, const explain::MapSource& source,
                                  const FloatArray& input, const std::vector<explain::Target>& targets,
                                  const ModelArgument& model, std::uint64_t seed) {
  return Sets(options, source, input, targets, model).run(seed);
}

}  // namespace rationale::ui
