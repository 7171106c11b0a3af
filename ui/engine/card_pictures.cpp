#include "ui/engine/card_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "data/base/base64.h"
#include "data/image/map_meaning.h"
#include "data/image/overlay.h"
#include "data/image/png.h"
#include "data/plot/number_text.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/map_maker.h"
#include "explain/quality/occlusion.h"

namespace rationale::ui {
namespace {

using explain::Target;

constexpr std::size_t kMostColumns = 5;
constexpr int kSide = 150;  // px of the longer side
constexpr Rgb kWhite{255, 255, 255}, kMiddleGrey{128, 128, 128};

/// A film and what is explained in it.
struct Shown {
  std::size_t case_index = 0;
  Target target;
  const explain::Annotation* annotation = nullptr;
};

std::vector<Shown> choose(const Surveyed& surveyed, const explain::SplitModel& model) {
  const explain::SurveyRequest& request = surveyed.input.request;
  std::vector<Shown> first, further;
  std::set<std::int64_t> classes;
  for (const explain::MarkedFinding& finding : request.findings) {
    (classes.insert(finding.class_index).second ? first : further)
        .push_back({finding.case_index, {Target::Kind::kLogit, finding.class_index}, &finding.annotation});
  }
  first.insert(first.end(), further.begin(), further.end());
  if (first.empty()) {
    for (const std::size_t at : request.gate_cases) {
      const std::int64_t top = explain::top_class(explain::logits_of(model, request.cases[at].input));
      first.push_back({at, {Target::Kind::kLogit, top}, nullptr});
    }
  }
  if (first.size() > kMostColumns) first.resize(kMostColumns);
  return first;
}

class Drawing {
 public:
  explicit Drawing(const Surveyed& surveyed) : surveyed_(surveyed), request_(surveyed.input.request) {}

  CardPictures run() {
    CardPictures result;
    explain::SplitOptions options = request_.split;
    options.layer = request_.layers.front();
    const auto model = explain::load_split_model(request_.model, options);
    shown_ = choose(surveyed_, *model);
    add_films(result, *model);
    for (const std::string& layer : request_.layers) add_methods(result, layer);
    add_methods(result, {});
    add_occlusion(result, *model);
    result.colour_key = colour_key();
    return result;
  }

 private:
  const FloatArray& input(const Shown& one) const { return request_.cases[one.case_index].input; }
  const SurveyFilm& film(const Shown& one) const { return surveyed_.input.films[one.case_index]; }
  const std::string& class_name(const Shown& one) const {
    return request_.classes.at(static_cast<std::size_t>(one.target.class_index));
  }

  /// All methods at the first layer and at the input; at further layers the first method that works there, and what is
  /// recommended.
  bool is_drawn(const std::string& method, const std::string& layer, bool is_first_method) const {
    const explain::MapSurvey* chosen = surveyed_.chosen.map;
    const bool is_chosen = chosen != nullptr && chosen->method == method && chosen->layer == layer;
    return layer.empty() || layer == request_.layers.front() || is_first_method || is_chosen;
  }

  /// @param layer  empty: the methods at the input
  void add_methods(CardPictures& result, const std::string& layer) const {
    std::vector<std::string> methods;
    bool is_first_method = true;
    for (const std::string& method : request_.methods) {
      const bool is_at_input = explain::find_map_method(method).level == explain::Level::kInput;
      if (is_at_input != layer.empty() || find_map(surveyed_, method, layer) == nullptr) continue;
      if (is_drawn(method, layer, is_first_method)) methods.push_back(method);
      is_first_method = false;
    }
    if (methods.empty()) return;
    explain::SplitOptions split = request_.split;
    split.layer = layer;
    const explain::MapMaker maker({request_.model, split, request_.grid, request_.settings}, methods);
    std::vector<std::vector<Plane>> maps(methods.size());  // [method][film]
    for (const Shown& one : shown_) {
      const std::vector<FloatArray> all = maker.maps(input(one), one.target);
      for (std::size_t m = 0; m < all.size(); ++m) {
        maps[m].push_back(explain::as_plane(explain::from_zero(all[m], explain::find_method(methods[m]).zero)));
      }
    }
    const std::size_t first_row = result.rows.size();
    std::vector<std::size_t> drawn;  // the method of each row from first_row on
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const auto same = std::find_if(drawn.begin(), drawn.end(), [&](std::size_t d) { return is_same(maps[m], maps[d]); });
      if (same != drawn.end()) {
        std::string& note = result.rows[first_row + static_cast<std::size_t>(same - drawn.begin())].note;
        note += (note.empty() ? "= " : ", ") + method_title(methods[m]);
        continue;
      }
      const std::string title = method_title(methods[m]);
      result.rows.push_back(row(layer.empty() ? title : title + " at " + layer, maps[m]));
      result.rows.back().meaning = meaning(methods[m], layer.empty() ? "pixel" : "cell");
      if (explain::find_method(methods[m]).zero == explain::Zero::kArbitrary) {
        result.rows.back().note = "above its lowest place";
      }
      drawn.push_back(m);
    }
  }

