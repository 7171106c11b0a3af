// A run over a list: the same store whatever the order, the batch, the shards or the interruptions.
#include "explain/pipeline/run.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <map>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/interrupt.h"
#include "data/image/load.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/merge.h"
#include "explain/pipeline/run_store.h"
#include "tests/explain_pipeline/films.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

Picture load(const std::filesystem::path& file) { return load_picture(file); }

/// The sample model, ready; one thread, so that a test may fork.
struct Engine {
  explicit Engine(int batch = 1, ConceptResults concepts = {}) {
    set_threads(1);
    model = test::sample_model(card);
    explainer = std::make_unique<BatchExplainer>(*model, "grad_cam", card.classes.size(),
                                                 card.input_shape, batch, std::move(concepts));
  }
  RunOutcome run(const std::vector<Case>& cases, ExplanationStore& store,
                 const LoadFilm& loader = load, std::size_t workers = 2) {
    return explain_cases(cases, card, *explainer, store, loader,
                         {.decode_workers = workers, .quiet = Quiet::kYes}, test::now_text);
  }
  ExplanationStore store(const std::filesystem::path& folder, Shard shard = {},
                         Resume resume = Resume::kIfThere) const {
    ExplanationManifest manifest = test::sample_manifest(card);
    manifest.shard = shard.index;
    manifest.shards = shard.count;
    return open_run_store(folder, manifest, resume, test::now_text());
  }

  ModelCard card = test::sample_card();
  std::unique_ptr<SplitModel> model;
  std::unique_ptr<BatchExplainer> explainer;
};

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code;
  }
  return "nothing thrown";
}

/// Exit status of `work` in a child process.
int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a run stores every case, and a second run finds all of them there", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 5);
  Engine engine;
  ExplanationStore store = engine.store(folder.path() / "out");
  const RunOutcome first = engine.run(cases, store);
  CHECK(first.cases == 5);
  CHECK(first.explained == 5);
  CHECK(first.skipped == 0);
  CHECK(first.failed.empty());
  CHECK(first.peak_mb > 1);
  const auto stored = store.cases();
  REQUIRE(stored.size() == 5);
  CHECK(stored[3].name == "p03");
  CHECK(stored[3].file == "p03.png");
  CHECK(stored[3].patient == "patient 1");
  CHECK(stored[3].columns == std::map<std::string, std::string>{{"view", "PA"}});
  const Explanation e = store.explanation(stored[3].key);
  CHECK(e.rows == 96);
  CHECK(e.input_rows == 96);
  REQUIRE(e.maps.size() == 1);
  CHECK(e.maps[0].rows > 1);
  const std::string head = store.chain_head();

  int n_loaded = 0;
  const RunOutcome second = engine.run(cases, store, [&](const auto& file) {
    ++n_loaded;
    return load_picture(file);
  });
  CHECK(second.skipped == 5);
  CHECK(second.explained == 0);
  CHECK(n_loaded == 0);  // skipped means not even decoded
  CHECK(store.chain_head() == head);
  CHECK(store.verify().empty());
}

TEST_CASE("the map and the logit add up as the closed-form head says", "[pipeline]") {
  // Global average pool and one linear layer: the cells of a map sum to logit minus bias, for every film.
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 4);
  Engine engine;
  ExplanationStore store = engine.store(folder.path() / "out");
  engine.run(cases, store);
  std::vector<double> biases;
  for (const ExplainedCase& one : store.cases()) {
    const Explanation e = store.explanation(one.key);
    double sum = 0;
    for (const float value : e.maps[0].values) sum += static_cast<double>(value);
    biases.push_back(static_cast<double>(e.logits[0]) - sum);
  }
  for (const double bias : biases) CHECK(bias == Approx(biases[0]).margin(1e-4));
}

