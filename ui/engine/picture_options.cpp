#include "ui/engine/picture_options.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <system_error>

#include "data/base/error.h"
#include "data/base/text.h"
#include "explain/model/card.h"
#include "explain/pipeline/run_store.h"

namespace rationale::ui {
namespace {

using namespace rationale::explain;

std::vector<double> scales_of_run(const std::filesystem::path& folder, const ExplanationManifest& run) {
  const ExplanationStore earlier = ExplanationStore::open(store_file(folder));
  const ExplanationManifest& there = earlier.manifest();
  const bool is_alike = there.model_sha256 == run.model_sha256 && there.classes == run.classes &&
                        there.layer == run.layer && there.call == run.call && there.method == run.method;
  if (!is_alike) {
    throw Error(Error::Kind::kRefused,
                fmt::format("the earlier run has other maps: {} at {} of {}, not {} at {} of {}", there.method, there.layer,
                            there.model_name, run.method, run.layer, run.model_name),
                folder.string(), "name a run of the same model, layer and method, or a number")
        .with_code("other_run");
  }
  std::vector<double> scales;
  for (std::size_t k = 0; k < run.classes.size(); ++k) scales.push_back(earlier.scale(static_cast<int>(k)));
  return scales;
}

}  // namespace

PictureChoice picture_choice(const PictureOptions& options, const std::vector<std::string>& classes,
                             const std::string& output_kind, const std::string& model_name) {
  PictureChoice choice;
  choice.style = options.contours             ? OverlayStyle::kOutline
                 : output_kind == "regression" ? OverlayStyle::kSigned
                                               : OverlayStyle::kFilled;
  choice.scale = options.scale == "image" ? PictureChoice::Scale::kImage : PictureChoice::Scale::kFixed;
  if (options.which == "top") return choice;
  if (options.which == "all") {
    choice.kind = PictureChoice::Kind::kAll;
    return choice;
  }
  choice.kind = PictureChoice::Kind::kClass;
  choice.class_index = find_class(classes, options.which, model_name);
  return choice;
}

std::vector<double> reference_scales(const PictureOptions& options, const ExplanationManifest& run,
                                     const std::vector<double>& of_card) {
  if (options.scale == "fixed" || options.scale == "image") return of_card;
  if (const auto number = parse_number(options.scale)) {
    if (std::isfinite(*number) && *number > 0) return std::vector<double>(run.classes.size(), *number);
  }
  std::error_code ignored;
  if (std::filesystem::exists(store_file(options.scale), ignored)) return scales_of_run(options.scale, run);
  throw Error(Error::Kind::kUsage, "\"" + options.scale + "\" is no scale", "--scale",
              "use fixed, image, a number above 0 in units of the maps, or the folder of an earlier run")
      .with_code("bad_scale");
}

}  // namespace rationale::ui
