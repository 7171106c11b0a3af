// Several films in one pass: memory that runs out, a film that cannot be explained, cards that do not fit.
#include "explain/pipeline/batch.h"

#include <cmath>
#include <stdexcept>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/load.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "explain/torch.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// The sample model on a machine whose memory holds `most` films, refusing films of one value.
class Limited : public SplitModel {
 public:
  Limited(const SplitModel& model, std::int64_t most) : model_(model), most_(most) {}

  const Facts& facts() const override { return model_.facts(); }
  std::shared_ptr<SplitRun> run(const at::Tensor& input) const override {
    if (input.size(0) > most_) throw std::runtime_error("CUDA out of memory. Tried to allocate 2 GiB");
    for (std::int64_t i = 0; i < input.size(0); ++i) {
      if (input[i].min().item<float>() == input[i].max().item<float>()) {
        throw Error(Error::Kind::kInput, "a film of one value").with_code("one_value");
      }
    }
    return model_.run(input);
  }
  const at::Tensor& activation(const SplitRun& run) const override { return model_.activation(run); }
  const at::Tensor& logits(const SplitRun& run) const override { return model_.logits(run); }
  std::vector<at::Tensor> gradients(const SplitRun& run,
                                    const std::vector<Target>& targets) const override {
    return model_.gradients(run, targets);
  }
  at::Tensor suffix(const SplitRun& run, const at::Tensor& a) const override {
    return model_.suffix(run, a);
  }
  std::vector<at::Tensor> suffix_gradients(const SplitRun& run, const at::Tensor& a,
                                           const std::vector<Target>& targets) const override {
    return model_.suffix_gradients(run, a, targets);
  }
  at::Tensor scores(const at::Tensor& input) const override { return model_.scores(input); }
  const at::Tensor& input(const SplitRun& run) const override { return model_.input(run); }

 private:
  const SplitModel& model_;
  std::int64_t most_;
};

FloatArray film(float base) {
  FloatArray array{{1, 96, 96}, {}};
  for (int i = 0; i < 96 * 96; ++i) array.values.push_back(base + static_cast<float>(i % 97) / 97);
  return array;
}

}  // namespace

TEST_CASE("memory that runs out halves the batch until it fits", "[pipeline]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  const auto model = test::sample_model(card);
  const Limited small(*model, 3);
  BatchExplainer explainer(small, "grad_cam", 1, card.input_shape, 8);
  CHECK(explainer.batch() == 2);
  std::vector<FloatArray> films;
  for (int i = 0; i < 5; ++i) films.push_back(film(static_cast<float>(i)));
  std::vector<const FloatArray*> inputs;
  for (const FloatArray& one : films) inputs.push_back(&one);
  const auto results = explainer.explain(inputs);
  REQUIRE(results.size() == 5);
  BatchExplainer alone(*model, "grad_cam", 1, card.input_shape, 1);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(results[i].logits[0] == Approx(alone.explain({inputs[i]})[0].logits[0]).margin(1e-4));
  }
  const Limited none(*model, 0);
  try {
    const BatchExplainer impossible(none, "grad_cam", 1, card.input_shape, 4);
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(error.code == "out_of_memory");
  }
}

TEST_CASE("one film that cannot be explained does not take its batch along", "[pipeline]") {
  set_threads(1);
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 6);
  const ModelCard card = test::sample_card();
  const auto model = test::sample_model(card);
  const Limited picky(*model, 100);
  BatchExplainer explainer(picky, "grad_cam", 1, card.input_shape, 4);
  ExplanationStore store = open_run_store(folder.path() / "out", test::sample_manifest(card),
                                          Resume::kIfThere, test::now_text());
  const LoadFilm loader = [](const std::filesystem::path& file) {
    Picture picture = load_picture(file);
    if (file.filename() == "p02.png") picture.stored.assign(picture.stored.size(), 700);
    return picture;
  };
  const RunOutcome outcome = explain_cases(cases, card, explainer, store, loader,
                                           {.quiet = Quiet::kYes}, test::now_text);
  CHECK(outcome.explained == 5);
  REQUIRE(outcome.failed.size() == 1);
  CHECK(outcome.failed[0].name == "p02");
  CHECK(outcome.failed[0].code == "one_value");
}

TEST_CASE("a card that does not fit the network is refused before any case", "[pipeline]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  const auto model = test::sample_model(card);
  try {
    const BatchExplainer wrong(*model, "grad_cam", 3, card.input_shape, 1);
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK(error.code == "class_count");
  }
  CHECK_THROWS_AS(BatchExplainer(*model, "no_such_method", 1, card.input_shape, 1), Error);
  CHECK_THROWS_AS(BatchExplainer(*model, "activation", 1, card.input_shape, 1), Error);
}

TEST_CASE("maps of every class come from any call of a layer and from tokens", "[pipeline]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  set_threads(1);
  const auto films = [&](const std::string& name) {
    const FloatArray both = read_npy_float(*folder / "inputs" / (name + ".npy"));
    const auto half = static_cast<std::ptrdiff_t>(both.values.size() / 2);
    const Shape shape(both.shape.begin() + 1, both.shape.end());
    return std::vector<FloatArray>{{shape, {both.values.begin(), both.values.begin() + half}},
                                   {shape, {both.values.begin() + half, both.values.end()}}};
  };
  const auto load = [&](const std::string& name, SplitOptions options) {
    return load_split_model(*folder / "models" / (name + ".traced.pt"), options);
  };
  const auto shared = films("m06_shared");
  SplitOptions options{.layer = "block", .call = 1, .input_shape = {2, 3, 32, 32}};
  const auto model = load("m06_shared", options);
  const auto n_classes = static_cast<std::size_t>(model->logits(*model->run(at::zeros({1, 3, 32, 32}))).size(1));
  for (const char* method : {"grad_cam_pp", "layer_cam", "ablation_cam", "score_cam", "layer_ig"}) {
    INFO(method);
    BatchExplainer explainer(*model, method, n_classes, shared[0].shape, 2);
    const auto results = explainer.explain({&shared[0], &shared[1]});
    REQUIRE(results.size() == 2);
    CHECK(results[1].maps.size() == n_classes);
    CHECK(results[1].maps[0].rows > 1);
  }
  CHECK_THROWS_AS(BatchExplainer(*model, "eigen_cam", n_classes, shared[0].shape, 2), Error);

  const auto tokens = films("m10_vit");
  const auto transformer = load("m10_vit", {.layer = "blocks.1", .input_shape = {2, 3, 32, 32}});
  const auto n = static_cast<std::size_t>(transformer->logits(*transformer->run(at::zeros({1, 3, 32, 32}))).size(1));
  CHECK_THROWS_AS(BatchExplainer(*transformer, "hires_cam", n, tokens[0].shape, 2), Error);
  const auto behind = load("m10_vit", {.layer = "blocks.2", .input_shape = {2, 3, 32, 32}});
  try {
    BatchExplainer(*behind, "hires_cam", n, tokens[0].shape, 2, {}, TokenGrid{1, 4, 4});
    FAIL_CHECK("maps of zeros were taken");
  } catch (const Error& error) {
    CHECK(error.code == "class_token_only");
  }
  const std::int64_t n_tokens = transformer->activation(*transformer->run(at::zeros({1, 3, 32, 32}))).size(1);
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(n_tokens - 1))));
  BatchExplainer explainer(*transformer, "hires_cam", n, tokens[0].shape, 2, {}, TokenGrid{1, side, side});
  const auto results = explainer.explain({&tokens[0], &tokens[1]});
  CHECK(results[0].maps.size() == n);
  CHECK(results[0].maps[0].rows == side);
}
