#include "data/image/receptive_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rationale {
namespace {

/// "43 x 43": one number an axis.
template <typename Number>
std::string by_axis(const ReceptiveField& field, const Number& number) {
  std::vector<std::string> texts;
  for (std::size_t a = 0; a < field.axes.size(); ++a) texts.push_back(number(field.axes[a], a));
  return fmt::format("{}", fmt::join(texts, " x "));
}

}  // namespace

double centre_shift(const AxisField& axis, double n_cells, double n_pixels, double cell) {
  if (axis.is_whole) return 0;
  const double centre = axis.first + cell * axis.stride + (axis.size - 1) / 2;
  const double drawn = (cell + 0.5) * n_pixels / n_cells - 0.5;
  return centre - drawn;
}

std::string receptive_field_words(const ReceptiveField& field, const std::vector<double>& pixel_mm) {
  if (field.axes.empty()) return "not known: " + field.reason;
  const bool has_mm = pixel_mm.size() == field.axes.size() &&
                      std::all_of(pixel_mm.begin(), pixel_mm.end(), [](double mm) { return mm > 0; });
  std::string words;
  if (std::all_of(field.axes.begin(), field.axes.end(), [](const AxisField& a) { return a.is_whole; })) {
    words = "the whole input";
  } else {
    words = by_axis(field, [](const AxisField& a, std::size_t) {
      return a.is_whole ? std::string("whole axis") : fmt::format("{:g}", a.size);
    });
    words += field.axes.size() == 3 ? " (depth x rows x columns)" : " pixels";
    if (has_mm) {
      words += fmt::format(", {} mm", by_axis(field, [&](const AxisField& a, std::size_t i) {
                             return fmt::format("{:.3g}", a.size * pixel_mm[i]);
                           }));
    }
    words += fmt::format(", {} apart", by_axis(field, [](const AxisField& a, std::size_t) {
                           return a.is_whole ? std::string("-") : fmt::format("{:g}", a.stride);
                         }));
  }
  if (std::all_of(field.axes.begin(), field.axes.end(), [](const AxisField& a) { return a.effective > 0; })) {
    words +=
        fmt::format("; 95 % of the gradient within {}",
                    by_axis(field, [](const AxisField& a, std::size_t) { return fmt::format("{:g}", a.effective); }));
    if (has_mm) {
      words += fmt::format(" ({} mm)", by_axis(field, [&](const AxisField& a, std::size_t i) {
                             return fmt::format("{:.3g}", a.effective * pixel_mm[i]);
                           }));
    }
  }
  return words;
}

nlohmann::ordered_json receptive_field_json(const ReceptiveField& field) {
  nlohmann::ordered_json axes = nlohmann::ordered_json::array();
  for (const AxisField& axis : field.axes) {
    nlohmann::ordered_json one{
        {"size", axis.size}, {"stride", axis.stride}, {"first", axis.first}, {"whole", axis.is_whole}};
    if (axis.effective > 0) one["effective"] = axis.effective;
    axes.push_back(one);
  }
  nlohmann::ordered_json json{{"axes", axes}};
  if (!field.reason.empty()) json["reason"] = field.reason;
  return json;
}

ReceptiveField receptive_field_of(const nlohmann::ordered_json& json) {
  ReceptiveField field;
  for (const auto& one : json.at("axes")) {
    field.axes.push_back({.size = one.at("size").get<double>(),
                          .stride = one.at("stride").get<double>(),
                          .first = one.at("first").get<double>(),
                          .is_whole = one.at("whole").get<bool>(),
                          .effective = one.value("effective", 0.0)});
  }
  field.reason = json.value("reason", "");
  return field;
}

}  // namespace rationale
