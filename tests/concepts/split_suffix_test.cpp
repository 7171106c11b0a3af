// The suffix of a split network as a function of feature rows.
#include "concepts/attribution/split_suffix.h"

#include <Eigen/Core>
#include <string>

#include "explain/model/card.h"
#include "explain/model/split_model.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using concepts::Features;
using concepts::SplitSuffix;

namespace {

struct Split {
  std::unique_ptr<explain::SplitModel> model;
  std::shared_ptr<explain::SplitRun> run;
};

/// The honest sample model on two ramps, cut at `layer`.
Split split_at(const std::string& layer) {
  const auto card = explain::read_card(test::in_tests("../data/samples/models/honest.toml"));
  explain::SplitOptions options;
  options.layer = layer;
  options.input_shape = {1, 1, 96, 96};
  Split split{explain::load_split_model(card.model_file, options), nullptr};
  split.run = split.model->run(torch::linspace(-1.5, 2, 2 * 96 * 96).reshape({2, 1, 96, 96}));
  return split;
}

}  // namespace

TEST_CASE("a sample's own features give its own logit", "[concepts][suffix]") {
  const std::string layer = GENERATE(as<std::string>{}, "block4", "block2");
  const auto features = GENERATE(Features::kPooled, Features::kFlat);
  const Split split = split_at(layer);
  const SplitSuffix suffix(*split.model, *split.run, features);
  REQUIRE(suffix.n_samples() == 2);
  CHECK((suffix.value(suffix.own()) - suffix.logits()).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("a pooled change moves every position alike", "[concepts][suffix]") {
  const std::string layer = GENERATE(as<std::string>{}, "block4", "block2");
  const Split split = split_at(layer);
  const SplitSuffix suffix(*split.model, *split.run, Features::kPooled);
  Eigen::MatrixXd rows(4, suffix.n_features());  // two rows a sample
  rows << suffix.own().row(0), suffix.own().row(0), suffix.own().row(1), suffix.own().row(1);
  rows.row(1).array() -= 0.7;
  rows.row(2).array() += 0.3;
  const Eigen::MatrixXd values = suffix.value(rows);

  const at::Tensor& maps = split.model->activation(*split.run);
  at::Tensor moved = maps.repeat_interleave(2, 0);
  moved[1] -= 0.7;
  moved[2] += 0.3;
  const at::Tensor expected = split.model->suffix(*split.run, moved);
  for (Eigen::Index i = 0; i < 4; ++i) {
    CHECK(values(i, 0) == Approx(expected[i][0].item<double>()).margin(2e-5));
  }
}

TEST_CASE("the gradient is that of the values", "[concepts][suffix]") {
  const std::string layer = GENERATE(as<std::string>{}, "block4", "block2");
  const Split split = split_at(layer);
  const SplitSuffix suffix(*split.model, *split.run, Features::kPooled);
  const Eigen::MatrixXd gradient = suffix.gradient(suffix.own(), 0);
  // A directional difference quotient; float32 suffix: 1e-2 of the slope.
  Eigen::RowVectorXd direction(suffix.n_features());
  for (Eigen::Index d = 0; d < direction.size(); ++d) direction(d) = d % 3 == 0 ? -1 : 0.5;
  const double step = 2e-3;
  const Eigen::MatrixXd up = suffix.value(suffix.own().rowwise() + step * direction);
  const Eigen::MatrixXd down = suffix.value(suffix.own().rowwise() - step * direction);
  for (Eigen::Index i = 0; i < 2; ++i) {
    const double slope = gradient.row(i).dot(direction);
    CHECK((up(i, 0) - down(i, 0)) / (2 * step) ==
          Approx(slope).epsilon(0.03).margin(2e-3 * gradient.row(i).norm() * direction.norm()));
  }
}
