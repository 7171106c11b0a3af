// Several films in one pass: memory that runs out, a film that cannot be explained, cards that do not fit.
#include "explain/pipeline/batch.h"

#include <stdexcept>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/load.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "explain/torch.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"

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
