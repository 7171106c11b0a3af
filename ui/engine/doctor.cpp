// `rationale doctor`: what a model file is, what it may do, and whether it answers as its maker
// says.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/model/torch_environment.h"
#include "explain/model/whole_model.h"
#include "explain/torch.h"
#include "ui/engine/bodies.h"
#include "ui/engine/expectation.h"
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
      {"outputs", facts.outputs}};
  if (!facts.outputs_problem.empty()) json["outputs_problem"] = facts.outputs_problem;
  return json;
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

/// Layers, the one it would choose, and what it would do with it.
ordered_json layer_facts(const ModelArgument& model, const Shape& shape, const std::string& output,
                         const std::string& device) {
  const auto rows = explain::list_layers(model.file, shape, output);
  ordered_json layers = ordered_json::array();
  for (const explain::LayerRow& row : rows) {
    layers.push_back({{"name", row.name},
                      {"kind", row.kind},
                      {"calls", row.calls},
                      {"shape", row.shape},
                      {"suitable", row.is_suitable},
                      {"reason", row.reason}});
  }
  ordered_json result{{"layers", layers}};
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
    const auto split = explain::load_split_model(model.file, options);
    const explain::SplitModel::Facts& facts = split->facts();
    result["choice"] = {
        {"layer", facts.layer},
        {"call", facts.call},
        {"why", why},
        {"closed_form_head", facts.has_closed_form_head},
        {"method", facts.has_closed_form_head ? "grad_cam" : "hires_cam"},
        {"method_why", facts.has_closed_form_head
                           ? "pooling and one linear layer follow: all methods agree there"
                           : "HiResCAM adds up to the score's change where more follows"},
        {"prefix", facts.prefix_variant},
        {"prefix_why", "the fastest of frozen, channels_last and onednn on this machine"},
        {"side_inputs", facts.n_side_inputs},
        {"self_check", facts.self_check}};
  } catch (const Error& error) {
    result["choice"] = {{"refused", error.what()}, {"remedy", error.remedy}};
  }
  return result;
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

void print_text(const ordered_json& r) {
  const auto text = [](const ordered_json& value) { return value.get<std::string>(); };
  fmt::print("{}: {} TorchScript, {} submodules, {} numbers\n", text(r["file"]), text(r["form"]),
             r["submodules"].get<int>(), r["parameters"].get<std::int64_t>());
  fmt::print("  operators   all on the allow-list\n");
  for (const auto& name : r["training_leftovers"]) {
    fmt::print("  training    {} was saved in training mode; it is run in eval mode\n", text(name));
    break;
  }
  if (r["outputs"].size() > 1) fmt::print("  outputs     {}\n", r["outputs"].dump());
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
      fmt::print("  self-check  cut and whole differ by {:.1e} (relative)\n",
                 choice["self_check"].get<double>());
    }
  } else {
    fmt::print(
        "  layers      give --tensor x.npy or a model.toml card: their shapes need an input's\n");
  }
  const ordered_json& blas = r["blas"];
  fmt::print("  machine     LibTorch {}, {} threads, device {}, BLAS {} (512 x 512: {:.1f} ms)\n",
             text(r["torch"]), r["threads"].get<int>(), text(r["device"]["used"]),
             text(blas["library"]), blas["matmul_512_ms"].get<double>());
  if (!text(blas["warning"]).empty()) fmt::print("  warning     {}\n", text(blas["warning"]));
  const ordered_json& sandbox = r["sandbox"];
  fmt::print("  sandbox     {}\n", sandbox["wanted"].get<bool>()
                                       ? fmt::format("files {}, network {}, programs {}", text(sandbox["files"]),
                                                     text(sandbox["network"]), text(sandbox["programs"]))
                                       : "off (--no-sandbox)");
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
  prepare_engine(line.common, explain::Mode::kReproducible);
  const DoctorOptions& o = line.doctor;
  if (!o.expect.empty() && o.tensor.empty()) {
    throw Error(Error::Kind::kUsage, "--expect needs the input that your logits belong to",
                "--expect", "add --tensor x.npy");
  }
  const ModelArgument model = read_model_argument(o.model);
  const explain::Examination facts = explain::examine(model.file);
  ordered_json result = model_facts(model, facts);
  bool agrees = true;
  if (!o.tensor.empty() || model.card) {
    const explain::WholeModel whole(model.file, line.common.device, explain::WholeForm::kPlain);
    FloatArray input;
    if (!o.tensor.empty()) {
      input = read_input(o.tensor, model);
    } else {
      input.shape = parse_shape({}, model);
      input.values.assign(static_cast<std::size_t>(element_count(input.shape)), 0.5F);
    }
    const at::Tensor x = explain::to_tensor(input);
    const std::string output = scores_output(model, facts, whole, x);
    const at::Tensor y = whole.run(x, output);
    result["output"] = output;
    result["output_shape"] = y.sizes().vec();
    if (model.card) result["classes"] = model.card->classes;
    result.update(layer_facts(model, input.shape, output, line.common.device));
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
  result.update(machine_facts(line.common.device));
  result["sandbox"] = to_json(line.confinement);
  result["sandbox"].erase("films");  // doctor reads none
  if (line.common.json) {
    print_json("rationale.doctor", result);
  } else {
    print_text(result);
  }
  return agrees ? 0 : 1;
}

}  // namespace rationale::ui
