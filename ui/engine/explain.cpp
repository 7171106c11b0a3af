// `rationale explain`: every case of a list through the network, into explanations.db.
#include <fmt/format.h>

#include <optional>

#include "data/base/file.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "explain/model/card.h"
#include "explain/pipeline/pictures.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "ui/engine/bodies.h"
#include "ui/engine/enter_sandbox.h"
#include "ui/engine/explain_concepts.h"
#include "ui/engine/explain_network.h"
#include "ui/engine/model_argument.h"
#include "ui/engine/picture_options.h"
#include "ui/engine/run_report.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;

void require(const std::filesystem::path& value, const char* option) {
  if (!value.empty()) return;
  throw Error(Error::Kind::kUsage, fmt::format("{} is missing", option), {},
              "`rationale explain --help` shows what it takes");
}

void write_logits(const std::filesystem::path& file, const ExplanationStore& store,
                  const std::vector<Case>& cases) {
  std::vector<std::string> header{"case"};
  for (const std::string& name : store.manifest().classes) header.push_back(csv_text_cell(name));
  std::string text = csv_line(header);
  for (const Case& listed : cases) {
    const auto one = store.find_case_if_any(listed.name);
    if (!one) continue;
    std::vector<std::string> cells{csv_text_cell(one->name)};
    for (const float logit : store.logits(one->key)) {
      cells.push_back(csv_number(static_cast<double>(logit)));
    }
    text += csv_line(cells);
  }
  write_file(file, text);
}

}  // namespace

int run_explain(const CommandLine& line) {
  const ExplainOptions& o = line.explain;
  require(o.model, "--model");
  require(o.cases, "--cases");
  require(o.out, "--out");
  const Shard shard = parse_shard(o.shard);
  const ModelCard card = read_card(o.model);
  const std::vector<Case> list = read_cases(o.cases, MissingFiles::kKeep);
  const std::vector<Case> cases = cases_of_shard(list, shard);
  std::optional<PictureChoice> pictures;
  if (!o.pictures.which.empty()) {
    pictures = picture_choice(o.pictures, card.classes, name_of(card.output_kind), card.name);
    Font{};  // said before the work, not after it
  }
  prepare_engine(line.common, Mode::kFast);
  ConceptsOfRun concepts;
  const std::string method = chosen_method(card, o.method);
  const std::string layer = chosen_layer(card, o.layer, method);
  if (!o.concepts.empty()) concepts = concepts_of_run(o.concepts, card, layer);
  NetworkRequest request{.layer = layer,
                         .call = o.call,
                         .method = method,
                         .reshape = o.reshape.empty() ? card.reshape : o.reshape,
                         .batch = o.batch,
                         .precision = o.precision,
                         .common = line.common,
                         .concepts = concepts.results};
  if (const auto there = stored_manifest(o.out)) {
    request.prefix_variant = there->prefix_variant;
    if (o.batch == 0) request.batch = there->batch;
  }
  const FittedNetwork network = load_network(card, request);
  ExplanationManifest manifest = manifest_of(card, request, network);
  manifest.concepts_sha256 = concepts.sha256;
  manifest.shard = shard.index;
  manifest.shards = shard.count;
  if (shard.count > 1) {
    manifest.list_sha256 = names_sha256(list);
    manifest.list_cases = static_cast<int>(list.size());
  }
  manifest.sandbox = in_words(line.confinement);
  manifest.scales = reference_scales(o.pictures, manifest, card.scales);
  if (pictures) pictures->references = manifest.scales;
  RunOutcome outcome;
  RunReport report;
  {
    ExplanationStore store = open_run_store(
        o.out, manifest, o.resume ? Resume::kMustBeThere : Resume::kIfThere, utc_now());
    store.begin();
    store.set_list_folder(std::filesystem::absolute(o.cases).parent_path());
    store.commit(utc_now());
    outcome = explain_cases(cases, card, *network.explainer, store, load_film,
                            {.decode_workers = decode_workers(line.common),
                             .quiet = line.common.progress(),
                             .load_volume = load_series},
                            utc_now);
    outcome.memory_steps.insert(outcome.memory_steps.begin(), network.steps.begin(), network.steps.end());
    store.begin();
    store.add_scales();
    store.commit(utc_now());
    report = report_of(store, o.out);
    report.prefix_deviation = network.prefix_deviation;
    if (!o.logits.empty()) write_logits(o.logits, store, cases);
    if (pictures) {
      std::vector<std::string> names;
      for (const Case& listed : cases) names.push_back(listed.name);
      const auto unseen = write_pictures(store, names, o.out / "pictures", *pictures, load_film,
                                         line.common.progress(), load_series);
      outcome.failed.insert(outcome.failed.end(), unseen.begin(), unseen.end());
      report.pictures = o.out / "pictures";
    }
  }
  finish_run_store(o.out);
  return tell(outcome, report, o.out, line.common.json, "rationale.explain", to_json(line.confinement));
}

}  // namespace rationale::ui
