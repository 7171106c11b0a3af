// `rationale activations`: what a layer returned, the slope of a class there, and the scores.
#include <fmt/format.h>

#include "data/arrays/npy.h"
#include "explain/methods/maps.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "ui/engine/bodies.h"
#include "ui/engine/model_argument.h"

namespace rationale::ui {

int run_activations(const CommandLine& line) {
  const ActivationsOptions& o = line.activations;
  explain::SplitOptions options;
  options.mode = prepare_engine(line.common, explain::Mode::kReproducible);
  options.device = line.common.device;
  const ModelArgument model = read_model_argument(o.model);
  const FloatArray input = read_input(o.tensor, model);
  options.layer = model.layer(o.target.layer);
  if (o.target.call >= 0) options.call = o.target.call;
  options.output = model.output(o.target.output);
  options.any_output = o.gradient.empty() && o.logits.empty();
  options.input_shape = input.shape;

  explain::MapRequest request;
  request.targets = parse_targets(o.target.kind, o.target.classes, model);
  request.grid = model.grid(o.target.reshape);
  if (!o.gradient.empty() && request.targets.empty()) {
    throw Error(Error::Kind::kUsage, "the gradient of which class?", "--gradient", "add --class C")
        .with_code("class_needed");
  }
  const auto split = explain::load_split_model(model.file, options);
  const auto run = split->run(explain::to_tensor(input));

  nlohmann::ordered_json files = nlohmann::ordered_json::object();
  const auto write = [&](const std::filesystem::path& path, const std::string& method,
                         const char* name) {
    if (path.empty()) return;
    request.method = method;
    const FloatArray array = explain::compute_maps(*split, *run, request);
    write_npy(path, array);
    files[name] = {{"npy", path.string()}, {"shape", array.shape}};
    if (!line.common.json) {
      fmt::print("{}: [{}] in {}\n", name, fmt::join(array.shape, ", "), path.string());
    }
  };
  write(o.npy, "activation", "activation");
  write(o.gradient, "gradient", "gradient");
  write(o.logits, "output", "logits");
  const explain::SplitModel::Facts& facts = split->facts();
  nlohmann::ordered_json result{{"layer", facts.layer},
                                {"call", facts.call},
                                {"shape", split->activation(*run).sizes().vec()}};
  result.update(files);
  result.update({{"model_sha256", facts.file_sha256},
                 {"prefix", facts.prefix_variant},
                 {"closed_form_head", facts.has_closed_form_head},
                 {"side_inputs", facts.n_side_inputs},
                 {"self_check", facts.self_check}});
  if (line.common.json) print_json("rationale.activations", result);
  return 0;
}

}  // namespace rationale::ui
