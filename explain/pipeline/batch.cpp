#include "explain/pipeline/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/base/error.h"
#include "explain/methods/input_grid.h"
#include "explain/model/tensor_array.h"
#include "explain/pipeline/fit_memory.h"
#include "explain/torch.h"

namespace rationale::explain {

BatchExplainer::BatchExplainer(const SplitModel& model, std::string method, std::size_t n_classes,
                               std::vector<std::int64_t> input_shape, int batch,
                               ConceptResults concepts, std::optional<TokenGrid> grid,
                               ReceptiveField field, std::vector<double> references, std::uint64_t seed)
    : model_(model),
      method_(std::move(method)),
      n_classes_(n_classes),
      input_shape_(std::move(input_shape)),
      batch_(static_cast<std::size_t>(std::max(batch, 1))),
      concepts_(std::move(concepts)),
      grid_(grid),
      field_(std::move(field)),
      references_(std::move(references)),
      seed_(seed) {
  if (const Method& chosen = find_method(method_); !chosen.needs_class) {
    throw Error(Error::Kind::kRefused,
                "the method " + method_ + " gives no map of a class" +
                    (chosen.caution.empty() ? "" : ": it is " + chosen.caution),
                "--method", "use grad_cam or hires_cam")
        .with_code("no_maps");
  }
  if (find_method(method_).level == Level::kInput) cells_ = cells_of_input({input_shape_.begin() + 1, input_shape_.end()});
  FloatArray ramp{input_shape_, {}};
  const std::int64_t n = element_count(input_shape_);
  for (std::int64_t i = 0; i < n; ++i) {
    ramp.values.push_back(static_cast<float>(i) / static_cast<float>(n));
  }
  try {
    explain({&ramp});
    const auto run = model_.run(stack({&ramp}));
    if (model_.activation(*run).dim() > 3) grid_.reset();
    check_places_reach(model_, *run, grid_);
  } catch (const Error& error) {
    if (error.code != "not_finite") throw;  // of this input alone: cases answer for themselves
  }
  n_explained_ = 0;  // the ramp is no film
}

std::vector<FilmResult> BatchExplainer::explain(const std::vector<const FloatArray*>& inputs) {
  std::vector<FilmResult> results;
  for (std::size_t first = 0; first < inputs.size();) {
    const std::size_t last = std::min(first + batch_, inputs.size());
    const std::vector<const FloatArray*> some(inputs.begin() + static_cast<std::ptrdiff_t>(first),
                                              inputs.begin() + static_cast<std::ptrdiff_t>(last));
    try {
      for (FilmResult& result : pass(some)) results.push_back(std::move(result));
      n_explained_ += last - first;
      first = last;
    } catch (const std::exception& error) {
      if (!is_out_of_memory(error)) throw;
      if (batch_ == 1) {
        throw Error(Error::Kind::kEnvironment, "the memory does not hold one film of this model", {},
                    "use a machine with more memory, or --device cpu")
            .with_code("out_of_memory");
      }
      batch_ = (batch_ + 1) / 2;
      memory_steps_.push_back({n_explained_, batch_, device_});
    }
  }
  return results;
}

/// The batch in one piece, filled up with its last film; on a GPU, by way of memory that it reads itself.
at::Tensor BatchExplainer::stack(const std::vector<const FloatArray*>& inputs) const {
  std::vector<std::int64_t> shape = input_shape_;
  shape.insert(shape.begin(), static_cast<std::int64_t>(batch_));
  at::Tensor stacked = at::empty(shape, at::TensorOptions(at::kFloat).pinned_memory(device_ == "cuda"));
  float* to = stacked.data_ptr<float>();
  for (std::size_t i = 0; i < batch_; ++i) {
    const FloatArray& input = *inputs[std::min(i, inputs.size() - 1)];
    if (input.shape != input_shape_) {
      throw Error(Error::Kind::kInternal, "a prepared input does not have the card's shape");
    }
    to = std::copy(input.values.begin(), input.values.end(), to);
  }
  if (device_ != "cuda") return stacked;
  return stacked.to(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device_index_)), /*non_blocking=*/true);
}

