// Twelve torchvision architectures against eager PyTorch: made and run by
// tests/models/check_torchvision.sh.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "explain/methods/grad_cam.h"
#include "explain/model/split_model.h"
#include "explain/model/tensor_array.h"
#include "explain/model/torch_environment.h"
#include "explain/torch.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;
using nlohmann::json;

TEST_CASE("Splits of torchvision models equal eager PyTorch at every example layer",
          "[.torchvision][explain]") {
  const char* given = std::getenv("RATIONALE_TORCHVISION");
  REQUIRE(given != nullptr);
  const std::filesystem::path folder = given;
  set_threads(1);  // as the reference: some kernels sum in another order with more threads
  const std::string form = GENERATE("traced", "scripted");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  int n_equal = 0, n_refused = 0;
  double worst_of_all = 0;
  for (const auto& file : files) {
    const json model = json::parse(std::ifstream(file));
    const std::string name = model["name"];
    const FloatArray vectors = read_npy_float(folder / (name + ".vectors.npy"));
    const FloatArray input = read_npy_float(folder / (name + ".input.npy"));
    const at::Tensor pool = to_tensor(vectors), x = to_tensor(input);
    for (const json& row : model["rows"]) {
      INFO(form << " " << name << " " << row["layer"] << " #" << row["call"]);
      SplitOptions options;
      options.layer = row["layer"];
      options.call = row["call"].get<int>();
      options.input_shape = input.shape;
      const auto wanted = [&](const json& offset, at::IntArrayRef shape) {
        std::int64_t n = 1;
        for (const std::int64_t extent : shape) n *= extent;
        return pool.narrow(0, offset.get<std::int64_t>(), n).view(shape);
      };
      const auto difference = [](const at::Tensor& got, const at::Tensor& reference) {
        return (got - reference).abs().max().item<double>() /
               std::max(reference.abs().max().item<double>(), 1e-30);
      };
      try {
        const auto split = load_split_model(folder / fmt::format("{}.{}.pt", name, form), options);
        const auto run = split->run(x);
        const auto shape = row["shape"].get<std::vector<std::int64_t>>();
        double worst = difference(split->activation(*run), wanted(row["activation"], shape));
        worst = std::max(
            worst, difference(split->logits(*run),
                              wanted(row["logits"], {2, row["n_classes"].get<std::int64_t>()})));
        const auto classes = model["classes"].get<std::vector<std::int64_t>>();
        for (std::size_t c = 0; c < classes.size(); ++c) {
          const at::Tensor g = split->gradients(*run, {{.class_index = classes[c]}})[0];
          worst = std::max(worst, difference(g, wanted(row["gradients"][c], shape)));
          if (row["grad_cam"].empty()) continue;
          auto map_shape = shape;
          map_shape.erase(map_shape.begin() + 1);
          worst = std::max(worst, difference(grad_cam(split->activation(*run), g),
                                             wanted(row["grad_cam"][c], map_shape)));
        }
        fmt::print("{:9} {:16} {:45} #{} {:.1e}{}\n", form, name, options.layer, *options.call,
                   worst, split->facts().has_closed_form_head ? " closed form" : "");
        CHECK(worst <= 1e-6);
        worst_of_all = std::max(worst_of_all, worst);
        ++n_equal;
        CHECK_FALSE((form == "traced" && row["refused_traced"].get<bool>()));
      } catch (const Error& error) {
        fmt::print("{:9} {:16} {:45} #{} {}: {}\n", form, name, options.layer, *options.call,
                   kind_name(error.kind), error.what());
        CHECK(error.kind == Error::Kind::kRefused);
        CHECK((form == "traced" && row["refused_traced"].get<bool>()));
        CHECK(std::string(error.what()).find("_native_multi_head_attention") != std::string::npos);
        ++n_refused;
      }
    }
  }
  fmt::print("{}: {} rows equal (worst {:.1e}), {} refused\n", form, n_equal, worst_of_all,
             n_refused);
}
