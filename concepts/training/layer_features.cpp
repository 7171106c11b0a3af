#include "concepts/training/layer_features.h"

#include <algorithm>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "concepts/attribution/path.h"
#include "concepts/attribution/split_suffix.h"
#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "explain/model/split_model.h"
#include "explain/torch.h"

namespace rationale::concepts {
namespace {

constexpr int kMidpoints = 8;

at::Tensor stack(const std::vector<explain::DecodedCase>& batch) {
  std::vector<at::Tensor> inputs;
  for (const explain::DecodedCase& one : batch) {
    const FloatArray& input = one.prepared.input;
    inputs.push_back(torch::from_blob(const_cast<float*>(input.values.data()), input.shape,
                                      torch::kFloat32));
  }
  return torch::stack(inputs);  // copies
}

}  // namespace

struct LayerReader::State {
  const explain::ModelCard& card;
  Features features;
  Options options;
  std::vector<std::unique_ptr<explain::SplitModel>> models;

  /// Calls `visit(indices, batch)` for full batches in the order of the list, then the rest.
  void for_each_batch(
      const std::vector<Case>& cases, const char* what,
      const std::function<void(const std::vector<std::size_t>&,
                               const std::vector<explain::DecodedCase>&)>& visit,
      const std::function<void(std::size_t, std::exception_ptr)>& fail) const {
    const std::map<std::string, std::string> none;
    explain::Decoder decoder(cases, none, card, options.load, options.n_workers);
    Progress progress(what, cases.size(), options.quiet);
    std::vector<std::size_t> indices;
    std::vector<explain::DecodedCase> batch;
    for (std::size_t i = 0; auto decoded = decoder.next(); ++i) {
      check_interrupt();
      if (decoded->failure) {
        fail(i, decoded->failure);
      } else {
        indices.push_back(i);
        batch.push_back(std::move(*decoded));
      }
      if (static_cast<int>(batch.size()) == options.batch) {
        visit(indices, batch);
        indices.clear();
        batch.clear();
      }
      progress.update(i + 1);
    }
    if (!batch.empty()) visit(indices, batch);
  }
};

LayerReader::LayerReader(const explain::ModelCard& card, const std::vector<std::string>& layers,
                         Features features, Options options)
    : state_(std::make_unique<State>(State{card, features, std::move(options), {}})) {
  if (state_->options.n_workers == 0) {
    state_->options.n_workers = std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 8);
  }
  for (const std::string& layer : layers) {
    explain::SplitOptions split;
    split.layer = layer;
    split.output = card.output_select;
    split.input_shape = card.input_shape;
    split.input_shape.insert(split.input_shape.begin(), 1);
    split.mode = state_->options.is_fast ? explain::Mode::kFast : explain::Mode::kReproducible;
    split.device = state_->options.device;
    state_->models.push_back(explain::load_split_model(card.model_file, split));
  }
}

LayerReader::~LayerReader() = default;

ReadCases LayerReader::read(const std::vector<Case>& cases) const {
  ReadCases result;
  result.layers.resize(state_->models.size());
  std::vector<std::vector<Eigen::MatrixXd>> parts(state_->models.size());
  std::vector<at::Tensor> sums(state_->models.size());
  state_->for_each_batch(
      cases, "films",
      [&](const std::vector<std::size_t>& indices, const std::vector<explain::DecodedCase>& batch) {
        const at::NoGradGuard no_graph;
        const at::Tensor input = stack(batch);
        for (std::size_t l = 0; l < state_->models.size(); ++l) {
          const explain::SplitModel& model = *state_->models[l];
          const auto run = model.run(input);
          const SplitSuffix suffix(model, *run, state_->features);
          parts[l].push_back(suffix.own());
          result.layers[l].activation_shape = suffix.activation_shape();
          const at::Tensor sum =
              model.activation(*run).to(torch::kCPU, torch::kFloat64).sum(0);
          sums[l] = sums[l].defined() ? sums[l] + sum : sum;
        }
        for (std::size_t i = 0; i < indices.size(); ++i) {
          result.cases.push_back(indices[i]);
          result.pixel_sha256.push_back(batch[i].pixel_sha256);
        }
      },
      [&](std::size_t i, const std::exception_ptr& failure) {
        try {
          std::rethrow_exception(failure);
        } catch (const Error& error) {
          result.failed.push_back(
              {cases[i].name, error.code.empty() ? kind_name(error.kind) : error.code, error.what()});
        }
      });
  if (result.cases.empty()) {
    throw Error(Error::Kind::kInput, "none of the films can be read",
                result.failed.empty() ? "" : result.failed.front().name,
                result.failed.empty() ? "give cases" : result.failed.front().reason);
  }
  for (std::size_t l = 0; l < parts.size(); ++l) {
    LayerFeatures& layer = result.layers[l];
    layer.features.resize(static_cast<Eigen::Index>(result.cases.size()), parts[l][0].cols());
    Eigen::Index row = 0;
    for (Eigen::MatrixXd& part : parts[l]) {
      layer.features.middleRows(row, part.rows()) = part;
      row += part.rows();
      part.resize(0, 0);
    }
    const at::Tensor mean =
        (sums[l] / static_cast<double>(result.cases.size())).to(torch::kFloat32).contiguous();
    layer.mean_activation.assign(mean.data_ptr<float>(), mean.data_ptr<float>() + mean.numel());
  }
  return result;
}

std::vector<Eigen::MatrixXd> LayerReader::mean_gradients(
    const std::vector<Case>& cases, const std::vector<Eigen::RowVectorXd>& baselines,
    const std::vector<int>& classes) const {
  std::vector<Eigen::MatrixXd> sums;
  for (const Eigen::RowVectorXd& baseline : baselines) {
    sums.emplace_back(
        Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(classes.size()), baseline.size()));
  }
  double n = 0;
  state_->for_each_batch(
      cases, "reference films",
      [&](const std::vector<std::size_t>& indices, const std::vector<explain::DecodedCase>& batch) {
        n += static_cast<double>(indices.size());
        const at::Tensor input = stack(batch);
        for (std::size_t l = 0; l < state_->models.size(); ++l) {
          const explain::SplitModel& model = *state_->models[l];
          const auto run = model.run(input);
          const SplitSuffix suffix(model, *run, state_->features);
          for (std::size_t c = 0; c < classes.size(); ++c) {
            if (classes[c] >= suffix.n_outputs()) {
              throw Error(Error::Kind::kInput, "the card names more classes than the network returns",
                          state_->card.model_file.string(), "correct `classes` in model.toml");
            }
            sums[l].row(static_cast<Eigen::Index>(c)) +=
                path_gradients(suffix, suffix.own(), baselines[l], kMidpoints, classes[c])
                    .colwise()
                    .sum();
          }
        }
      },
      [](std::size_t, const std::exception_ptr& failure) { std::rethrow_exception(failure); });
  for (Eigen::MatrixXd& sum : sums) sum /= n;
  return sums;
}

}  // namespace rationale::concepts