TEST_CASE("order, batch and shards leave the canonical digest as it is", "[pipeline]") {
  const TemporaryFolder folder;
  auto cases = test::write_films(folder.path(), 9);
  Engine engine;
  ExplanationStore whole = engine.store(folder.path() / "whole");
  engine.run(cases, whole);
  const std::string digest = whole.canonical_digest();

  SECTION("order and number of workers") {
    std::reverse(cases.begin(), cases.end());
    ExplanationStore other = engine.store(folder.path() / "reversed");
    engine.run(cases, other, load, 5);
    CHECK(other.canonical_digest() == digest);
    CHECK(other.cases().front().name == "p08");
  }
  SECTION("batch") {
    Engine four(4);
    ExplanationStore other = four.store(folder.path() / "batch");
    CHECK(four.run(cases, other).explained == 9);
    for (const ExplainedCase& one : other.cases()) {
      const Explanation a = whole.explanation(one.key), b = other.explanation(one.key);
      CHECK(a.logits[0] == Approx(b.logits[0]).margin(1e-5));
    }
    // A pass of another size may move last bits; batches cut differently may not.
    ExplanationStore again = four.store(folder.path() / "batch again");
    four.run({cases.begin(), cases.begin() + 3}, again);
    four.run(cases, again);
    CHECK(again.canonical_digest() == other.canonical_digest());
  }
  SECTION("shards") {
    std::vector<std::filesystem::path> folders;
    for (int i = 1; i <= 3; ++i) {
      const Shard shard{i, 3};
      folders.push_back(folder.path() / ("shard" + std::to_string(i)));
      {
        ExplanationStore part = engine.store(folders.back(), shard);
        CHECK(engine.run(cases_of_shard(cases, shard), part).cases == 3);
        CHECK_FALSE(std::filesystem::exists(store_file(folders.back())));
      }
      if (i < 3) finish_run_store(folders.back());
    }
    const auto merged = folder.path() / "merged";
    CHECK(code_of([&] { merge_shards(folders, merged, "now"); }) == "unfinished_shard");
    finish_run_store(folders[2]);
    CHECK(code_of([&] { merge_shards({folders[0], folders[2]}, merged, "now"); }) == "missing_shard");
    CHECK(code_of([&] { merge_shards({folders[0], folders[0], folders[1], folders[2]}, merged, "now"); }) ==
          "doubled_shard");
    CHECK_FALSE(std::filesystem::exists(store_file(merged)));
    std::reverse(folders.begin(), folders.end());
    CHECK(merge_shards(folders, merged, "now").explained == 9);
    CHECK(ExplanationStore::open(store_file(merged)).canonical_digest() == digest);
    CHECK(merge_shards(folders, merged, "later").explained == 0);  // merging again changes nothing
    CHECK(ExplanationStore::open(store_file(merged)).canonical_digest() == digest);
    CHECK(ExplanationStore::open(store_file(merged)).verify().empty());
    // A finished shard runs again without effect.
    ExplanationStore again = engine.store(folders[0], {3, 3});
    CHECK(engine.run(cases_of_shard(cases, {3, 3}), again).skipped == 3);
  }
}

TEST_CASE("parts of a list cover it once", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 7);
  std::vector<std::string> seen;
  for (int i = 1; i <= 3; ++i) {
    for (const Case& one : cases_of_shard(cases, {i, 3})) seen.push_back(one.name);
  }
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<std::string>{"p00", "p01", "p02", "p03", "p04", "p05", "p06"});
  CHECK(cases_of_shard(cases, {1, 100}).size() == 1);
  CHECK(cases_of_shard(cases, {50, 100}).empty());
  CHECK(parse_shard("2/3").index == 2);
  for (const char* wrong : {"0/3", "4/3", "1", "a/b", "1/0", "1/3/5", "-1/3"}) {
    INFO(wrong);
    CHECK(code_of([&] { parse_shard(wrong); }) == "bad_shard");
  }
}

TEST_CASE("broken films are listed with their reason and the run goes on", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 6);
  std::filesystem::remove(folder.path() / "p01.png");
  write_file(folder.path() / "p04.png", "not a picture");
  Engine engine(2);
  ExplanationStore store = engine.store(folder.path() / "out");
  const RunOutcome outcome = engine.run(cases, store);
  CHECK(outcome.explained == 4);
  REQUIRE(outcome.failed.size() == 2);
  CHECK(outcome.failed[0].name == "p01");
  CHECK(outcome.failed[0].code == "missing_file");
  CHECK(outcome.failed[0].reason.find("cases.csv:3") != std::string::npos);
  CHECK(outcome.failed[1].name == "p04");
  CHECK_FALSE(outcome.failed[1].reason.empty());
  CHECK(store.cases().size() == 4);
}

TEST_CASE("a film that changed under its case name is refused, not replaced", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 3);
  Engine engine;
  ExplanationStore store = engine.store(folder.path() / "out");
  engine.run(cases, store);
  std::filesystem::copy_file(folder.path() / "p00.png", folder.path() / "p02.png",
                             std::filesystem::copy_options::overwrite_existing);
  const RunOutcome outcome = engine.run(cases, store);
  CHECK(outcome.skipped == 2);
  REQUIRE(outcome.failed.size() == 1);
  CHECK(outcome.failed[0].code == "case_changed");
}

TEST_CASE("films come in the order of the list, however long each one takes", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 6);
  const ModelCard card = test::sample_card();
  const std::map<std::string, std::string> known;
  std::atomic<int> n_done = 0;
  Decoder decoder(
      cases, known, card,
      [&](const std::filesystem::path& file) {
        // The first film is done only after two of the other worker's.
        if (file.filename() == "p00.png") {
          for (int seen = n_done; seen < 2; seen = n_done) n_done.wait(seen);
        }
        ++n_done;
        n_done.notify_all();
        return load_picture(file);
      },
      2);
  std::vector<std::string> order;
  while (auto film = decoder.next()) order.push_back(film->one.name);
  CHECK(order == std::vector<std::string>{"p00", "p01", "p02", "p03", "p04", "p05"});
}

TEST_CASE("concept results of every class are stored with their film", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 3);
  int n_passes = 0;
  Engine engine(2, [&](const SplitModel&, const SplitRun&) {
    ++n_passes;
    return std::vector<std::vector<std::string>>{{R"({"phi":0})"}, {R"({"phi":1})"}};
  });
  n_passes = 0;
  ExplanationStore store = engine.store(folder.path() / "out");
  engine.run(cases, store);
  CHECK(n_passes == 2);
  CHECK(store.concept_json(store.find_case("p01").key, 0) == R"({"phi":1})");
  CHECK(store.concept_json(store.find_case("p02").key, 0) == R"({"phi":0})");
}

