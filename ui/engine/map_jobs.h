// One map after another in one process, with the models that were cut already kept ready.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/base/progress.h"
#include "data/image/receptive_field.h"
#include "explain/methods/maps.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {

/// What `rationale heatmap` asks for, once; the names are those of its options.
struct MapJob {
  std::filesystem::path model, tensor, npy;
  TargetOptions target;
  std::string method;  ///< empty: the card's, else the engine's choice
  MethodOptions numbers;
  std::string display;
  std::optional<std::int64_t> sample;  ///< only this image of the batch
  bool checks_occlusion = false;       ///< pictures: whether covering what the map names lowers the target
  bool checks_slices = false;          ///< volumes: cover slices to see whether they carry their evidence
};

/// From one line of a jobs file; what it does not say is as in `job`.
/// @throws Error (kInput) naming an unknown key or a wrong type
MapJob parse_job(MapJob job, const std::string& line, const std::string& where);

/// @throws Error (kUsage) if the steps are neither a number nor auto
explain::MapSettings map_settings(const MethodOptions& options);

/// {"completeness_gap": [[…]], …}: one number, a list by image, or by image and class.
nlohmann::ordered_json facts_json(const std::vector<explain::MapFact>& facts);

class MapEngine {
 public:
  MapEngine(std::string device, explain::Mode mode, Quiet quiet)
      : device_(std::move(device)), mode_(mode), quiet_(quiet) {}

  /// Computes and writes the job's array. @return the facts that are printed
  nlohmann::ordered_json run(const MapJob& job);

 private:
  struct Kept {
    std::unique_ptr<explain::SplitModel> split;
    std::shared_ptr<explain::SplitRun> last_run;
    std::string last_input;
    std::size_t last_use = 0;
    explain::SplitOptions options;        ///< as it was cut
    std::optional<ReceptiveField> field;  ///< measured when it is first asked for
  };
  const ModelArgument& model(const std::filesystem::path& path);
  const GivenInput& input(const std::filesystem::path& path, const ModelArgument& model);
  nlohmann::ordered_json slices(Kept& kept, const MapJob& job, const explain::MapRequest& request, const FloatArray& x,
                                const FloatArray& maps, const std::filesystem::path& file, int series_slices);
  nlohmann::ordered_json occlusion(const Kept& kept, const explain::MapRequest& request, const FloatArray& x,
                                   const FloatArray& maps) const;
  Kept& split(const MapJob& job, const ModelArgument& model, const Shape& input_shape);

  std::string device_;
  explain::Mode mode_;
  Quiet quiet_;
  std::map<std::string, ModelArgument> models_;
  std::map<std::string, Kept> splits_;
  std::string input_path_;
  GivenInput input_;
  std::size_t clock_ = 0;
};

}  // namespace rationale::ui
