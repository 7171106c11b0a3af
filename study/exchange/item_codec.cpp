#include "study/exchange/item_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "data/base/error.h"
#include "data/image/window.h"

namespace rationale::study {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint32_t kMostFilms = 16, kMostText = 1024, kMostSide = 32768;

[[noreturn]] void bad() {
  throw Error(Error::Kind::kInput, "an item of the package is malformed", "the package",
              "ask the coordinator for the package again")
      .with_code("bad_item");
}

/// Little-endian numbers one after another.
class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof raw);
  }
  void text(const std::string& text) {
    number(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void floats(const std::vector<float>& values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  double finite() {
    const auto value = number<double>();
    if (!std::isfinite(value)) bad();
    return value;
  }
  bool truth() {
    const auto value = number<std::uint8_t>();
    if (value > 1) bad();
    return value == 1;
  }
  std::uint32_t at_most(std::uint32_t most) {
    const auto value = number<std::uint32_t>();
    if (value > most) bad();
    return value;
  }
  std::string text() { return std::string(take(at_most(kMostText))); }
  std::string_view take(std::size_t n) {
    if (n > bytes_.size()) bad();
    const std::string_view front = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return front;
  }

 private:
  std::string_view bytes_;
};

/// Whole values that span less than 65,536: then the smallest is the offset.
std::optional<float> integer_offset(const std::vector<float>& values) {
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(values);
  constexpr float kExact = 1 << 24;  // beyond it a float skips whole numbers
  if (low < -kExact || high > kExact || high - low > 65535) return std::nullopt;
  const bool are_whole =
      std::ranges::all_of(values, [](float value) { return value == std::floor(value); });
  if (!are_whole) return std::nullopt;
  return low;
}

void write_plane(Writer& to, const Plane& plane) {
  to.number(static_cast<std::uint32_t>(plane.rows));
  to.number(static_cast<std::uint32_t>(plane.cols));
  const auto offset = integer_offset(plane.values);
  to.number(static_cast<std::uint8_t>(offset ? 1 : 0));
  if (!offset) {
    to.floats(plane.values);
    return;
  }
  to.number(*offset);
  for (const float value : plane.values) to.number(static_cast<std::uint16_t>(value - *offset));
}

Plane read_plane(Reader& from) {
  Plane plane;
  plane.rows = static_cast<int>(from.at_most(kMostSide));
  plane.cols = static_cast<int>(from.at_most(kMostSide));
  const auto n = static_cast<std::size_t>(plane.rows) * static_cast<std::size_t>(plane.cols);
  if (n == 0) bad();
  if (from.truth()) {
    const auto offset = from.number<float>();
    const std::string_view raw = from.take(2 * n);
    plane.values.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      std::uint16_t value = 0;
      std::memcpy(&value, raw.data() + 2 * i, 2);
      plane.values[i] = offset + static_cast<float>(value);
    }
  } else {
    const std::string_view raw = from.take(sizeof(float) * n);
    plane.values.resize(n);
    std::memcpy(plane.values.data(), raw.data(), raw.size());
  }
  if (!std::ranges::all_of(plane.values, [](float value) { return std::isfinite(value); })) bad();
  return plane;
}

void write_film(Writer& to, const ItemFilm& film) {
  to.number(film.aspect);
  to.number(film.window.centre);
  to.number(film.window.width);
  to.number(static_cast<std::uint8_t>(film.window.function));
  to.number(static_cast<std::uint8_t>(film.is_inverted));
  write_plane(to, film.values);
}

ItemFilm read_film(Reader& from) {
  ItemFilm film;
  film.aspect = from.finite();
  film.window.centre = from.finite();
  film.window.width = from.finite();
  const auto function = from.number<std::uint8_t>();
  if (function > static_cast<std::uint8_t>(WindowFunction::kSigmoid)) bad();
  film.window.function = static_cast<WindowFunction>(function);
  film.is_inverted = from.truth();
  film.values = read_plane(from);
  if (film.aspect <= 0 || !is_valid_window(film.window)) bad();
  return film;
}

void write_ai(Writer& to, const ItemAi& ai) {
  to.text(ai.label);
  to.number(static_cast<std::uint8_t>(ai.score.has_value()));
  to.number(ai.score.value_or(0));
  to.number(ai.threshold.value_or(0));
  to.number(static_cast<std::uint8_t>(ai.heatmap.has_value()));
  if (!ai.heatmap) return;
  const Affine& affine = ai.heatmap->cell_to_picture;
  for (const double value :
       {affine.row_scale, affine.row_offset, affine.col_scale, affine.col_offset, ai.heatmap->scale}) {
    to.number(value);
  }
  write_plane(to, ai.heatmap->cells);
}

ItemAi read_ai(Reader& from) {
  ItemAi ai;
  ai.label = from.text();
  const bool has_score = from.truth();
  const double score = from.finite(), threshold = from.finite();
  if (has_score) {
    ai.score = score;
    ai.threshold = threshold;
  }
  if (!from.truth()) return ai;
  ItemHeatmap map;
  map.cell_to_picture.row_scale = from.finite();
  map.cell_to_picture.row_offset = from.finite();
  map.cell_to_picture.col_scale = from.finite();
  map.cell_to_picture.col_offset = from.finite();
  map.scale = from.finite();
  if (map.scale <= 0 || map.cell_to_picture.row_scale == 0 || map.cell_to_picture.col_scale == 0) {
    bad();
  }
  map.cells = read_plane(from);
  ai.heatmap = std::move(map);
  return ai;
}

}  // namespace

std::string encode_item(const Item& item) {
  Writer to;
  to.number(kFormat);
  to.number(static_cast<std::uint32_t>(item.position));
  to.text(item.code);
  to.number(static_cast<std::uint8_t>(item.is_repeat));
  to.text(item.arm);
  write_ai(to, item.ai);
  to.number(static_cast<std::uint32_t>(item.films.size()));
  for (const ItemFilm& film : item.films) write_film(to, film);
  return std::move(to).take();
}

Item decode_item(std::string_view bytes) {
  Reader from(bytes);
  if (from.number<std::uint8_t>() != kFormat) bad();
  Item item;
  item.position = static_cast<int>(from.at_most(1'000'000));
  item.code = from.text();
  item.is_repeat = from.truth();
  item.arm = from.text();
  item.ai = read_ai(from);
  const std::uint32_t n_films = from.at_most(kMostFilms);
  if (n_films == 0) bad();
  for (std::uint32_t k = 0; k < n_films; ++k) item.films.push_back(read_film(from));
  return item;
}

std::size_t item_capacity(const std::vector<ItemFilm>& films, std::size_t n_cells,
                          std::size_t label_bytes, std::size_t arm_bytes) {
  Item item{.code = "XXXXXX", .arm = std::string(arm_bytes, 'x'), .films = films, .ai = {}};
  item.ai.label.assign(label_bytes, 'x');
  // A heatmap's cells are floats: one of halves is never whole numbers.
  item.ai.heatmap = ItemHeatmap{
      .cells = {1, static_cast<int>(std::max<std::size_t>(n_cells, 1)),
                std::vector<float>(std::max<std::size_t>(n_cells, 1), 0.5F)}};
  return encode_item(item).size();
}

}  // namespace rationale::study
