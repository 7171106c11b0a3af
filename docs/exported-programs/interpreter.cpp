// A spike, not a part of the program: can C++ run and differentiate an exported program without TorchScript and without
// Python? Reads the JSON graph that torch.export wrote, calls each operator through LibTorch's dispatcher, puts a leaf
// in the place of one layer's output and compares with what experiment.py saw in eager PyTorch.
//   g++ -std=c++17 -O2 -w interpreter.cpp -o interpreter -I/usr/include/torch/csrc/api/include -ltorch -ltorch_cpu -lc10
//   ./interpreter FOLDER LAYER      (FOLDER: as experiment.py unpacks model.pt2)
#include <torch/torch.h>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

using c10::IValue;
using nlohmann::json;

std::vector<char> bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Step {
  c10::OperatorHandle op;
  json node;
};

struct Program {
  std::map<std::string, IValue> weights;  // by the name of the graph's input
  std::vector<Step> steps;
  std::string input, output;
};

/// "torch.ops.aten.conv2d.default" → the operator aten::conv2d.
c10::OperatorHandle operator_of(const std::string& target) {
  const std::string name = target.substr(std::string("torch.ops.").size());  // aten.conv2d.default
  const auto first = name.find('.'), last = name.rfind('.');
  const std::string overload = name.substr(last + 1);
  return c10::Dispatcher::singleton().findSchemaOrThrow(
      (name.substr(0, first) + "::" + name.substr(first + 1, last - first - 1)).c_str(),
      overload == "default" ? "" : overload.c_str());
}

Program read_program(const std::string& folder) {
  const auto text = bytes_of(folder + "/serialized_exported_program.json");
  const json graph_module = json::parse(text.begin(), text.end())["graph_module"];
  std::map<std::string, IValue> stored;
  for (const auto& item : torch::pickle_load(bytes_of(folder + "/weights.pt")).toGenericDict()) {
    stored[item.key().toStringRef()] = item.value();
  }
  Program program;
  for (const json& spec : graph_module["signature"]["input_specs"]) {
    if (spec.contains("parameter")) {
      program.weights[spec["parameter"]["arg"]["name"]] = stored.at(spec["parameter"]["parameter_name"]);
    } else if (spec.contains("buffer")) {
      program.weights[spec["buffer"]["arg"]["name"]] = stored.at(spec["buffer"]["buffer_name"]);
    } else {
      program.input = spec.at("user_input")["arg"]["as_tensor"]["name"];
    }
  }
  program.output = graph_module["graph"]["outputs"][0]["as_tensor"]["name"];
  for (const json& node : graph_module["graph"]["nodes"]) program.steps.push_back({operator_of(node["target"]), node});
  return program;
}

IValue value_of(const json& argument, const std::map<std::string, IValue>& values) {
  if (argument.contains("as_tensor")) return values.at(argument["as_tensor"]["name"]);
  if (argument.contains("as_none")) return {};
  if (argument.contains("as_int")) return argument["as_int"].get<std::int64_t>();
  if (argument.contains("as_float")) return argument["as_float"].get<double>();
  if (argument.contains("as_bool")) return argument["as_bool"].get<bool>();
  if (argument.contains("as_ints")) return argument["as_ints"].get<std::vector<std::int64_t>>();
  if (argument.contains("as_tensors")) {
    std::vector<at::Tensor> list;
    for (const json& one : argument["as_tensors"]) list.push_back(values.at(one["name"]).toTensor());
    return list;
  }
  throw std::runtime_error("an argument of a kind that the spike does not know: " + argument.dump());
}

/// The last step whose module stack ("…;L__self___layer3,layer3,torch.nn…Sequential;…") has the layer.
std::size_t cut_of(const Program& program, const std::string& layer) {
  std::size_t cut = program.steps.size();
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const std::string stack = program.steps[i].node["metadata"].value("nn_module_stack", "");
    if (stack.find("," + layer + ",") != std::string::npos) cut = i;
  }
  return cut;
}

/// Runs the steps; behind step `cut` with a graph, from a leaf of its own.
at::Tensor run(const Program& program, const at::Tensor& x, std::size_t cut, at::Tensor& leaf) {
  std::map<std::string, IValue> values = program.weights;
  values[program.input] = x;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const at::AutoGradMode with_graph(i > cut);
    const auto& [op, node] = program.steps[i];
    torch::jit::Stack stack;
    for (const auto& argument : op.schema().arguments()) {
      IValue value = argument.default_value().value_or(IValue());
      for (const json& given : node["inputs"]) {
        if (given["name"] == argument.name()) value = value_of(given["arg"], values);
      }
      stack.push_back(std::move(value));
    }
    op.callBoxed(stack);
    const std::string name = node["outputs"][0].at("as_tensor")["name"];
    values[name] = stack[0];
    if (i == cut) {
      const at::AutoGradMode on(true);
      leaf = stack[0].toTensor().detach().clone().requires_grad_(true);
      values[name] = leaf.clone();  // an in-place operation may follow
    }
  }
  return values.at(program.output).toTensor();
}

int main(int, char** argv) {
  at::set_num_threads(1);
  const IValue reference = torch::pickle_load(bytes_of(std::string(argv[1]) + "/reference.pt"));
  const auto& seen = reference.toTupleRef().elements();
  const at::Tensor x = seen[0].toTensor(), y = seen[2].toTensor();
  const auto differ = [](const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max()).item<double>();
  };
  const Program program = read_program(argv[1]);
  const std::size_t cut = cut_of(program, argv[2]);
  at::Tensor leaf;
  const at::Tensor got = run(program, x, cut, leaf);
  const at::Tensor g = torch::autograd::grad({got.select(1, 5).sum()}, {leaf})[0];
  const at::Tensor map = (g.mean({2, 3}, true) * leaf.detach()).sum(1);
  std::cout << "LibTorch " << TORCH_VERSION << ", " << program.steps.size() << " operators, cut behind "
            << program.steps[cut].node["target"] << "\n  relative differences: activation "
            << differ(leaf.detach(), seen[1].toTensor()) << ", logits " << differ(got.detach(), y) << ", gradient "
            << differ(g, seen[3].toTensor()) << ", Grad-CAM " << differ(map, seen[4].toTensor()) << "\n";
  const at::Tensor one = x.narrow(0, 0, 1);
  std::cout << "  one image alone: logits " << differ(run(program, one, cut, leaf).detach(), y.narrow(0, 0, 1)) << "\n";
  double best = 1e9;
  for (int round = 0; round < 8; ++round) {
    const auto start = std::chrono::steady_clock::now();
    run(program, one, program.steps.size(), leaf);
    best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::cout << "  forward of one image, no optimisation of any kind, one thread: " << best << " ms\n";
}
