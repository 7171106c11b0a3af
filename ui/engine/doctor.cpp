// `rationale doctor`: what a model file is, what it may do, and whether it answers as its maker
// says.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "explain/model/layer_advice.h"
#include "explain/model/receptive_field.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/model/torch_environment.h"
#include "explain/model/whole_model.h"
#include "explain/pipeline/batch.h"
#include "explain/pipeline/outcome.h"
#include "explain/torch.h"
#include "ui/engine/bodies.h"
#include "ui/engine/doctor_methods.h"
#include "ui/engine/doctor_prefix.h"
#include "ui/engine/doctor_words.h"
#include "ui/engine/expectation.h"
#include "ui/engine/explain_network.h"
#include "ui/engine/layer_words.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {
namespace {

using nlohmann::ordered_json;

ordered_json model_facts(const ModelArgument& model, const explain::Examination& facts) {
  ordered_json json{
      {"file", model.file.string()},      {"form", facts.form},
      {"sha256", facts.sha256},           {"bytes", std::filesystem::file_size(model.file)},
      {"parameters", facts.n_parameters}, {"submodules", facts.n_submodules},
      {"allow_list", "passed"},           {"training_leftovers", facts.left_in_training},
      {"training_differs", facts.training_differs}, {"outputs", facts.outputs}};
  if (facts.problem) json["outputs_problem"] = facts.problem->what();
  return json;
}

/// What each of the model's outputs is, seen from its shape for one image.
ordered_json heads_of(const explain::WholeModel& whole, const explain::Examination& facts, const at::Tensor& x) {
  ordered_json heads = ordered_json::array();
  for (const std::string& name : facts.outputs) {
    const at::Tensor y = whole.run(x.narrow(0, 0, 1), name);
    const bool is_scores = y.dim() == 2 && y.size(0) == 1;
    const std::string what = !is_scores       ? "no class scores: one value for each class and image is needed"
                             : y.size(1) == 1 ? "one score: a finding (sigmoid) or a measured value (regression)"
                                              : fmt::format("scores of {} classes", y.size(1));
    heads.push_back({{"output", name}, {"shape", y.sizes().vec()}, {"can_be_explained", is_scores}, {"what", what}});
  }
  return heads;
}

ordered_json machine_facts(const std::string& device) {
  const explain::Blas blas = explain::find_blas();
  return {{"torch", explain::torch_version()},
          {"threads", explain::thread_count()},
          {"device",
           {{"asked", device},
            {"cuda", explain::has_cuda()},
            {"used", device == "auto" ? (explain::has_cuda() ? "cuda" : "cpu") : device}}},
          {"blas",
           {{"library", blas.library},
            {"is_reference", blas.is_reference},
            {"kind", blas.kind},
            {"matmul_512_ms", blas.matmul_512_ms},
            {"warning", blas.warning}}}};
}

/// The selector to look at: the one asked for, else the first that is a list of class scores.
std::string scores_output(const ModelArgument& model, const explain::Examination& facts,
                          const explain::WholeModel& whole, const at::Tensor& x) {
  const std::string chosen = model.output({});
  if (!chosen.empty()) return chosen;
  for (const std::string& name : facts.outputs) {
    const at::Tensor y = whole.run(x, name);
    if (y.dim() == 2 && y.size(0) == x.size(0)) return name;
  }
  return facts.outputs.empty() ? std::string() : facts.outputs.front();
}

constexpr int kTriedBatch = 8;  // beside what `explain` takes

/// What a batch gains, and what a run takes: measured with the chosen layer and prefix.
ordered_json estimate(const explain::SplitModel& split, const FloatArray& image, const std::string& device) {
  const int batch = default_batch(device);
  const double ms = ms_per_image(split, image, batch);
  const double peak = explain::peak_memory_mb();
  const double many = ms_per_image(split, image, kTriedBatch);
  return {{"batch", batch},
          {"batch_why", fmt::format("{} is what `explain` takes on {}; {} at once: {:.3g} ms an image instead of {:.3g}",
                                    batch, explain::means_cuda(device) ? "a GPU" : "a CPU", kTriedBatch, many, ms)},
          {"estimate",
           {{"ms_per_image", ms},
            {"images_per_second", 1000 / ms},
            {"minutes_for_10000", ms / 6},
            {"ms_per_image_batch_8", many},
            {"peak_mb", peak},
            {"peak_mb_batch_8", explain::peak_memory_mb()}}}};
}

/// Layers, the one it would choose, and what it would do with it.
/// @param pixel_mm  of the image, where it is known
ordered_json layer_facts(const ModelArgument& model, const FloatArray& image, const std::vector<double>& pixel_mm,
                         const std::string& output, const std::string& device) {
  const Shape& shape = image.shape;
  const auto rows = explain::list_layers(model.file, shape, output);
  const auto advice = explain::advise(model.file, rows);
  ordered_json layers = ordered_json::array();
  for (const explain::LayerRow& row : rows) {
    layers.push_back({{"name", row.name},
                      {"kind", row.kind},
                      {"calls", row.calls},
                      {"shape", row.shape},
                      {"suitable", row.is_suitable},
                      {"reason", row.reason},
                      {"unreached", row.unreached}});
  }
  for (std::size_t i = 0; i < rows.size(); ++i) layers[i].update(advice_json(advice[i]));
  ordered_json result{{"layers", layers}};
  std::unique_ptr<explain::SplitModel> split;
  std::string refusal;
  try {
    explain::SplitOptions options;
    options.layer = model.layer({});
    std::string why = "the card names it";
    if (options.layer.empty()) {
      const explain::LayerRow proposed = explain::propose_layer(rows);
      options.layer = proposed.name;
      why = proposed.reason;
      if (proposed.calls > 1) options.call = proposed.calls - 1;
    }
    options.output = output;
    options.input_shape = shape;
    options.mode = explain::Mode::kFast;
    options.device = device;
    const auto timings = time_prefixes(model.file, options, image);
    options.prefix_variant = timings.front().name;
    split = explain::load_split_model(model.file, options);
    const explain::SplitModel::Facts& facts = split->facts();
    options.layer = facts.layer;
    options.call = facts.call;
    const ReceptiveField field = explain::receptive_field(model.file, options);
    const explain::MethodChoice method = model.method({}, facts);
    result["choice"] = {
        {"layer", facts.layer},
        {"call", facts.call},
        {"why", why},
        {"closed_form_head", facts.has_closed_form_head},
        {"method", method.name},
        {"method_why", method.reason},
        {"prefix", facts.prefix_variant},
        {"prefix_why", why_quickest(timings)},
        {"side_inputs", facts.n_side_inputs},
        {"self_check", facts.self_check},
        {"receptive_field", receptive_field_json(field)},
        {"receptive_field_words", receptive_field_words(field, pixel_mm)}};
    for (const PrefixTiming& one : timings) result["choice"]["prefix_ms"][one.name] = one.ms;
    result["choice"].update(estimate(*split, image, device));
  } catch (const Error& error) {
    refusal = error.what();
    result["choice"] = {{"refused", error.what()}, {"remedy", error.remedy}};
  }
  result["methods"] = judge_methods(model.file, split.get(), refusal, output, device, image);
  return result;
}

/// [1,C,…] of [N,C,…].
FloatArray first_image(const FloatArray& input) {
  FloatArray one{input.shape, {}};
  one.shape[0] = 1;
  const auto n = static_cast<std::ptrdiff_t>(element_count(one.shape));
  one.values.assign(input.values.begin(), input.values.begin() + n);
  return one;
}

ordered_json as_json(const Comparison& c, const ModelArgument& model) {
  return {{"agrees", c.agrees},
          {"worst_difference", c.worst},
          {"allowed", c.allowed},
          {"row", c.row},
          {"class", model.class_name(c.column)},
          {"got", c.got},
          {"expected", c.expected},
          {"likely_cause", c.cause},
          {"worst_difference_then", c.worst_then}};
}

/// What stands in the way of explaining this model at all: exit code 1.
ordered_json findings_of(const explain::Examination& facts, const ordered_json& result) {
  ordered_json findings = ordered_json::array();
  const auto add = [&](const std::string& code, const std::string& what, const std::string& remedy) {
    findings.push_back({{"code", code}, {"what", what}, {"remedy", remedy}});
  };
  if (facts.problem) {
    const std::string code = facts.problem->code.empty() ? kind_name(facts.problem->kind) : facts.problem->code;
    add(code, facts.problem->what(), facts.problem->remedy);
  } else if (result.contains("choice") && result["choice"].contains("refused")) {
    const ordered_json& choice = result["choice"];
    add(choice.value("code", "no_layer"), choice["refused"].get<std::string>(), choice["remedy"].get<std::string>());
  }
  return findings;
}

void print_text(const ordered_json& r) {
  const auto text = [](const ordered_json& value) { return value.get<std::string>(); };
  fmt::print("{}: {} TorchScript, {} submodules, {} numbers\n", text(r["file"]), text(r["form"]),
             r["submodules"].get<int>(), r["parameters"].get<std::int64_t>());
  fmt::print("  operators   all on the allow-list\n");
  print_training(r);
  for (const auto& head : r.value("heads", ordered_json::array())) {
    fmt::print("  output      {}{} {}: {}\n", text(head["output"]), text(head["output"]).empty() ? "" : ":",
               head["shape"].dump(), text(head["what"]));
  }
  if (r.contains("layers")) {
    const auto n = std::count_if(r["layers"].begin(), r["layers"].end(), [](const auto& row) {
      return row["suitable"].template get<bool>();
    });
    fmt::print("  layers      {} of {} can be explained; `rationale layers` lists them\n", n,
               r["layers"].size());
    const ordered_json& choice = r["choice"];
    if (choice.contains("refused")) {
      fmt::print("  choice      none: {}\n", text(choice["refused"]));
    } else {
      fmt::print("  choice      layer {}: {}\n", text(choice["layer"]), text(choice["why"]));
      fmt::print("              {}: {}\n", text(choice["method"]), text(choice["method_why"]));
      fmt::print("              prefix {}: {}\n", text(choice["prefix"]),
                 text(choice["prefix_why"]));
      fmt::print("  a cell sees {}\n", text(choice["receptive_field_words"]));
      fmt::print("              batch {}: {}\n", choice["batch"].get<int>(), text(choice["batch_why"]));
      const ordered_json& cost = choice["estimate"];
      fmt::print("  cost        {:.3g} ms an image, {:.3g} min for 10,000; memory up to {:.0f} MB, {:.0f} MB with 8 at once\n",
                 cost["ms_per_image"].get<double>(), cost["minutes_for_10000"].get<double>(),
                 cost["peak_mb"].get<double>(), cost["peak_mb_batch_8"].get<double>());
      fmt::print("  self-check  cut and whole differ by {:.1e} (relative)\n",
                 choice["self_check"].get<double>());
    }
    print_methods(r["methods"]);
  } else if (r["findings"].empty()) {
    fmt::print(
        "  layers      give --tensor x.npy or a model.toml card: their shapes need an input's\n");
  }
  const ordered_json& blas = r["blas"];
  fmt::print("  machine     LibTorch {}, {} threads, device {}, BLAS {} {} (512 x 512: {:.1f} ms)\n",
             text(r["torch"]), r["threads"].get<int>(), text(r["device"]["used"]),
             text(blas["kind"]), text(blas["library"]), blas["matmul_512_ms"].get<double>());
  if (!text(blas["warning"]).empty()) fmt::print("  warning     {}\n", text(blas["warning"]));
  const ordered_json& sandbox = r["sandbox"];
  fmt::print("  sandbox     {}\n", sandbox["wanted"].get<bool>()
                                       ? fmt::format("files {}, network {}, programs {}", text(sandbox["files"]),
                                                     text(sandbox["network"]), text(sandbox["programs"]))
                                       : "off (--no-sandbox)");
  for (const auto& finding : r["findings"]) {
    fmt::print("  FINDING     {}\n              {}\n", text(finding["what"]), text(finding["remedy"]));
  }
  if (!r.contains("expect")) return;
  const ordered_json& e = r["expect"];
  fmt::print(
      "  your logits {}: worst difference {:.2g} (image {}, class {}: {:.6g}, yours {:.6g})\n",
      e["agrees"].get<bool>() ? "agree" : "DIFFER", e["worst_difference"].get<double>(),
      e["row"].get<std::int64_t>(), text(e["class"]), e["got"].get<double>(),
      e["expected"].get<double>());
  if (e["agrees"].get<bool>()) return;
  const std::string cause = text(e["likely_cause"]);
  fmt::print("              {}\n", cause.empty()
                                       ? "none of the usual causes explains it"
                                       : fmt::format("likely cause: {} (then {:.2g})", cause,
                                                     e["worst_difference_then"].get<double>()));
}

}  // namespace