  static bool is_same(const std::vector<Plane>& maps, const std::vector<Plane>& above) {
    if (above.size() != maps.size()) return false;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      double largest = 0, worst = 0;
      for (std::size_t p = 0; p < maps[i].values.size(); ++p) {
        largest = std::max(largest, static_cast<double>(std::abs(maps[i].values[p])));
        worst = std::max(worst, static_cast<double>(std::abs(maps[i].values[p] - above[i].values[p])));
      }
      if (worst > 1e-4 * largest) return false;
    }
    return true;
  }

  RgbImage grey(const Shown& one, FilmPlace& place) const {
    place = place_film(film(one).shown.rows, film(one).shown.cols, film(one).aspect, kSide, kSide);
    return render_film(film(one).shown, place);
  }

  /// A rectangle's sides in steps of a pixel: dashes are laid along the points of a line.
  static std::vector<Point> outline(const Point& a, const Point& b) {
    const std::vector<Point> corners = {a, {a.row, b.col}, b, {b.row, a.col}, a};
    std::vector<Point> line{a};
    for (std::size_t i = 1; i < corners.size(); ++i) {
      const Point from = corners[i - 1], to = corners[i];
      const int n = std::max(1, static_cast<int>(std::lround(std::hypot(to.row - from.row, to.col - from.col))));
      for (int k = 1; k <= n; ++k) {
        const double t = static_cast<double>(k) / n;
        line.push_back({from.row + t * (to.row - from.row), from.col + t * (to.col - from.col)});
      }
    }
    return line;
  }

  /// Dashed outline of the marked boxes, from pixels of the input to those of the picture.
  void draw_marks(RgbImage& image, const Shown& one, const FilmPlace& place) const {
    if (one.annotation == nullptr) return;
    const Affine to_screen = compose(film(one).input_to_picture, inverse(place.screen_to_picture));
    std::vector<std::vector<Point>> lines;
    for (const explain::PixelBox& box : one.annotation->boxes) {
      const Point a = apply(to_screen, {box.row0 - 0.5, box.col0 - 0.5}),
                  b = apply(to_screen, {box.row1 - 0.5, box.col1 - 0.5});
      lines.push_back(outline(a, b));
    }
    draw_lines(image, lines, {.width = 1.4, .colour = kWhite, .alpha = 1, .dash = 4, .gap = 3});
  }

  static std::string uri(const RgbImage& image) {
    return "data:image/png;base64," + to_base64(encode_png_rgb8(image.rows, image.cols, image.values));
  }

  /// Of a regression values below 0 say as much as those above.
  bool is_signed() const { return surveyed_.input.card.output_kind == explain::OutputKind::kRegression; }
  OverlayStyle style() const { return is_signed() ? OverlayStyle::kSigned : OverlayStyle::kFilled; }
  double size_of(const Plane& map) const {
    const MapExtent extent = extent_of(map);
    return is_signed() ? std::max(extent.largest, -extent.smallest) : extent.largest;
  }

  /// From 0, or of signed maps from the scale's other end, to the scale's end.
  std::string colour_key() const {
    constexpr int kRows = 9, kCols = 128;
    RgbImage image = make_canvas(kRows, kCols, kMiddleGrey);
    Plane ramp{kRows, kCols, {}};
    for (int i = 0; i < kRows * kCols; ++i) ramp.values.push_back(static_cast<float>(i % kCols) / (kCols - 1));
    if (is_signed()) {
      for (float& value : ramp.values) value = 2 * value - 1;
    }
    lay_over(image, ramp, {.scale = 1, .style = style()});
    return uri(image);
  }

