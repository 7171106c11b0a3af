#include "tests/explain_pipeline/films.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "data/base/file.h"
#include "data/image/png.h"
#include "tests/support/shared.h"

namespace rationale::test {

std::vector<Case> write_films(const std::filesystem::path& folder, int count) {
  constexpr int kSide = 96;
  std::string list = "case,file,patient,view\n";
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint16_t> values;
    std::uint32_t state = 77U + static_cast<std::uint32_t>(i);
    for (int row = 0; row < kSide; ++row) {
      for (int col = 0; col < kSide; ++col) {
        state = state * 1664525U + 1013904223U;
        const bool is_disc = std::hypot(row - 50 - i, col - 30 - 2 * i) < 12;
        values.push_back(static_cast<std::uint16_t>((is_disc ? 2600U : 1200U) + (state >> 24)));
      }
    }
    const std::string name = fmt::format("p{:02}", i);
    write_png_grey16(folder / (name + ".png"), kSide, kSide, values);
    list += fmt::format("{0},{0}.png,patient {1},{2}\n", name, i / 2, i % 2 == 0 ? "AP" : "PA");
  }
  write_file(folder / "cases.csv", list);
  return read_cases(folder / "cases.csv", MissingFiles::kKeep);
}

explain::ModelCard sample_card() {
  return explain::read_card(in_tests("../data/samples/models/honest.toml"));
}

std::unique_ptr<explain::SplitModel> sample_model(const explain::ModelCard& card) {
  explain::SplitOptions options;
  options.layer = card.layers.front();
  options.input_shape = card.input_shape;
  options.input_shape.insert(options.input_shape.begin(), 1);
  return explain::load_split_model(card.model_file, options);
}

ExplanationManifest sample_manifest(const explain::ModelCard& card) {
  ExplanationManifest m;
  m.model_name = card.name;
  m.model_sha256 = card.model_sha256;
  m.card_sha256 = card.card_sha256;
  m.classes = card.classes;
  m.output_kind = "logits";
  m.activation = "sigmoid";
  m.thresholds = card.thresholds;
  m.layer = card.layers.front();
  m.method = "grad_cam";
  m.mode = "reproducible";
  m.prefix_variant = "unoptimised";
  m.device = "cpu";
  return m;
}

}  // namespace rationale::test
