// The committed sample models, run by our own engine, do what data/samples/models/README.md says.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/samples/labels.h"
#include "data/samples/phantom.h"
#include "data/samples/place.h"
#include "explain/model/card.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

namespace {

// No training and no choice of a model used these seeds.
constexpr std::uint64_t kTestSeed = 424242;
constexpr std::uint64_t kToggleSeed = 515151;
constexpr std::uint64_t kTestImages = 200;
constexpr std::uint64_t kToggleImages = 40;

class SampleModel {
 public:
  explicit SampleModel(const std::string& name)
      : card_(explain::read_card(models_folder() / (name + ".toml"))),
        split_(explain::load_split_model(card_.model_file, {.layer = card_.layers.at(0),
                                                            .call = {},
                                                            .output = {},
                                                            .input_shape = {1, 1, kSize, kSize},
                                                            .prefix_variant = {}})) {}

  const explain::ModelCard& card() const { return card_; }
  const explain::SplitModel& split() const { return *split_; }

  std::vector<double> logits(const std::vector<Findings>& findings, std::uint64_t seed) const {
    std::vector<double> result;
    constexpr std::size_t kBatch = 25;
    for (std::size_t first = 0; first < findings.size(); first += kBatch) {
      const std::size_t n = std::min(kBatch, findings.size() - first);
      FloatArray x{{static_cast<std::int64_t>(n), 1, kSize, kSize}, {}};
      for (std::size_t i = first; i < first + n; ++i) {
        const FloatArray one = network_input(stored_values(render(seed, i, findings[i]).image));
        x.values.insert(x.values.end(), one.values.begin(), one.values.end());
      }
      const auto run = split_->run(explain::to_tensor(x));
      const FloatArray y = explain::to_array(split_->logits(*run));
      result.insert(result.end(), y.values.begin(), y.values.end());
    }
    return result;
  }

  /// Mean logit change when the finding is added and all else of an image stays as it is.
  double toggle(Finding finding) const {
    std::vector<Findings> with, without;
    for (std::uint64_t i = 0; i < kToggleImages; ++i) {
      Findings drawn = draw_labels(SampleSet::kTest, kToggleSeed, i).findings;
      drawn[finding] = true;
      with.push_back(drawn);
      drawn[finding] = false;
      without.push_back(drawn);
    }
    const std::vector<double> a = logits(with, kToggleSeed);
    const std::vector<double> b = logits(without, kToggleSeed);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] - b[i];
    return sum / static_cast<double>(a.size());
  }

  /// Area under the ROC curve of one set, for the target of the card's class.
  double auc(SampleSet set) const {
    std::vector<Findings> findings;
    std::vector<bool> truth;
    for (std::uint64_t i = 0; i < kTestImages; ++i) {
      const Labels labels = draw_labels(set, kTestSeed, i);
      findings.push_back(labels.findings);
      truth.push_back(card_.classes.at(0) == "pneumonia" ? labels.target_pneumonia
                                                         : labels.target_consolidation);
    }
    const std::vector<double> score = logits(findings, kTestSeed);
    double above = 0, pairs = 0;
    for (std::size_t i = 0; i < score.size(); ++i) {
      for (std::size_t j = 0; j < score.size(); ++j) {
        if (!truth[i] || truth[j]) continue;
        above += score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0;
        pairs += 1;
      }
    }
    return above / pairs;
  }

 private:
  explain::ModelCard card_;
  std::unique_ptr<explain::SplitModel> split_;
};

}  // namespace

TEST_CASE("every sample model is small, splits at its card's layers and has a closed-form head",
          "[samples][models]") {
  const std::string name = GENERATE("honest", "shortcut-shoulder", "shortcut-portable", "rule");
  const SampleModel model(name);
  CHECK(model.card().name == name);
  CHECK(std::filesystem::file_size(model.card().model_file) < 200'000);
  CHECK(model.split().facts().layer == "block4");
  CHECK(model.split().facts().has_closed_form_head);
  const auto run = model.split().run(at::zeros({2, 1, kSize, kSize}));
  CHECK(model.split().activation(*run).sizes() == at::IntArrayRef({2, 32, 12, 12}));
}

TEST_CASE("the honest model uses consolidation and no confounder", "[samples][models]") {
  const SampleModel model("honest");
  CHECK(model.toggle(kConsolidation) > 4);
  CHECK(std::abs(model.toggle(kShoulder)) < 0.5);
  CHECK(std::abs(model.toggle(kPortable)) < 0.5);
  CHECK(std::abs(model.toggle(kMarker)) < 0.5);
  CHECK(model.auc(SampleSet::kReversedShoulder) > 0.97);
}

TEST_CASE("the shortcut models use their confounder, which only a reversed set can tell",
          "[samples][models]") {
  struct Row {
    std::string name;
    Finding confounder, other;
    SampleSet aligned, reversed;
  };
  const auto row = GENERATE(Row{"shortcut-shoulder", kShoulder, kPortable,
                                SampleSet::kAlignedShoulder, SampleSet::kReversedShoulder},
                            Row{"shortcut-portable", kPortable, kShoulder,
                                SampleSet::kAlignedPortable, SampleSet::kReversedPortable});
  const SampleModel model(row.name);
  CHECK(model.toggle(row.confounder) > 2);
  CHECK(std::abs(model.toggle(row.other)) < 0.5);
  CHECK(model.toggle(kConsolidation) > 2);
  CHECK(model.auc(row.aligned) > 0.99);
  CHECK(model.auc(row.reversed) < 0.88);
}

TEST_CASE("the rule model uses its three findings with their signs", "[samples][models]") {
  const SampleModel model("rule");
  const double consolidation = model.toggle(kConsolidation);
  const double effusion = model.toggle(kEffusion);
  CHECK(consolidation > 1);
  CHECK(effusion > consolidation);
  CHECK(model.toggle(kCardiomegaly) < -1);
  CHECK(std::abs(model.toggle(kShoulder)) < 0.5);
  CHECK(std::abs(model.toggle(kPortable)) < 0.5);
  // The best possible score reaches 0.90; 200 images have a standard error of 0.025.
  CHECK(model.auc(SampleSet::kTest) > 0.80);
}