  void add_films(CardPictures& result, const explain::SplitModel& model) const {
    CardRow films{.title = "Film", .note = surveyed_.input.marks.empty() ? "" : "dashed: marked region"};
    for (const Shown& one : shown_) {
      const std::vector<float> logits = explain::logits_of(model, input(one));
      const std::int64_t top = explain::top_class(logits);
      const std::string value = fixed_text(logits[static_cast<std::size_t>(one.target.class_index)], 1);
      const std::string& top_name = request_.classes.at(static_cast<std::size_t>(top));
      const std::string note = logits.size() == 1              ? fmt::format("output {}", value)
                               : top == one.target.class_index ? fmt::format("output {}, top class", value)
                                                               : fmt::format("output {}, top: {}", value, top_name);
      result.columns.push_back({class_name(one), note});
      FilmPlace place;
      RgbImage image = grey(one, place);
      draw_marks(image, one, place);
      films.pictures.push_back(
          {uri(image), "film " + request_.cases[one.case_index].name, request_.cases[one.case_index].name});
    }
    result.rows.push_back(std::move(films));
  }

  std::string meaning(const std::string& method, const char* place) const {
    const explain::OutputKind kind = surveyed_.input.card.output_kind;
    return fmt::format("{}, per {}",
                       map_meaning(method, kind == explain::OutputKind::kLogits          ? "logit"
                                           : kind == explain::OutputKind::kProbabilities ? "probability"
                                                                                         : "output"),
                       place);
  }

  CardRow row(const std::string& title, const std::vector<Plane>& maps) const {
    double scale = 0;
    for (const Plane& map : maps) {
      scale = std::max(scale, size_of(map));
    }
    CardRow result{.title = title};
    result.has_colours = scale > 0;
    result.scale = scale > 0 ? fmt::format("{} … {}", is_signed() ? "−" + fixed_text(scale, scale < 1 ? 2 : 1) : "0",
                                           fixed_text(scale, scale < 1 ? 2 : 1))
                             : is_signed() ? "zero everywhere" : "no positive evidence";
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const Shown& one = shown_[i];
      FilmPlace place;
      RgbImage image = grey(one, place);
      const int rows = static_cast<int>(input(one).shape[1]), cols = static_cast<int>(input(one).shape[2]);
      const Affine cell_to_picture =
          compose(grid_to_pixels(maps[i].rows, maps[i].cols, rows, cols), film(one).input_to_picture);
      if (scale > 0) lay_over(image, map_on_screen(maps[i], cell_to_picture, place), {.scale = scale, .style = style()});
      draw_marks(image, one, place);
      const std::string caption = caption_of(one, maps[i]);
      result.pictures.push_back({uri(image), title + " for " + class_name(one) + ": " + caption, caption});
    }
    return result;
  }

  std::string caption_of(const Shown& one, const Plane& map) const {
    const float peak = *std::max_element(map.values.begin(), map.values.end());
    if (peak <= 0) return "no positive evidence";
    std::string text = "peak " + fixed_text(peak, peak < 1 ? 2 : 1);
    if (one.annotation == nullptr) return text;
    const FloatArray positive = explain::positive_map({{map.rows, map.cols}, map.values}, input(one));
    const explain::Measure share = explain::energy_in_mask(positive.values, one.annotation->mask);
    return share ? text + " · " + percent_text(share.value, 0) + " in region" : text;
  }

  void add_occlusion(CardPictures& result, const explain::SplitModel& model) const {
    std::vector<Plane> maps;
    explain::OcclusionGrid grid;
    for (const Shown& one : shown_) {
      grid = explain::coarse_grid(static_cast<int>(input(one).shape[1]), static_cast<int>(input(one).shape[2]));
      maps.push_back(explain::occlusion_map(explain::score_of(model, one.target), input(one),
                                            explain::blurred(input(one), request_.deletion.blur_sigma_px), grid));
    }
    result.rows.push_back(row("Occlusion", maps));
    result.rows.back().note = fmt::format("{} px blurred, step {}", grid.window, grid.stride);
    result.rows.back().meaning = meaning("occlusion", "window");
  }

  const Surveyed& surveyed_;
  const explain::SurveyRequest& request_;
  std::vector<Shown> shown_;
};

}  // namespace

CardPictures card_pictures(const Surveyed& surveyed) { return Drawing(surveyed).run(); }

}  // namespace rationale::ui
