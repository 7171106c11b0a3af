// Memory that really runs out: a child process whose address space is limited, as a container limits a job.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/load.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/fit_memory.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// From now on this process may map so many MB more than it has.
void allow_further(double mb) {
  double pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = static_cast<rlim_t>(pages * static_cast<double>(sysconf(_SC_PAGESIZE)) + mb * 1024 * 1024);
  setrlimit(RLIMIT_AS, &limit);
}

void allow_all() {
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_AS, &limit);
}

/// From now on no 32 KB are left, less than one film needs: the gaps between what is there are filled too.
void leave_nothing() {
  allow_further(0);
  for (;;) {
    void* volatile block = std::malloc(std::size_t{32} << 10);  // never freed; the process is a child that ends soon
    if (block == nullptr) return;
  }
}

/// What `work` says in a child process: "" if all held. What it throws is said too.
std::string in_child(const std::function<std::string()>& work) {
  const TemporaryFolder folder;
  const auto answer = folder.path() / "answer";
  const pid_t child = fork();
  if (child == 0) {
    std::string said;
    try {
      said = work();
    } catch (const std::exception& error) {
      said = std::string("thrown: ") + error.what();
    }
    allow_all();
    std::ofstream(answer) << said;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status)) return "died of signal " + std::to_string(WTERMSIG(status));
  return read_file(answer);
}

FloatArray film(float base) {
  FloatArray array{{1, 96, 96}, {}};
  for (int i = 0; i < 96 * 96; ++i) array.values.push_back(base + static_cast<float>(i % 97) / 97);
  return array;
}

std::unique_ptr<SplitModel> network(const ModelCard& card, const std::string& prefix) {
  SplitOptions options{.layer = card.layers.front(), .input_shape = {1, 1, 96, 96}};
  if (prefix != "unoptimised") {
    options.mode = Mode::kFast;
    options.prefix_variant = prefix;
  }
  return load_split_model(card.model_file, options);
}

constexpr int kMuch = 4096;      // films at once: their input alone has 150 MB
constexpr double kLittle = 120;  // MB for some dozens of films, and two threads

}  // namespace

TEST_CASE("a batch that the memory does not hold is halved until it fits, and the answers stay", "[pipeline][memory]") {
  set_threads(1);
  const std::string prefix = GENERATE("unoptimised", "frozen", "onednn");
  INFO(prefix);
  const ModelCard card = test::sample_card();
  const FloatArray one = film(0.3F);
  CHECK(in_child([&]() -> std::string {
          // Here, not before: LibTorch 2 bears no fork once autograd has its threads.
          const float alone = BatchExplainer(*network(card, prefix), "grad_cam", 1, card.input_shape, 1).explain({&one})[0].logits[0];
          allow_further(kLittle);
          const FittedNetwork fitted = fit_to_memory(kMuch, "cpu", [&](int batch, const std::string&) {
            FittedNetwork made;
            made.model = network(card, prefix);
            made.explainer = std::make_unique<BatchExplainer>(*made.model, "grad_cam", 1, card.input_shape, batch);
            return made;
          });
          if (fitted.steps.size() < 2) return "it was not halved";
          std::size_t batch = kMuch;
          for (const MemoryStep& step : fitted.steps) {
            if (step.batch != batch / 2 || step.device != "cpu") return "not half of " + std::to_string(batch);
            batch = step.batch;
          }
          if (fitted.explainer->batch() != batch) return "another batch than the record says";
          const float logit = fitted.explainer->explain({&one})[0].logits[0];
          return std::abs(logit - alone) < 1e-4F ? "" : "another answer";
        }) == "");
}

TEST_CASE("memory that runs out in the middle of a run halves the batch, and the run's record says so", "[pipeline][memory]") {
  set_threads(1);
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 6);
  const ModelCard card = test::sample_card();
  CHECK(in_child([&]() -> std::string {
          const auto model = network(card, "unoptimised");
          BatchExplainer explainer(*model, "grad_cam", 1, card.input_shape, kMuch);
          if (!explainer.memory_steps().empty()) return "it did not fit before";
          ExplanationStore store =
              open_run_store(folder.path() / "out", test::sample_manifest(card), Resume::kIfThere, test::now_text());
          allow_further(kLittle);
          const RunOutcome outcome = explain_cases(
              cases, card, explainer, store, [](const std::filesystem::path& file) { return load_picture(file); },
              {.decode_workers = 1, .quiet = Quiet::kYes}, test::now_text);
          if (outcome.explained != cases.size()) return "not all were explained";
          const auto json = to_json(outcome);
          if (json["memory_steps"].empty()) return "nothing was recorded";
          const auto& last = json["memory_steps"].back();
          if (last["batch"] != explainer.batch() || last["device"] != "cpu" || last["after"] != 0) return json.dump();
          return explainer.batch() < kMuch ? "" : "it was not halved";
        }) == "");
}

TEST_CASE("a device that does not hold one film gives way to the CPU with the whole batch", "[pipeline][memory]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  CHECK(in_child([&]() -> std::string {
          const auto model = network(card, "unoptimised");
          // The first device is the CPU too, with memory for not one film; what it throws is real.
          const FittedNetwork fitted = fit_to_memory(4, "cuda:0", [&](int batch, const std::string& device) {
            FittedNetwork made;
            if (device == "cpu") {
              allow_all();
            } else {
              leave_nothing();
            }
            made.explainer = std::make_unique<BatchExplainer>(*model, "grad_cam", 1, card.input_shape, batch);
            return made;
          });
          std::string steps;
          for (const MemoryStep& step : fitted.steps) steps += step.device + " " + std::to_string(step.batch) + ", ";
          if (steps != "cuda 2, cuda 1, cpu 4, ") return steps;
          return fitted.explainer->batch() == 4 ? "" : "not the whole batch";
        }) == "");
}

TEST_CASE("a model of which the memory holds not one film is the machine's fault", "[pipeline][memory]") {
  set_threads(1);
  const ModelCard card = test::sample_card();
  CHECK(in_child([&]() -> std::string {
          const auto model = network(card, "unoptimised");
          leave_nothing();
          try {
            fit_to_memory(2, "cpu", [&](int batch, const std::string&) {
              FittedNetwork made;
              made.explainer = std::make_unique<BatchExplainer>(*model, "grad_cam", 1, card.input_shape, batch);
              return made;
            });
          } catch (const Error& error) {
            allow_all();
            return error.kind == Error::Kind::kEnvironment && error.code == "out_of_memory" ? "" : error.what();
          }
          return "nothing thrown";
        }) == "");
}
