// Any methods of one model: cut wherever each needs it, asked for one image at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explain/methods/maps.h"

namespace rationale::explain {

/// The method, if its array is a map of places. @throws Error (kUsage): "unknown_method" with near names; "no_map"
const Method& find_map_method(const std::string& name);

/// Where maps come from, apart from the image and the class.
struct MapSource {
  std::filesystem::path model;
  SplitOptions split;  ///< layer and call of the methods that work at a layer; input_shape, output, device, …
  std::optional<TokenGrid> grid = {};
  MapSettings settings = {};
};

class MapMaker {
 public:
  /// One cut serves all methods that need the same one.
  /// @throws Error as find_map_method and load_split_model
  MapMaker(const MapSource& source, const std::vector<std::string>& methods);

  /// The raw, signed maps of an image [C,(D,)H,W], each [*S] in its native resolution, in the order of the methods.
  std::vector<FloatArray> maps(const FloatArray& image, const Target& target) const;

  /// Of the cut of the first method.
  const SplitModel::Facts& facts() const { return cuts_.front().model->facts(); }

 private:
  struct Cut {
    SplitOptions options;
    std::unique_ptr<SplitModel> model;
    std::vector<std::string> methods;
    std::vector<std::size_t> places;  ///< of its methods among all
  };
  MapSource source_;
  std::vector<Cut> cuts_;
};

}  // namespace rationale::explain
