// Hand-made models that are hard to cut or must be refused: tests/models/make_cases.py says what
// each is.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

namespace {

/// max|got - wanted| / max|wanted|
double difference(const at::Tensor& got, const std::vector<float>& pool, const json& offset,
                  const json& shape) {
  const FloatArray values = to_array(got);
  REQUIRE(values.shape == shape.get<Shape>());
  double worst = 0, largest = 1e-12;
  for (std::size_t i = 0; i < values.values.size(); ++i) {
    const double wanted = pool[offset.get<std::size_t>() + i];
    worst = std::max(worst, std::abs(values.values[i] - wanted));
    largest = std::max(largest, std::abs(wanted));
  }
  return worst / largest;
}

SplitOptions options_of(const json& row) {
  SplitOptions options;
  options.layer = row["layer"];
  options.output = row["output"];
  if (row["call"].is_number()) options.call = row["call"].get<int>();
  options.input_shape = {2, 3, 12, 12};
  return options;
}

}  // namespace

TEST_CASE("Every hand-made model is cut exactly, or refused for the right reason",
          "[explain][split]") {
  const std::filesystem::path folder = test::in_tests("golden/models");
  const json cases = json::parse(std::ifstream(folder / "cases.json"));
  const FloatArray pool = read_npy_float(folder / "cases.npy");
  FloatArray input{{2, 3, 12, 12}, {pool.values.begin(), pool.values.begin() + 2 * 3 * 12 * 12}};
  for (const json& row : cases["rows"]) {
    for (const json& form : row["forms"]) {
      INFO(form.get<std::string>() << " " << row.dump());
      const auto file =
          folder / fmt::format("{}.{}.pt", row["name"].get<std::string>(), form.get<std::string>());
      const std::string expect = row["expect"];
      if (expect != "ok") {
        std::string got = "accepted";
        try {
          load_split_model(file, options_of(row));
        } catch (const Error& error) {
          got = std::string(kind_name(error.kind)) + (error.code.empty() ? "" : " " + error.code);
          CAPTURE(error.what(), error.where, error.remedy);
          CHECK(!error.remedy.empty());
        }
        CHECK(got == expect);
        continue;
      }
      try {
        const auto split = load_split_model(file, options_of(row));
        const auto run = split->run(to_tensor(input));
        CHECK(difference(split->activation(*run), pool.values, row["activation"],
                         row["activation_shape"]) <= 1e-6);
        CHECK(difference(split->logits(*run), pool.values, row["logits"], row["logits_shape"]) <=
              1e-6);
        const auto gradients = split->gradients(*run, {{.class_index = 2}});
        CHECK(difference(gradients[0], pool.values, row["gradient"], row["gradient_shape"]) <=
              1e-6);
      } catch (const Error& error) {
        FAIL_CHECK(error.what() << " | " << error.where << " | " << error.remedy);
      }
    }
  }
}

TEST_CASE("A model that writes or reads files is refused before it does so",
          "[explain][allow-list]") {
  const auto folder = std::filesystem::absolute(test::in_tests("golden/models"));
  const std::string trace = "rationale-test-was-here";  // what the models would write, relative
  std::filesystem::remove(trace);
  for (const std::string name :
       {"saves", "saves_in_if", "saves_in_method", "reads_file", "set_state"}) {
    INFO(name);
    try {
      list_layers(folder / (name + ".scripted.pt"), {1, 3, 12, 12});
      FAIL_CHECK("accepted");
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      CHECK(error.code == "operator_not_allowed");
      const std::string operation = name == "set_state"    ? "__setstate__"
                                    : name == "reads_file" ? "aten::from_file"
                                                           : "aten::save";
      CHECK(std::string(error.what()).find(operation) != std::string::npos);
      const std::string owner =
          name == "saves_in_method" ? "submodule \"writer\", method helper" : "";
      CHECK(std::string(error.what()).find(owner) != std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(trace));
  }
}

TEST_CASE("What is no TorchScript file is refused with the reason", "[explain][load]") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    const auto file = folder.path() / "model.pt";
    std::ofstream(file, std::ios::binary) << bytes;
    try {
      load_split_model(file, {.layer = "mid", .input_shape = {1, 3, 12, 12}});
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      return error.code;
    }
    return std::string("accepted");
  };
  const std::string whole = read_file(test::in_tests("golden/models/twice.scripted.pt"));
  CHECK(refusal("") == "not_torchscript");
  CHECK(refusal("not a model") == "not_torchscript");
  CHECK(refusal(whole.substr(0, whole.size() / 2)) == "not_torchscript");
  for (std::size_t at = 100; at + 300 < whole.size(); at += 211) {  // damaged, wherever it hits
    std::string bytes = whole;
    for (std::size_t i = 0; i < 40; ++i) bytes[at + i] = static_cast<char>(bytes[at + i] ^ 0x5A);
    try {
      const auto file = folder.path() / "damaged.pt";
      std::ofstream(file, std::ios::binary) << bytes;
      load_split_model(file, {.layer = "mid", .call = 0, .input_shape = {1, 3, 12, 12}});
    } catch (const Error& error) {
      CHECK(error.kind != Error::Kind::kInternal);
    }
  }
}

TEST_CASE("A wrong input size is bad input, not a refusal", "[explain][split]") {
  const auto file = test::in_tests("golden/models/twice.scripted.pt");
  SplitOptions options{.layer = "mid", .call = 1, .input_shape = {1, 1, 12, 12}};
  try {
    load_split_model(file, options);
    FAIL_CHECK("accepted");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK(error.code == "input_shape");
  }
  options.input_shape = {1, 3, 12, 12};
  const auto split = load_split_model(file, options);
  CHECK_THROWS_AS(split->run(at::zeros({1, 2, 12, 12})), Error);
}
