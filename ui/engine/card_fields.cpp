#include "ui/engine/card_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/page/html.h"
#include "data/plot/svg.h"
#include "explain/model/receptive_field.h"

namespace rationale::ui {

std::string receptive_field_section(const Surveyed& surveyed) {
  const explain::SurveyRequest& request = surveyed.input.request;
  const auto listed = [&](explain::Listed what) {
    return explain::layer_fields(request.model, request.split.input_shape, request.split.output, what);
  };
  const bool has_values = std::any_of(request.layers.begin(), request.layers.end(),
                                      [](const std::string& layer) { return layer.starts_with('@'); });
  auto fields = listed(explain::Listed::kLayers);
  if (has_values) fields.merge(listed(explain::Listed::kValues));
  std::string rows;
  for (const std::string& layer : request.layers) {
    // An activation function looks at each place alone: NAME@activation sees what NAME sees.
    const std::size_t suffix = layer.find("@activation");
    const auto field = fields.find(layer.substr(0, suffix));
    if (field == fields.end()) continue;
    rows += paragraph("text", fmt::format("<b>{}</b>: {}", escape_markup(layer),
                                          escape_markup(receptive_field_words(field->second))));
  }
  if (rows.empty()) return {};
  return "<section><h2>What a cell sees</h2>" + rows +
         paragraph("note",
                   "Receptive fields in pixels of the network’s input, in theory; rationale doctor measures "
                   "how much of it counts, and pictures give it in millimetres. A finding smaller than the "
                   "field is not outlined by a cell.") +
         "</section>\n";
}

}  // namespace rationale::ui
