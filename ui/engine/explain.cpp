// `rationale explain`: every case of a list through the network, into explanations.db.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "data/base/file.h"
#include "data/base/text.h"
#include "data/base/version.h"
#include "data/cases/csv.h"
#include "data/image/load.h"
#include "explain/methods/maps.h"
#include "explain/model/card.h"
#include "explain/model/torch_environment.h"
#include "explain/pipeline/pictures.h"
#include "explain/pipeline/prefix_choice.h"
#include "explain/pipeline/run.h"
#include "explain/pipeline/run_store.h"
#include "ui/engine/bodies.h"
#include "ui/engine/explain_concepts.h"
#include "ui/engine/model_argument.h"
#include "ui/engine/run_report.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;

Picture load_film(const std::filesystem::path& file) { return load_picture(file); }

std::string name_of(OutputKind kind) {
  return kind == OutputKind::kLogits          ? "logits"
         : kind == OutputKind::kProbabilities ? "probabilities"
                                              : "regression";
}

std::string name_of(Activation activation) {
  return activation == Activation::kNone      ? "none"
         : activation == Activation::kSigmoid ? "sigmoid"
                                              : "softmax";
}

void require(const std::filesystem::path& value, const char* option) {
  if (!value.empty()) return;
  throw Error(Error::Kind::kUsage, fmt::format("{} is missing", option), {},
              "`rationale explain --help` shows what it takes");
}

/// top, all, or a class of the card.
PictureChoice picture_choice(const ExplainOptions& options, const ModelCard& card) {
  PictureChoice choice;
  choice.style = options.contours ? OverlayStyle::kOutline : OverlayStyle::kFilled;
  if (options.pictures == "top") return choice;
  if (options.pictures == "all") {
    choice.kind = PictureChoice::Kind::kAll;
    return choice;
  }
  choice.kind = PictureChoice::Kind::kClass;
  choice.class_index = class_index(card, options.pictures);
  return choice;
}

std::string chosen_layer(const ExplainOptions& options, const ModelCard& card) {
  if (!options.layer.empty() || find_method(options.method).level == Level::kInput) return options.layer;
  if (!card.layers.empty()) return card.layers.front();
  std::vector<std::int64_t> shape = card.input_shape;
  shape.insert(shape.begin(), 1);
  return propose_layer(list_layers(card.model_file, shape, card.output_select)).name;
}

/// The network, cut at the layer. In fast mode it follows the prefix that a store or an earlier run on this
/// machine chose; the first run chooses, and says so to the next.
std::unique_ptr<SplitModel> load_network(const ModelCard& card, SplitOptions options,
                                         const std::string& device, int threads) {
  PrefixQuestion question{.model_sha256 = card.model_sha256,
                          .layer = options.layer,
                          .call = options.call.value_or(-1),
                          .input_shape = {options.input_shape.begin(), options.input_shape.end()},
                          .device = device,
                          .torch_version = torch_version(),
                          .threads = threads};
  const bool is_to_choose = options.mode == Mode::kFast && options.prefix_variant.empty();
  if (is_to_choose) options.prefix_variant = remembered_prefix(prefix_folder(), question);
  auto model = load_split_model(card.model_file, options);
  if (is_to_choose && options.prefix_variant.empty()) {
    const std::string own = model->facts().prefix_variant;
    options.prefix_variant = remember_prefix(prefix_folder(), question, own);
    if (options.prefix_variant != own) model = load_split_model(card.model_file, options);
  }
  return model;
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
  if (!o.pictures.empty()) {
    pictures = picture_choice(o, card);
    Font{};  // said before the work, not after it
  }
  const auto there = stored_manifest(o.out);
  const bool is_fast = line.common.mode != "reproducible";
  const bool is_cuda = means_cuda(line.common.device);
  const int batch = o.batch > 0 ? o.batch : there ? there->batch : is_cuda ? 16 : 1;
  prepare_engine(line.common, Mode::kFast);

  SplitOptions split;
  split.layer = chosen_layer(o, card);
  split.output = card.output_select;
  split.input_shape = card.input_shape;
  split.input_shape.insert(split.input_shape.begin(), batch);
  split.mode = is_fast ? Mode::kFast : Mode::kReproducible;
  split.device = line.common.device;
  if (there) split.prefix_variant = there->prefix_variant;
  if (o.call >= 0) split.call = o.call;
  split = split_for(o.method, split);
  std::optional<TokenGrid> grid;
  if (!o.reshape.empty()) grid = parse_token_grid(o.reshape);

  ConceptsOfRun concepts;
  if (!o.concepts.empty()) concepts = concepts_of_run(o.concepts, card, split.layer);
  const std::unique_ptr<SplitModel> model =
      load_network(card, split, is_cuda ? "cuda" : "cpu", line.common.threads);
  BatchExplainer explainer(*model, o.method, card.classes.size(), card.input_shape, batch,
                           concepts.results, grid);

  const ExplanationManifest manifest{.model_name = card.name,
                                     .model_sha256 = card.model_sha256,
                                     .card_sha256 = card.card_sha256,
                                     .classes = card.classes,
                                     .output_kind = name_of(card.output_kind),
                                     .activation = name_of(card.activation),
                                     .thresholds = card.thresholds,
                                     .layer = model->facts().layer,
                                     .call = model->facts().call,
                                     .method = o.reshape.empty() ? o.method : o.method + "[" + o.reshape + "]",
                                     .mode = is_fast ? "fast" : "reproducible",
                                     .prefix_variant = model->facts().prefix_variant,
                                     .device = explainer.device(),
                                     .torch_version = torch_version(),
                                     .program_version = version(),
                                     .concepts_sha256 = concepts.sha256,
                                     .batch = batch,
                                     .shard = shard.index,
                                     .shards = shard.count,
                                     .list_sha256 = shard.count > 1 ? names_sha256(list) : "",
                                     .list_cases = shard.count > 1 ? static_cast<int>(list.size()) : 0};
  RunOutcome outcome;
  RunReport report;
  {
    ExplanationStore store = open_run_store(
        o.out, manifest, o.resume ? Resume::kMustBeThere : Resume::kIfThere, utc_now());
    store.begin();
    store.set_list_folder(std::filesystem::absolute(o.cases).parent_path());
    store.commit(utc_now());
    const int processors = line.common.threads > 0
                               ? line.common.threads
                               : static_cast<int>(std::thread::hardware_concurrency());
    outcome = explain_cases(
        cases, card, explainer, store, load_film,
        {.decode_workers = static_cast<std::size_t>(std::clamp(processors / 2, 1, 8)),
         .quiet = line.common.progress()},
        utc_now);
    store.begin();
    store.add_scales();
    store.commit(utc_now());
    report = report_of(store);
    if (!o.logits.empty()) write_logits(o.logits, store, cases);
    if (pictures) {
      std::vector<std::string> names;
      for (const Case& listed : cases) names.push_back(listed.name);
      const auto unseen = write_pictures(store, names, o.out / "pictures", *pictures, load_film,
                                         line.common.progress());
      outcome.failed.insert(outcome.failed.end(), unseen.begin(), unseen.end());
      report.pictures = o.out / "pictures";
    }
  }
  finish_run_store(o.out);
  return tell(outcome, report, o.out, line.common.json, "rationale.explain");
}

}  // namespace rationale::ui
