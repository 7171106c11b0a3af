// The committed 3-D model, run by our own engine, does what data/samples/models/README.md says.
#include "data/samples/ct.h"

#include <cmath>
#include <numeric>

#include "data/samples/place.h"
#include "data/volume/slice_energy.h"
#include "explain/methods/maps.h"
#include "explain/model/card.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

class CtModel {
 public:
  CtModel() : card_(explain::read_card(models_folder() / "nodule-ct.toml")) {
    explain::SplitOptions options;
    options.layer = card_.layers.at(0);
    options.input_shape = {1, 1, kCtSlices, kCtSide, kCtSide};
    split_ = explain::load_split_model(card_.model_file, options);
  }
  at::Tensor input(const CtPhantom& phantom) const {
    return explain::to_tensor(ct_network_input(phantom)).unsqueeze(0);
  }
  double logit(const CtPhantom& phantom) const { return split_->scores(input(phantom)).item<double>(); }
  std::vector<double> energy(const CtPhantom& phantom) const {
    const FloatArray map = explain::compute_maps(*split_, *split_->run(input(phantom)),
                                                 {.method = "grad_cam", .targets = {{.class_index = 0}}});
    return slice_energy(map.values, static_cast<int>(map.shape[1]), kCtSlices);
  }

 private:
  explain::ModelCard card_;
  std::unique_ptr<explain::SplitModel> split_;
};

// No training and no choice of a model used these seeds.
constexpr std::uint64_t kTestSeed = 424243, kToggleSeed = 515152;

}  // namespace

TEST_CASE("The CT model tells nodules from vessels", "[samples][volume]") {
  const CtModel model;
  std::vector<double> with, without;
  for (std::uint64_t i = 0; i < 80; ++i) {
    const CtPhantom phantom = ct_phantom(kTestSeed, i);
    (phantom.has_nodule ? with : without).push_back(model.logit(phantom));
  }
  double right = 0;
  for (const double a : with) {
    for (const double b : without) right += a > b ? 1 : a == b ? 0.5 : 0;
  }
  CHECK(right / static_cast<double>(with.size() * without.size()) > 0.95);
}

TEST_CASE("A nodule raises the CT model's logit, and its map's middle slice lies near it", "[samples][volume]") {
  const CtModel model;
  double change = 0, off = 0;
  constexpr int kPairs = 20;
  for (std::uint64_t i = 0; i < kPairs; ++i) {
    const CtPhantom with = ct_phantom(kToggleSeed, i, 1), without = ct_phantom(kToggleSeed, i, 0);
    CHECK(with.mask != without.mask);
    change += (model.logit(with) - model.logit(without)) / kPairs;
    const std::vector<double> energy = model.energy(with);
    double middle = 0;
    for (std::size_t z = 0; z < energy.size(); ++z) middle += static_cast<double>(z) * energy[z];
    off += std::abs(middle - with.nodule_centre[0]) / kPairs;
  }
  CHECK(change > 2);
  CHECK(off < 2.5);  // slices; the middle of the volume would be 4.1 off on average
}