TEST_CASE("Ctrl-C keeps what is done, and the next run does the rest", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 8);
  Engine engine;
  const int status = in_child([&] {
    install_signal_handlers();
    ExplanationStore store = engine.store(folder.path() / "out");
    try {
      engine.run(
          cases, store,
          [](const std::filesystem::path& file) {
            if (file.filename() == "p04.png") std::raise(SIGINT);
            return load_picture(file);
          },
          1);
    } catch (const Interrupted&) {
      return 42;
    }
    return 0;
  });
  REQUIRE(status == 42);
  ExplanationStore store = engine.store(folder.path() / "out", {}, Resume::kMustBeThere);
  const std::size_t n_kept = store.cases().size();
  CHECK(n_kept >= 1);
  CHECK(n_kept < 8);
  const RunOutcome rest = engine.run(cases, store);
  CHECK(rest.skipped == n_kept);
  CHECK(rest.explained == 8 - n_kept);
  ExplanationStore undisturbed = engine.store(folder.path() / "undisturbed");
  engine.run(cases, undisturbed);
  CHECK(store.canonical_digest() == undisturbed.canonical_digest());
  CHECK(store.verify().empty());
}

TEST_CASE("a program that is killed leaves a store that opens and goes on", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 4);
  Engine engine;
  const int status = in_child([&] {
    ExplanationStore store = engine.store(folder.path() / "out");
    engine.run({cases.begin(), cases.begin() + 2}, store);
    store.begin();
    ExplainedCase one = store.cases()[0];
    const Explanation e = store.explanation(one.key);
    one.name = "half written";
    store.add(one, e);
    kill(getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(status == -1);
  ExplanationStore store = engine.store(folder.path() / "out", {}, Resume::kMustBeThere);
  CHECK(store.cases().size() == 2);
  CHECK(store.verify().empty());
  CHECK(engine.run(cases, store).explained == 2);
}

TEST_CASE("a full disk ends the run, and free space lets it go on", "[pipeline]") {
  const TemporaryFolder folder;
  const auto cases = test::write_films(folder.path(), 12);
  std::signal(SIGXFSZ, SIG_IGN);
  Engine engine;
  ExplanationStore store = engine.store(folder.path() / "out");
  engine.run({cases.begin(), cases.begin() + 2}, store);
  rlimit old{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  rlimit tight = old;
  tight.rlim_cur = std::filesystem::file_size(store.file());
  REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
  const std::string code = code_of([&] { engine.run(cases, store); });
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(code == "disk_full");
  ExplanationStore after = engine.store(folder.path() / "out");
  CHECK(after.cases().size() == 2);
  CHECK(after.verify().empty());
  CHECK(engine.run(cases, after).explained == 10);
}

TEST_CASE("another run's store, another shard's and none at all are refused", "[pipeline]") {
  const TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const ModelCard card = test::sample_card();
  ExplanationManifest manifest = test::sample_manifest(card);
  CHECK(code_of([&] { open_run_store(out, manifest, Resume::kMustBeThere, "now"); }) == "nothing_to_resume");
  CHECK_FALSE(std::filesystem::exists(out));
  manifest.shards = 4;
  { const auto store = open_run_store(out, manifest, Resume::kIfThere, "now"); }
  CHECK(stored_manifest(out)->shards == 4);
  manifest.shard = 2;
  CHECK(code_of([&] { open_run_store(out, manifest, Resume::kIfThere, "now"); }) == "other_shard");
  manifest.shard = 1;
  manifest.method = "hires_cam";
  try {
    open_run_store(out, manifest, Resume::kIfThere, "now");
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kRefused);
    CHECK(error.code == "other_run");
    CHECK(std::string(error.what()).find("method") != std::string::npos);
  }
}

TEST_CASE("a folder that cannot be made is the machine's fault", "[pipeline]") {
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "x");
  const auto manifest = test::sample_manifest(test::sample_card());
  try {
    open_run_store(folder.path() / "file" / "out", manifest, Resume::kIfThere, "now");
    FAIL("nothing thrown");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kEnvironment);
    CHECK(error.code == "cannot_write");
  }
}

TEST_CASE("parts of different runs are not merged", "[pipeline]") {
  const TemporaryFolder folder;
  const ModelCard card = test::sample_card();
  ExplanationManifest manifest = test::sample_manifest(card);
  manifest.shards = 2;
  { const auto store = open_run_store(folder.path() / "1", manifest, Resume::kIfThere, "now"); }
  finish_run_store(folder.path() / "1");
  manifest.shard = 2;
  manifest.prefix_variant = "onednn";
  { const auto store = open_run_store(folder.path() / "2", manifest, Resume::kIfThere, "now"); }
  finish_run_store(folder.path() / "2");
  CHECK(code_of([&] { merge_shards({folder.path() / "1", folder.path() / "2"}, folder.path() / "m", "now"); }) ==
        "different_runs");
}
