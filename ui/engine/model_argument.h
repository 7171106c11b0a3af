// MODEL of a command line: a TorchScript file, or a card that says more about it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "explain/methods/method_table.h"
#include "explain/model/card.h"
#include "explain/model/split_model.h"
#include "explain/model/token_grid.h"
#include "ui/command/command_line.h"

namespace rationale::ui {

struct ModelArgument {
  std::filesystem::path given;  ///< as on the command line
  std::filesystem::path file;   ///< the TorchScript file
  std::optional<explain::ModelCard> card;

  /// A class by number, or by name where there is a card. @throws Error (kUsage)
  std::int64_t class_index(const std::string& name_or_number) const;
  /// The card's name of a class, else its number.
  std::string class_name(std::int64_t index) const;
  /// `chosen`, else the card's first layer, else empty: the engine proposes.
  std::string layer(const std::string& chosen) const;
  /// `chosen`, else the card's, else the engine's for this cut; and why.
  explain::MethodChoice method(const std::string& chosen, const explain::SplitModel::Facts& facts) const;
  /// How tokens lie in the picture: by the rule `chosen`, else the card's; none where neither says so.
  /// @throws Error (kUsage)
  std::optional<explain::TokenGrid> grid(const std::string& chosen) const;
  /// `chosen`, else the card's output.
  std::string output(const std::string& chosen) const;
};

/// A file that ends in .toml is read as a card. @throws Error (kInput) as read_card
ModelArgument read_model_argument(const std::filesystem::path& path);

/// An input .npy [N,C,(D,)H,W]; with a card also a film, a series' folder or an array [D,H,W], prepared as it says,
/// [1,C,(D,)H,W]. @throws Error (kInput) if its axes do not fit, or differ from the card's shape; as the preparation
FloatArray read_input(const std::filesystem::path& path, const ModelArgument& model);

/// The same, and how many slices the series has that it was prepared from; 0: it was none.
struct GivenInput {
  FloatArray values;
  int series_slices = 0;
  std::vector<double> pixel_mm = {};  ///< of the network's input, (depth,) rows, columns; empty or 0 = not known
};
GivenInput read_given_input(const std::filesystem::path& path, const ModelArgument& model);

/// "1,3,224,224" → numbers; empty: the card's shape with N = 1. @throws Error (kUsage)
std::vector<std::int64_t> parse_shape(const std::string& text, const ModelArgument& model);

/// "logit", "logit_diff:NAME", … for each class; of a regression told from the card's reference.
std::vector<explain::Target> parse_targets(const std::string& kind,
                                           const std::vector<std::string>& classes,
                                           const ModelArgument& model);

/// Threads and determinism for this process, once. @return the mode, `by_default` if none was
/// chosen
explain::Mode prepare_engine(const CommonOptions& common, explain::Mode by_default);

}  // namespace rationale::ui
