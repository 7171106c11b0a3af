// model.toml: what a model expects and returns (format in docs/model-card.md). Needs no LibTorch.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/image/image.h"

namespace rationale::explain {

enum class Pixels { kDisplayU8, kDisplay, kWindow, kModality };
enum class Invert { kNever, kMonochrome1 };
enum class Fit { kStretch, kPad, kCropCenter };
enum class Resize {
  kPilBilinearU8,
  kPilBicubicU8,
  kPilLanczosU8,
  kPilNearest,
  kBilinearAa,
  kBicubicAa,
  kBilinear,
  kArea,
  kNearest,
  kNearestFloor,
  kNone
};
enum class Normalise { kFixed, kMinMax, kZScore, kPercentile };
enum class OutputKind { kLogits, kProbabilities, kRegression };
enum class Activation { kNone, kSigmoid, kSoftmax };

struct ModelCard {
  std::string name;
  std::filesystem::path model_file;  ///< absolute or relative to the working directory
  std::string model_sha256;          ///< of the file; held against the card's, if it states one
  std::string card_sha256;           ///< of the card's own bytes

  std::vector<std::int64_t> input_shape;  ///< [C,H,W] or [C,D,H,W]
  Pixels pixels = Pixels::kDisplayU8;
  Window window;  ///< for kWindow
  Invert invert = Invert::kNever;
  Fit fit = Fit::kStretch;
  Resize resize = Resize::kBilinearAa;
  Normalise normalise = Normalise::kFixed;
  std::array<double, 2> range{0, 1};          ///< for kMinMax and kPercentile
  std::array<double, 2> percentiles{0, 100};  ///< for kPercentile
  double scale = 1;
  std::vector<double> mean, std;  ///< one a channel, or one for all

  std::string output_select;  ///< tuple index or dict key; empty = the output is a tensor
  OutputKind output_kind = OutputKind::kLogits;
  Activation activation = Activation::kNone;
  std::vector<std::string> classes;
  std::vector<double> thresholds;  ///< on the activation's scale; empty = none stated
  std::vector<double> references;  ///< of a regression: the values that outputs are told from; empty = none stated

  std::vector<std::string> layers;  ///< first = default; empty = the engine proposes
  std::string method;               ///< empty = the command's default
  std::string reshape;              ///< of layers of tokens: token_grid.h; empty = none stated
  std::vector<double> scales;  ///< where pictures' colours end, one a class, in units of the maps; empty = none stated
};

/// @throws Error (kInput) naming file, line and key for an unknown key, a wrong type, a value out
/// of range,
///         a missing model file or a sha256 that does not match it
ModelCard read_card(const std::filesystem::path& path);

/// Index of a class given by name or number. @throws Error (kUsage) with near names
int find_class(const std::vector<std::string>& classes, const std::string& name_or_index, const std::string& model_name);
int class_index(const ModelCard& card, const std::string& name_or_index);

}  // namespace rationale::explain
