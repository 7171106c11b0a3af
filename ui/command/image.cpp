// `rationale image`: what a DICOM or PNG file holds, as numbers and facts.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/arrays/npy.h"
#include "data/cases/cases.h"
#include "data/image/png.h"
#include "data/image/window.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json summary(const std::vector<T>& values) {
  double sum = 0;
  for (const T v : values) sum += static_cast<double>(v);
  const auto [low, high] = std::ranges::minmax(values);
  return {{"min", low}, {"max", high}, {"mean", sum / static_cast<double>(values.size())}};
}

Json spacing_facts(const Spacing& spacing) {
  Json facts;
  if (spacing.vertical_mm > 0) {
    facts["vertical_mm"] = spacing.vertical_mm;
    facts["horizontal_mm"] = spacing.horizontal_mm;
    facts["measured_at"] = spacing.is_detector ? "detector" : "patient";
  } else {
    facts = not_estimable("no_spacing", "the file states no pixel spacing");
  }
  facts["aspect"] = spacing.aspect;
  return facts;
}

Json window_facts(const Picture& picture) {
  Json windows = Json::array();
  for (std::size_t i = 0; i < picture.windows.size(); ++i) {
    const Window& window = picture.windows[i];
    windows.push_back({{"index", i},
                       {"centre", window.centre},
                       {"width", window.width},
                       {"function", window_function_name(window.function)},
                       {"explanation", window.explanation}});
  }
  return windows;
}

Json lut_facts(const Picture& picture) {
  Json luts = Json::array();
  for (std::size_t i = 0; i < picture.voi_luts.size(); ++i) {
    const LookupTable& table = picture.voi_luts[i];
    luts.push_back({{"index", i},
                    {"entries", table.data.size()},
                    {"first", table.first},
                    {"bits", table.bits}});
  }
  return luts;
}

Json facts_of(const Picture& picture, const std::vector<double>& modality,
              const std::vector<std::uint8_t>& display) {
  Json facts{{"format", picture.format},
             {"rows", picture.rows},
             {"columns", picture.cols},
             {"frame", picture.frame},
             {"frames", picture.frames},
             {"photometric", picture.photometric},
             {"inverted", picture.is_inverted},
             {"transfer_syntax", picture.transfer_syntax},
             {"lossy", picture.is_lossy},
             {"bits_stored", picture.bits_stored},
             {"signed", picture.is_stored_signed},
             {"view_position", picture.view_position},
             {"spacing", spacing_facts(picture.spacing)},
             {"rescale", picture.modality_lut.data.empty()
                             ? Json{{"slope", picture.slope}, {"intercept", picture.intercept}}
                             : Json{{"lut_entries", picture.modality_lut.data.size()}}},
             {"windows", window_facts(picture)},
             {"voi_luts", lut_facts(picture)}};
  facts["padded_pixels"] = std::ranges::count(picture.padding, 1);
  facts["stored"] = picture.stored.empty()
                        ? not_estimable("float_pixels", "the file holds float pixels")
                        : summary(picture.stored);
  facts["modality"] = summary(modality);
  facts["display"] = summary(display);
  facts["pixel_sha256"] = pixel_digest(picture);
  facts["warnings"] = picture.warnings;
  return facts;
}

void print_facts(const std::string& file, const Picture& picture,
                 const std::vector<double>& modality) {
  fmt::print("{}\n", file);
  fmt::print("  {} x {} pixels (rows x columns), {} bits{}, {}{}\n", picture.rows, picture.cols,
             picture.bits_stored, picture.is_stored_signed ? " signed" : "", picture.photometric,
             picture.is_inverted ? ", shown inverted" : "");
  if (picture.frames > 1) fmt::print("  frame {} of {}\n", picture.frame, picture.frames);
  if (picture.format == "dicom") {
    fmt::print("  transfer syntax {}{}\n", picture.transfer_syntax,
               picture.is_lossy ? ", lossy" : "");
  }
  if (picture.spacing.vertical_mm > 0) {
    fmt::print("  spacing {} x {} mm (vertical x horizontal){}\n", picture.spacing.vertical_mm,
               picture.spacing.horizontal_mm,
               picture.spacing.is_detector ? ", measured at the detector" : "");
  }
  const auto [low, high] = std::ranges::minmax(modality);
  fmt::print("  values {} to {}", low, high);
  if (!picture.padding.empty()) {
    fmt::print(", {} pixels of padding", std::ranges::count(picture.padding, 1));
  }
  fmt::print("\n");
  for (std::size_t i = 0; i < picture.windows.size(); ++i) {
    const Window& window = picture.windows[i];
    fmt::print("  window file:{}  centre {}, width {}, {}{}{}\n", i, window.centre, window.width,
               window_function_name(window.function), window.explanation.empty() ? "" : ", ",
               window.explanation);
  }
  for (std::size_t i = 0; i < picture.voi_luts.size(); ++i) {
    fmt::print("  VOI LUT lut:{}  {} entries from {}\n", i, picture.voi_luts[i].data.size(),
               picture.voi_luts[i].first);
  }
  for (const std::string& warning : picture.warnings) fmt::print("  note: {}\n", warning);
}

}  // namespace

int run_image(const CommandLine& line) {
  const ImageOptions& options = line.image;
  const WindowChoice choice = parse_window_choice(options.window);
  const Picture picture = load_film_apart(options.file, options.frame,
                                          options.colour == "grey" ? Colour::kToGrey : Colour::kRefuse);
  const std::vector<double> modality = modality_values(picture);
  const std::vector<std::uint8_t> display = display_u8(picture, choice);
  if (!options.png.empty()) write_png_grey8(options.png, picture.rows, picture.cols, display);
  if (!options.npy.empty()) {
    write_npy(options.npy,
              FloatArray{{picture.rows, picture.cols}, {modality.begin(), modality.end()}});
  }
  if (line.common.json) {
    Json body{{"file", options.file.string()}};
    body.update(facts_of(picture, modality, display));
    print_json("rationale.image", body);
  } else {
    print_facts(options.file.string(), picture, modality);
  }
  return 0;
}

}  // namespace rationale::ui
