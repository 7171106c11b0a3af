// Reference vectors of golden/explanation: float64 maps from the papers' formulas on the eager models.
#include <fmt/format.h>

#include <fstream>
#include <map>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "explain/model/tensor_array.h"
#include "explain/torch.h"
#include "tests/explain/golden.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

TEST_CASE("Every method equals its reference vectors, traced and scripted", "[explain][golden]") {
  const auto folder = test::shared("golden/explanation", 2 * 1105);
  if (!folder) return;
  const json index = json::parse(std::ifstream(*folder / "index.json"));
  struct Count {
    int passed = 0, all = 0;
  };
  std::map<std::string, Count> counts;
  int n_all = 0, n_passed = 0;
  for (const json& model : index["models"]) {
    const std::string name = model["name"];
    const FloatArray vectors = read_npy_float(*folder / "vectors" / (name + ".npy"));
    const FloatArray batch = read_npy_float(*folder / "inputs" / (name + ".npy"));
    for (const std::string form : {"traced", "scripted"}) {
      std::map<std::string, std::unique_ptr<SplitModel>> splits;  // one for each place that is cut at
      for (const json& row : index["rows"]) {
        if (row["model"] != name || row["forms"].dump().find(form) == std::string::npos) continue;
        Count& count = counts[row["method"]];
        ++count.all;
        ++n_all;
        INFO(name << " " << form << " " << row.dump());
        try {
          const FloatArray input = test::input_of(row, batch);
          const SplitOptions options = test::split_of(row, input.shape);
          auto& split = splits[fmt::format("{}|{}|{}|{}|{}", options.layer, options.call.value_or(-1),
                                           options.output, options.any_output,
                                           static_cast<int>(options.relu_rule))];
          if (!split) split = load_split_model(*folder / "models" / (name + "." + form + ".pt"), options);
          const FloatArray got = compute_maps(*split, input, test::request_of(row));
          REQUIRE(got.shape == row["shape"].get<Shape>());
          const double difference =
              test::golden_difference(got.values, vectors.values.data() + row["offset"].get<std::size_t>());
          CHECK(difference <= row["tol"].get<double>());
          const bool is_passed = difference <= row["tol"].get<double>();
          count.passed += is_passed ? 1 : 0;
          n_passed += is_passed ? 1 : 0;
        } catch (const Error& error) {
          FAIL_CHECK(error.what() << " | " << error.where << " | " << error.remedy);
        }
      }
    }
  }
  for (const auto& [method, count] : counts) fmt::print("{:20} {:4} / {}\n", method, count.passed, count.all);
  fmt::print("{:20} {:4} / {}\n", "all", n_passed, n_all);
  CHECK(n_all == 2 * 1105);
}