int run_doctor(const CommandLine& line) {
  prepare_engine(line.common, explain::Mode::kFast);  // as `explain` runs: it is asked what that costs
  const DoctorOptions& o = line.doctor;
  if (!o.expect.empty() && o.tensor.empty()) {
    throw Error(Error::Kind::kUsage, "--expect needs the input that your logits belong to",
                "--expect", "add --tensor x.npy");
  }
  const ModelArgument model = read_model_argument(o.model);
  const explain::Examination facts = explain::examine(model.file);
  ordered_json result = model_facts(model, facts);
  bool agrees = true;
  if ((!o.tensor.empty() || model.card) && !facts.problem) {
    const explain::WholeModel whole(model.file, line.common.device, explain::WholeForm::kPlain);
    FloatArray input;
    std::vector<double> pixel_mm;
    if (!o.tensor.empty()) {
      GivenInput given = read_given_input(o.tensor, model);
      input = std::move(given.values);
      pixel_mm = std::move(given.pixel_mm);
    } else {
      input.shape = parse_shape({}, model);
      input.values.assign(static_cast<std::size_t>(element_count(input.shape)), 0.5F);
    }
    const at::Tensor x = explain::to_tensor(input);
    const std::string output = scores_output(model, facts, whole, x);
    const at::Tensor y = whole.run(x, output);
    result["output"] = output;
    result["output_shape"] = y.sizes().vec();
    result["heads"] = heads_of(whole, facts, x);
    if (model.card) result["classes"] = model.card->classes;
    try {
      result.update(layer_facts(model, first_image(input), pixel_mm, output, line.common.device));
    } catch (const Error& error) {  // no layer can be: of the whole model, not of one of them
      if (error.kind != Error::Kind::kRefused) throw;
      result["choice"] = {{"refused", error.what()}, {"code", error.code}, {"remedy", error.remedy}};
    }
    if (!o.expect.empty()) {
      const Scores scores = [&](const FloatArray& changed) {
        FloatArray got = explain::to_array(whole.run(explain::to_tensor(changed), output));
        if (got.shape.size() == 1) got.shape.push_back(1);
        return got;
      };
      const Comparison comparison = compare_with_expected(scores, input, read_expected(o.expect));
      result["expect"] = as_json(comparison, model);
      agrees = comparison.agrees;
    }
  }
  result["findings"] = findings_of(facts, result);
  result.update(machine_facts(line.common.device));
  result["sandbox"] = to_json(line.confinement);
  if (!line.confinement.are_films_apart) result["sandbox"].erase("films");  // it reads none
  if (line.common.json) {
    print_json("rationale.doctor", result);
  } else {
    print_text(result);
  }
  return agrees && result["findings"].empty() ? 0 : 1;
}

}  // namespace rationale::ui
