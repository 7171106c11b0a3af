// What one cell of a layer sees of the network's input: in pixels, and in millimetres where the spacing is known.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace rationale {

/// Along one axis, in pixels of the network's input. Cell i sees first + i * stride … first + i * stride + size - 1;
/// what lies outside the input is padding.
struct AxisField {
  double size = 1, stride = 1, first = 0;
  bool is_whole = false;  ///< every cell sees the whole axis; then size is the input's extent
  double effective = 0;   ///< pixels that hold 95 % of the centre cell's squared gradient; 0 = not measured
  bool operator==(const AxisField&) const = default;
};

struct ReceptiveField {
  std::vector<AxisField> axes;  ///< (depth,) rows, columns; empty = not known
  std::string reason;           ///< why not known
  bool operator==(const ReceptiveField&) const = default;
};

/// Where the centre of cell i's field lies, less where the half-pixel rule draws the cell, in input pixels: not 0 where
/// a stem without padding shifts the cells. 0 for a whole axis.
double centre_shift(const AxisField& axis, double n_cells, double n_pixels, double cell);

/// "43 x 43 pixels (155 x 155 mm), 8 apart; 95 % of the gradient within 17 x 19 (61 x 68 mm)". Axes that are seen whole
/// are said so. @param pixel_mm  of the network's input along the axes; empty = unknown
std::string receptive_field_words(const ReceptiveField& field, const std::vector<double>& pixel_mm = {});

/// {"axes":[{"size","stride","first","whole","effective"}],"reason"}; `effective` only where measured. And back.
nlohmann::ordered_json receptive_field_json(const ReceptiveField& field);
/// @throws nlohmann::json::exception if it is no such object
ReceptiveField receptive_field_of(const nlohmann::ordered_json& json);

}  // namespace rationale
