#include "tests/ui/example_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "data/base/digest.h"
#include "data/cases/cases.h"
#include "data/image/load.h"
#include "data/image/png.h"
#include "data/records/explanations.h"

namespace rationale::test {
namespace {

/// Two dark lungs in a bright chest, with a round opacity that moves with `index`.
void draw_film(const std::filesystem::path& path, int index) {
  constexpr int kSide = 256;
  std::vector<std::uint16_t> values;
  for (int row = 0; row < kSide; ++row) {
    for (int col = 0; col < kSide; ++col) {
      const auto in = [&](double r0, double c0, double r, double c) {
        return std::pow((row - r0) / r, 2) + std::pow((col - c0) / c, 2);
      };
      double y = in(130, 128, 150, 120) < 1 ? 0.75 : 0.03;
      for (const double centre : {75.0, 181.0}) y -= 0.5 * std::exp(-2 * in(125, centre, 85, 42));
      y += 0.35 * std::exp(-3 * in(100 + 20 * index, 185, 22, 22));
      values.push_back(static_cast<std::uint16_t>(65535 * std::clamp(y, 0.0, 1.0)));
    }
  }
  write_png_grey16(path, kSide, kSide, values);
}

/// 7 x 7 cells with a hill at (row, col), in logit.
Plane hill(double row, double col, double height) {
  Plane map{7, 7, {}};
  for (int i = 0; i < 7; ++i) {
    for (int j = 0; j < 7; ++j) {
      const double d = std::pow(i - row, 2) + std::pow(j - col, 2);
      map.values.push_back(static_cast<float>(height * std::exp(-d / 1.6) - 0.05));
    }
  }
  return map;
}

std::string mass_concepts(double logit) {
  using nlohmann::ordered_json;
  const auto one = [](const char* name, double phi, double half, double presence, double stability,
                      const char* verdict, bool is_named) {
    return ordered_json{{"concept", name},
                        {"version", 1},
                        {"phi", phi},
                        {"low", phi - half},
                        {"high", phi + half},
                        {"presence", presence},
                        {"sign_stability", stability},
                        {"verdict", verdict},
                        {"named", is_named}};
  };
  const double residual = logit - 0.2 - 1.8 - 0.55 + 0.2 - 0.35;
  ordered_json json;
  json["class"] = "Mass";
  json["sentence"] = fmt::format(
      "The model's output for Mass is above its reference primarily because of rounded opacity, "
      "secondarily because of multiple opacities: +1.80 (rounded opacity) +0.55 (multiple "
      "opacities) "
      "+0.15 (other annotated concepts) {:+.2f} (not explained) = {:.2f} above the reference 0.20. "
      "rounded opacity reads as present (94 %); multiple opacities reads as present (88 %).",
      residual, logit - 0.2);
  json["logit"] = logit;
  json["reference"] = 0.2;
  json["residual"] = residual;
  json["residual_share"] = std::abs(residual) / (std::abs(residual) + 1.8 + 0.55 + 0.2 + 0.35);
  json["contributions"] = {one("rounded_opacity", 1.8, 1.0, 0.94, 1.0, "established", true),
                           one("multiple_opacities", 0.55, 0.4, 0.88, 0.97, "established", true),
                           one("hilar_fullness", -0.2, 0.2, 0.24, 0.91, "suggestive", false),
                           one("edema", 0.25, 0.2, 0.6, 0.7, "not_established", false),
                           one("portable", 0.1, 0.2, 0.6, 0.6, "not_established", false)};
  json["check"] = 0.0;
  return json.dump();
}

}  // namespace

void make_example_store(const std::filesystem::path& folder, Concepts concepts,
                        std::vector<std::filesystem::path> films) {
  std::filesystem::create_directories(folder);
  if (films.empty()) {
    for (int i = 0; i < 3; ++i) {
      films.push_back(folder / "films" / fmt::format("{}.png", i));
      draw_film(films.back(), i);
    }
  }
  ExplanationManifest manifest;
  manifest.model_name = "example-net";
  manifest.model_sha256 = sha256_hex("model");
  manifest.card_sha256 = sha256_hex("card");
  manifest.classes = {"Mass", "Effusion", "Pneumothorax"};
  manifest.output_kind = "logits";
  manifest.activation = "sigmoid";
  manifest.thresholds = {0.5, 0.5, 0.5};
  manifest.layer = "features.10";
  manifest.method = "grad_cam";
  manifest.mode = "fast";
  manifest.device = "cpu";
  manifest.program_version = "0";
  if (concepts == Concepts::kSome) manifest.concepts_sha256 = sha256_hex("concepts");
  auto store =
      ExplanationStore::create(folder / "explanations.db", manifest, "2026-01-01T00:00:00Z");
  store.begin();
  for (std::size_t i = 0; i < films.size(); ++i) {
    const auto n = static_cast<double>(i);
    const Picture picture = load_picture(films[i]);
    Explanation explanation;
    explanation.pixel_sha256 = pixel_digest(picture);
    explanation.rows = picture.rows;
    explanation.cols = picture.cols;
    explanation.input_rows = explanation.input_cols = 224;
    explanation.input_to_picture = grid_to_pixels(224, 224, picture.rows, picture.cols);
    explanation.logits = {static_cast<float>(3.1 - n), -1.2F, static_cast<float>(0.4 - 0.3 * n)};
    explanation.maps = {hill(2.3, 5, 2.1 - 0.5 * n), hill(5.4, 1.5, 0.3), hill(0, 0, 0)};
    if (concepts == Concepts::kSome) {
      const std::string mass = mass_concepts(3.1 - n);
      explanation.concepts = {mass, mass, mass};
    }
    ExplainedCase one;
    one.name = fmt::format("C-{:04}", i + 1);
    one.file = std::filesystem::absolute(films[i]).string();
    one.file_sha256 = sha256_of_file(films[i]);
    one.spacing = picture.spacing;
    store.add(one, explanation);
  }
  store.add_scales();
  store.commit("2026-01-01T00:00:00Z");
}

}  // namespace rationale::test
