#include "ui/engine/faithfulness_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/arrays/npy.h"
#include "data/base/text.h"
#include "data/cases/regions.h"
#include "explain/quality/image_maps.h"

namespace rationale::ui {
namespace {

using explain::Target;

std::size_t size(std::int64_t extent) { return static_cast<std::size_t>(extent); }

/// Where a map of row `row`, class number `k` of K begins, in an array [N,*S] or [N,K,*S].
FloatArray slice(const FloatArray& all, std::size_t sample, std::size_t k, std::size_t n_spatial) {
  const FloatArray one = explain::image_of(all, sample);
  return one.shape.size() == n_spatial ? one : explain::image_of(one, k);
}

Shape spatial(const FloatArray& input) { return {input.shape.begin() + 2, input.shape.end()}; }

void check_has_class(const std::vector<Target>& targets) {
  if (!targets.empty()) return;
  throw Error(Error::Kind::kUsage, "maps of which class?", "--class", "name the class, or one for each image")
      .with_code("class_needed");
}

[[noreturn]] void refuse_shape(const FloatArray& array, const std::filesystem::path& file, const std::string& wanted) {
  throw Error(Error::Kind::kInput, fmt::format("the array is [{}]", fmt::join(array.shape, ", ")), file.string(),
              "give " + wanted)
      .with_code("map_shape");
}

}  // namespace

std::vector<MapRow> rows_of_targets(const FloatArray& input, const std::vector<Target>& targets) {
  check_has_class(targets);
  const std::size_t n_images = size(input.shape[0]);
  const bool is_one_each = targets.size() == n_images;
  std::vector<MapRow> rows;
  for (std::size_t i = 0; i < n_images; ++i) {
    for (std::size_t k = 0; k < (is_one_each ? 1 : targets.size()); ++k) {
      rows.push_back({i, targets[is_one_each ? i : k], {spatial(input), {}}, std::nullopt, {}});
    }
  }
  return rows;
}

std::vector<MapRow> read_map_rows(const std::filesystem::path& maps, const FloatArray& input,
                                  const std::vector<Target>& targets, Shape* native) {
  check_has_class(targets);
  const FloatArray all = read_npy_float(maps);
  const std::size_t n_spatial = input.shape.size() - 2, n_images = size(input.shape[0]);
  const bool has_class_axis = all.shape.size() == n_spatial + 2;
  const bool fits = (has_class_axis || all.shape.size() == n_spatial + 1) && all.shape[0] == input.shape[0] &&
                    element_count(all.shape) > 0;
  if (!fits) refuse_shape(all, maps, fmt::format("one map an image: [{}, …] or [{}, classes, …]", n_images, n_images));
  if (has_class_axis && size(all.shape[1]) != targets.size()) {
    refuse_shape(all, maps, fmt::format("as many maps an image as classes ({})", targets.size()));
  }
  if (!has_class_axis && targets.size() != 1 && targets.size() != n_images) {
    throw Error(Error::Kind::kUsage, fmt::format("{} classes for {} maps", targets.size(), n_images), "--class",
                "name one class for all images, or one for each");
  }
  std::vector<MapRow> rows;
  for (std::size_t i = 0; i < n_images; ++i) {
    const FloatArray image = explain::image_of(input, i);
    for (std::size_t k = 0; k < (has_class_axis ? targets.size() : 1); ++k) {
      const Target& target = targets[has_class_axis ? k : targets.size() == 1 ? 0 : i];
      FloatArray map = slice(all, i, k, n_spatial);
      if (native != nullptr) *native = map.shape;
      if (map.shape != spatial(input)) map = explain::positive_map(map, image);
      rows.push_back({i, target, std::move(map), std::nullopt, {}});
    }
  }
  return rows;
}

void add_masks(std::vector<MapRow>& rows, const std::filesystem::path& masks, const FloatArray& input) {
  const FloatArray all = read_npy_float(masks);
  const std::size_t n_spatial = input.shape.size() - 2;
  const std::size_t per_image = rows.size() / size(input.shape[0]);
  Shape plain = spatial(input), by_class = spatial(input);
  plain.insert(plain.begin(), input.shape[0]);
  by_class.insert(by_class.begin(), {input.shape[0], static_cast<std::int64_t>(per_image)});
  if (all.shape != plain && all.shape != by_class) {
    refuse_shape(all, masks, fmt::format("masks of the input's size: [{}]", fmt::join(plain, ", ")));
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    explain::Annotation annotation;
    for (const float value : slice(all, rows[r].sample, r % per_image, n_spatial).values) {
      annotation.mask.push_back(value != 0 ? 1 : 0);
    }
    if (std::find(annotation.mask.begin(), annotation.mask.end(), 1) == annotation.mask.end()) continue;
    annotation.boxes = {explain::bounding_box(annotation.mask, static_cast<int>(input.shape.back()))};
    rows[r].annotation = std::move(annotation);
    rows[r].annotated_by = "masks";
  }
}

void add_boxes(std::vector<MapRow>& rows, const std::filesystem::path& boxes, const FloatArray& input,
               const ModelArgument& model) {
  if (input.shape.size() != 4) {
    throw Error(Error::Kind::kRefused, "boxes are rectangles in a plane, the input is a volume", boxes.string(),
                "give --masks [N,D,H,W] instead");
  }
  const int n_rows = static_cast<int>(input.shape[2]), n_cols = static_cast<int>(input.shape[3]);
  std::vector<std::vector<explain::PixelBox>> found(rows.size());
  for (const Region& region : read_regions(boxes)) {
    const auto sample = parse_integer(region.case_name);
    if (!sample || *sample < 0 || *sample >= input.shape[0]) {
      throw Error(Error::Kind::kInput, "\"" + region.case_name + "\" is no image of the tensor", region.where,
                  fmt::format("give the image's number, 0 to {}, in a column sample", input.shape[0] - 1))
          .with_code("unknown_sample");
    }
    const explain::PixelBox box = explain::pixel_box(region.x, region.y, region.w, region.h);
    if (box.row0 >= n_rows || box.col0 >= n_cols || box.row1 <= 0 || box.col1 <= 0) {
      throw Error(Error::Kind::kInput, "the box lies outside the image", region.where,
                  fmt::format("the image has {} rows and {} columns", n_rows, n_cols));
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::int64_t k = rows[r].target.class_index;
      const bool is_of_class =
          region.label.empty() || region.label == model.class_name(k) || region.label == std::to_string(k);
      if (rows[r].sample == size(*sample) && is_of_class) found[r].push_back(box);
    }
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (found[r].empty()) continue;
    if (!rows[r].annotation) {
      rows[r].annotation = explain::Annotation{{}, explain::mask_of(found[r], n_rows, n_cols)};
      rows[r].annotated_by = "boxes";
    }
    rows[r].annotation->boxes = std::move(found[r]);
  }
}

}  // namespace rationale::ui
