// `rationale series`: whether a folder, a multi-frame file or an array is one volume, and where its slices lie.
#include <fmt/format.h>

#include <algorithm>

#include "data/arrays/npy.h"
#include "data/base/interrupt.h"
#include "data/image/window.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;

Json facts_of(const Volume& volume) {
  const VolumeGeometry& g = volume.geometry;
  Json slices = Json::array();
  for (std::size_t z = 0; z < volume.size(); ++z) {
    Json one{{"file", volume.slices[z].file.filename().string()}, {"frame", volume.slices[z].frame}};
    if (!g.positions_mm.empty()) one["position_mm"] = g.positions_mm[z];
    slices.push_back(one);
  }
  Json spacing = not_estimable("no_spacing", "no spacing is stated");
  if (g.slice_spacing_mm > 0 && g.spacing.vertical_mm > 0) {
    spacing = {g.slice_spacing_mm, g.spacing.vertical_mm, g.spacing.horizontal_mm};
  }
  return {{"shape", {volume.size(), g.rows, g.cols}},
          {"spacing_mm", spacing},
          {"series", volume.slices.front().series},
          {"normal", g.normal},
          {"slices", slices},
          {"warnings", volume.warnings}};
}

/// All slices as modality values, slice 0 first.
void write_values(const std::filesystem::path& file, const Volume& volume) {
  FloatArray values{{static_cast<std::int64_t>(volume.size()), volume.geometry.rows, volume.geometry.cols}, {}};
  for (std::size_t z = 0; z < volume.size(); ++z) {
    check_interrupt();
    for (const double value : modality_values(volume.picture(z))) values.values.push_back(static_cast<float>(value));
  }
  write_npy(file, values);
}

}  // namespace

int run_series(const CommandLine& line) {
  const SeriesOptions& o = line.series;
  const Volume volume = load_volume_apart(o.place, {.series = o.series, .spacing_mm = o.spacing_mm});
  if (!o.npy.empty()) write_values(o.npy, volume);
  if (line.common.json) {
    Json body{{"place", o.place.string()}};
    body.update(facts_of(volume));
    print_json("rationale.series", body);
    return 0;
  }
  const VolumeGeometry& g = volume.geometry;
  fmt::print("{}\n  {} slices of {} x {} pixels (rows x columns)\n", o.place.string(), volume.size(), g.rows, g.cols);
  if (g.slice_spacing_mm > 0 && g.spacing.vertical_mm > 0) {
    fmt::print("  {:.6g} mm between slices, {:.6g} x {:.6g} mm within them\n", g.slice_spacing_mm,
               g.spacing.vertical_mm, g.spacing.horizontal_mm);
  }
  if (!volume.slices.front().file.empty()) {
    fmt::print("  from {} to {}, along ({:.3f}, {:.3f}, {:.3f})\n", slice_name(volume.slices.front()),
               slice_name(volume.slices.back()), g.normal[0], g.normal[1], g.normal[2]);
  }
  for (const std::string& warning : volume.warnings) fmt::print("  note: {}\n", warning);
  return 0;
}

}  // namespace rationale::ui
