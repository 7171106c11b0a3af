// The operator allow-list, held against every operator that this LibTorch knows.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "data/base/error.h"
#include "explain/model/torchscript_operators.h"
#include "explain/torch.h"
#include "tests/support/catch.h"

#pragma push_macro("CHECK")
#undef CHECK
#include <torch/csrc/jit/runtime/operator.h>
#undef CHECK
#pragma pop_macro("CHECK")

using namespace rationale;
using namespace rationale::explain;

namespace {

/// Read here by other code than the program's: "[space]" lines, then names.
std::set<std::string> listed() {
  std::ifstream file(std::string(RATIONALE_SOURCE_DIR) + "/explain/model/allowed_operators.txt");
  std::set<std::string> names;
  std::string space;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind('#', 0) == 0) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word.front() == '[') {
        space = word.substr(1, word.size() - 2);
      } else {
        names.insert(space + "::" + word);
      }
    }
  }
  return names;
}

std::set<std::string> registered() {
  std::set<std::string> names;
  for (const auto& one : torch::jit::getAllOperators()) names.insert(one->schema().name());
  return names;
}

/// A model whose method `helper` of submodule "part" holds this one node, which nothing calls.
torch::jit::Module model_with(const std::string& name) {
  torch::jit::Module model("Model"), part("Part");
  const auto graph = std::make_shared<torch::jit::Graph>();
  graph->addInput("self")->setType(part._ivalue()->type());
  torch::jit::Value* x = graph->addInput("x");
  torch::jit::Node* node = graph->create(c10::Symbol::fromQualString(name), {x}, 1);
  graph->insertNode(node);
  graph->registerOutput(node->output());
  const auto unit = part._ivalue()->compilation_unit();
  part.type()->addMethod(unit->create_function(c10::QualifiedName(*part.type()->name(), "helper"), graph));
  model.register_module("part", part);
  return model;
}

std::string verdict(const std::string& name) {
  try {
    torchscript::check_operators(model_with(name), "m.pt");
    return "allowed";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK(error.code == "operator_not_allowed");
    CHECK(error.where == "m.pt");
    return error.what();
  }
}

}  // namespace

TEST_CASE("Every operator of this LibTorch is allowed or refused by name and place as the list says",
          "[explain][allow-list]") {
  const std::set<std::string> allowed = listed(), known = registered();
  REQUIRE(known.size() > 1000);
  std::size_t n_allowed = 0, n_refused = 0;
  for (const std::string& name : known) {
    INFO(name);
    const std::string got = verdict(name);
    if (allowed.count(name) != 0) {
      CHECK(got == "allowed");
      ++n_allowed;
    } else {
      CHECK(got == "the operator " + name + " is not allowed: in submodule \"part\", method helper");
      ++n_refused;
    }
  }
  CHECK(n_allowed > 500);
  CHECK(n_refused > 500);
}

TEST_CASE("Operators that reach files, other programs or other memory are never on the list", "[explain][allow-list]") {
  const std::set<std::string> allowed = listed();
  for (const char* name :
       {"aten::save", "aten::from_file", "aten::set_", "aten::set", "aten::resize_", "aten::resize_as_",
        "aten::_reshape_alias", "aten::set_data", "aten::_resize_output_", "aten::record_stream", "aten::_fft_c2r",
        "aten::ctc_loss", "aten::_ctc_loss", "aten::fractional_max_pool2d", "aten::lu_solve", "aten::lu_unpack",
        "aten::ormqr", "aten::embedding_bag", "aten::_embedding_bag", "aten::sparse_coo_tensor",
        "aten::_sparse_coo_tensor_unsafe", "aten::_sparse_csr_tensor_unsafe", "aten::to_dense", "aten::to_sparse",
        "aten::to_mkldnn", "aten::wait", "aten::segment_reduce", "aten::manual_seed", "aten::set_vital",
        "prim::PythonOp", "prim::fork", "prim::awaitable", "prim::rpc_async", "prim::rpc_sync", "prim::rpc_remote",
        "prim::DifferentiableGraph", "prim::FusionGroup", "prim::TensorExprGroup", "prim::CudaFusionGroup",
        "prim::id", "prim::BailOut", "prim::Closure", "prim::CallLegacyOp", "prim::Guard", "prim::AddStatValue"}) {
    INFO(name);
    CHECK(allowed.count(name) == 0);
    CHECK(verdict(name) == std::string("the operator ") + name + " is not allowed: in submodule \"part\", method helper");
  }
  for (const std::string& name : allowed) {
    INFO(name);
    const bool is_of_two_spaces = name.rfind("aten::", 0) == 0 || name.rfind("prim::", 0) == 0;
    CHECK(is_of_two_spaces);
    if (name.rfind("prim::is_", 0) == 0) continue;  // questions
    CHECK(name.find("sparse_") == std::string::npos);
    CHECK(name.find("quantize") == std::string::npos);
  }
}