std::vector<FilmResult> BatchExplainer::pass(const std::vector<const FloatArray*>& inputs) {
  const std::shared_ptr<SplitRun> run = model_.run(stack(inputs));
  const at::Tensor& output = model_.logits(*run);
  device_ = output.is_cuda() ? "cuda" : "cpu";
  device_index_ = static_cast<int>(output.device().index());
  const FloatArray logits = to_array(output);
  if (logits.shape != Shape{static_cast<std::int64_t>(batch_), static_cast<std::int64_t>(n_classes_)}) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model returns [{}] for {} films, the card names {} classes",
                            fmt::join(logits.shape, ", "), batch_, n_classes_),
                "[output] classes", "name each class of the output once, in its order")
        .with_code("class_count");
  }
  MapRequest request;
  request.method = method_;
  request.settings.seed = seed_;
  request.grid = grid_;
  for (std::size_t k = 0; k < n_classes_; ++k) {
    request.targets.push_back({.class_index = static_cast<std::int64_t>(k)});
    if (!references_.empty()) request.targets.back().reference = references_[k];
  }
  FloatArray maps = compute_maps(model_, *run, request);
  if (!cells_.empty()) {
    const Channels channels = find_method(method_).channels;
    maps = on_cells(folded(maps, channels, static_cast<int>(cells_.size())), channels, cells_);
  }
  const bool is_volume = input_shape_.size() == 4;
  const std::size_t rank = (n_classes_ == 1 ? 3 : 4) + (is_volume ? 1 : 0);
  if (maps.shape.size() != rank) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the method {} gives [{}] at this layer, not one map a class", method_,
                            fmt::join(maps.shape, ", ")),
                model_.facts().layer, "use grad_cam or hires_cam at a layer with rows and columns")
        .with_code("no_maps");
  }
  const std::int64_t map_slices = is_volume ? maps.shape[rank - 3] : 1;
  const std::int64_t rows = map_slices * maps.shape[rank - 2], cols = maps.shape[rank - 1];
  std::vector<std::vector<std::string>> concepts;
  if (concepts_) concepts = concepts_(model_, *run);

  std::vector<FilmResult> results(inputs.size());
  if (is_volume) look_at_slices(*run, maps, request.targets, results);
  const auto size = static_cast<std::ptrdiff_t>(rows * cols);
  auto map = maps.values.begin();
  auto logit = logits.values.begin();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    FilmResult& result = results[i];
    result.logits.assign(logit, logit + static_cast<std::ptrdiff_t>(n_classes_));
    logit += static_cast<std::ptrdiff_t>(n_classes_);
    for (const float value : result.logits) {
      if (!std::isfinite(value)) {
        throw Error(Error::Kind::kInput, "the model returned a logit that is not finite", {},
                    "check the input's range with `rationale doctor`")
            .with_code("not_finite");
      }
    }
    for (std::size_t k = 0; k < n_classes_; ++k, map += size) {
      result.maps.push_back({static_cast<int>(rows), static_cast<int>(cols), {map, map + size}});
    }
    if (is_volume) result.map_slices = static_cast<int>(map_slices);
    if (concepts_) result.concepts = std::move(concepts.at(i));
  }
  return results;
}

void BatchExplainer::look_at_slices(const SplitRun& run, const FloatArray& maps, const std::vector<Target>& targets,
                                    std::vector<FilmResult>& results) const {
  const at::Tensor input = model_.input(run).narrow(0, 0, static_cast<std::int64_t>(results.size()));
  auto evidence = slice_evidence(model_, input, maps, targets, field_);
  for (std::size_t i = 0; i < results.size(); ++i) results[i].slices = std::move(evidence[i]);
}

bool means_cuda(const std::string& device) {
  return device.rfind("cuda", 0) == 0 || (device == "auto" && at::hasCUDA());
}

}  // namespace rationale::explain
