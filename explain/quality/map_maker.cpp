#include "explain/quality/map_maker.h"

#include <algorithm>

#include "data/base/error.h"
#include "explain/quality/image_maps.h"

namespace rationale::explain {

const Method& find_map_method(const std::string& name) {
  const Method& method = find_method(name);
  if (method.use != Use::kQuantity) return method;
  throw Error(Error::Kind::kUsage, "the method " + name + " gives numbers, not a map of places", "--method",
              name == "occlusion_grid" ? "take occlusion_pixel" : "take a map such as grad_cam")
      .with_code("no_map");
}

MapMaker::MapMaker(const MapSource& source, const std::vector<std::string>& methods) : source_(source) {
  for (std::size_t m = 0; m < methods.size(); ++m) {
    SplitOptions wanted = source.split;
    if (find_map_method(methods[m]).level == Level::kInput) wanted.layer.clear();
    wanted = split_for(methods[m], wanted);
    const auto known = std::find_if(cuts_.begin(), cuts_.end(), [&](const Cut& cut) {
      return cut.options.layer == wanted.layer && cut.options.relu_rule == wanted.relu_rule &&
             cut.options.any_output == wanted.any_output;
    });
    if (known == cuts_.end()) {
      cuts_.push_back({wanted, load_split_model(source.model, wanted), {methods[m]}, {m}});
    } else {
      known->methods.push_back(methods[m]);
      known->places.push_back(m);
    }
  }
}

std::vector<FloatArray> MapMaker::maps(const FloatArray& image, const Target& target) const {
  std::vector<FloatArray> all;
  for (const Cut& cut : cuts_) {
    std::vector<FloatArray> some =
        raw_maps(*cut.model, image, target, cut.methods, source_.grid, source_.settings);
    for (std::size_t i = 0; i < some.size(); ++i) {
      all.resize(std::max(all.size(), cut.places[i] + 1));
      all[cut.places[i]] = std::move(some[i]);
    }
  }
  return all;
}

}  // namespace rationale::explain
