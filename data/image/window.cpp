#include "data/image/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <functional>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale {
namespace {

[[noreturn]] void refuse_choice(const std::string& text) {
  throw Error(
      Error::Kind::kUsage, fmt::format("\"{}\" is not a window", text), "--window",
      "use file:K, lut:K (K from 0), minmax, or CENTRE,WIDTH[,LINEAR|LINEAR_EXACT|SIGMOID]");
}

double look_up(const LookupTable& table, double x) {
  const double last = static_cast<double>(table.data.size() - 1);
  const double index = std::clamp(std::floor(x) - static_cast<double>(table.first), 0.0, last);
  return table.data[static_cast<std::size_t>(index)];
}

double modality_of(const Picture& picture, std::int32_t stored) {
  if (!picture.modality_lut.data.empty()) return look_up(picture.modality_lut, stored);
  return picture.slope * stored + picture.intercept;
}

/// f(modality value) of every pixel. Where a picture has more pixels than distinct stored values, f
/// is computed once a value; the result is the same to the bit.
template <typename T, typename F>
std::vector<T> map_modality(const Picture& picture, const F& f) {
  std::vector<T> result;
  if (picture.stored.empty()) {
    result.reserve(picture.float_values.size());
    for (const double value : picture.float_values) result.push_back(f(value));
    return result;
  }
  result.resize(picture.stored.size());
  const auto [low, high] = std::ranges::minmax(picture.stored);
  const auto span = static_cast<std::size_t>(std::int64_t{high} - low) + 1;
  if (span > picture.stored.size()) {
    std::ranges::transform(picture.stored, result.begin(),
                           [&](std::int32_t v) { return f(modality_of(picture, v)); });
    return result;
  }
  std::vector<T> table(span);
  for (std::size_t i = 0; i < span; ++i) {
    table[i] =
        f(modality_of(picture, static_cast<std::int32_t>(low + static_cast<std::int64_t>(i))));
  }
  std::ranges::transform(picture.stored, result.begin(),
                         [&, first = std::int64_t{low}](std::int32_t v) {
                           return table[static_cast<std::size_t>(v - first)];
                         });
  return result;
}

WindowChoice resolve(const Picture& picture, const WindowChoice& choice) {
  using Kind = WindowChoice::Kind;
  switch (choice.kind) {
    case Kind::kDefault:
      if (!picture.windows.empty()) return {.kind = Kind::kFixed, .window = picture.windows[0]};
      if (!picture.voi_luts.empty()) return {.kind = Kind::kLut, .index = 0};
      return {.kind = Kind::kMinMax};
    case Kind::kFile:
      if (choice.index < 0 || choice.index >= static_cast<int>(picture.windows.size())) {
        throw Error(Error::Kind::kInput,
                    fmt::format("window {} is asked for, the file has {} usable ones", choice.index,
                                picture.windows.size()),
                    "(0028,1050) WindowCenter", "count from 0, or use minmax or CENTRE,WIDTH")
            .with_code("no_window");
      }
      return {.kind = Kind::kFixed,
              .window = picture.windows[static_cast<std::size_t>(choice.index)]};
    case Kind::kLut:
      if (choice.index < 0 || choice.index >= static_cast<int>(picture.voi_luts.size())) {
        throw Error(Error::Kind::kInput,
                    fmt::format("VOI LUT {} is asked for, the file has {} usable ones",
                                choice.index, picture.voi_luts.size()),
                    "(0028,3010) VOILUTSequence", "count from 0, or use minmax or CENTRE,WIDTH")
            .with_code("no_voi_lut");
      }
      return choice;
    case Kind::kFixed:
      if (!is_valid_window(choice.window)) {
        throw Error(Error::Kind::kUsage,
                    fmt::format("a window of width {} is not possible with {}", choice.window.width,
                                window_function_name(choice.window.function)),
                    "window", "LINEAR needs a width of 1 or more, the others a width above 0");
      }
      return choice;
    case Kind::kMinMax:
      break;
  }
  return choice;
}

template <typename T, typename Finish>
std::vector<T> display(const Picture& picture, const WindowChoice& wanted, const Finish& finish) {
  const WindowChoice choice = resolve(picture, wanted);
  const auto polarity = [inverted = picture.is_inverted](double y) {
    y = std::clamp(y, 0.0, 1.0);
    return inverted ? 1.0 - y : y;
  };
  if (choice.kind == WindowChoice::Kind::kFixed) {
    return map_modality<T>(
        picture, [&](double x) { return finish(polarity(apply_window(choice.window, x))); });
  }
  if (choice.kind == WindowChoice::Kind::kLut) {
    const LookupTable& table = picture.voi_luts[static_cast<std::size_t>(choice.index)];
    const double top = std::exp2(table.bits) - 1.0;
    return map_modality<T>(picture,
                           [&](double x) { return finish(polarity(look_up(table, x) / top)); });
  }
  const auto [low, high] = modality_range(picture);
  return map_modality<T>(picture, [&, lo = low, hi = high](double x) {
    return finish(polarity(hi > lo ? (x - lo) / (hi - lo) : 0.0));
  });
}

}  // namespace

WindowChoice parse_window_choice(const std::string& text) {
  using Kind = WindowChoice::Kind;
  if (text.empty()) return {};
  if (text == "minmax") return {.kind = Kind::kMinMax};
  for (const auto& [prefix, kind] : {std::pair{"file:", Kind::kFile}, {"lut:", Kind::kLut}}) {
    if (text.starts_with(prefix)) {
      const auto index = parse_integer(text.substr(text.find(':') + 1));
      if (!index || *index < 0 || *index > 9999) refuse_choice(text);
      return {.kind = kind, .index = static_cast<int>(*index)};
    }
  }
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() < 2 || parts.size() > 3) refuse_choice(text);
  const auto centre = parse_number(parts[0]);
  const auto width = parse_number(parts[1]);
  if (!centre || !width) refuse_choice(text);
  WindowChoice choice{.kind = Kind::kFixed, .window = {.centre = *centre, .width = *width}};
  if (parts.size() == 3) {
    const std::string function(trim(parts[2]));
    if (function == "LINEAR_EXACT") {
      choice.window.function = WindowFunction::kLinearExact;
    } else if (function == "SIGMOID") {
      choice.window.function = WindowFunction::kSigmoid;
    } else if (function != "LINEAR") {
      refuse_choice(text);
    }
  }
  if (!is_valid_window(choice.window)) refuse_choice(text);
  return choice;
}

const char* window_function_name(WindowFunction function) {
  switch (function) {
    case WindowFunction::kLinear:
      return "LINEAR";
    case WindowFunction::kLinearExact:
      return "LINEAR_EXACT";
    case WindowFunction::kSigmoid:
      return "SIGMOID";
  }
  return "LINEAR";
}

bool is_valid_window(const Window& window) {
  if (!std::isfinite(window.centre) || !std::isfinite(window.width)) return false;
  return window.function == WindowFunction::kLinear ? window.width >= 1 : window.width > 0;
}

double apply_window(const Window& window, double x) {
  assert(is_valid_window(window));
  const double c = window.centre;
  const double w = window.width;
  switch (window.function) {
    case WindowFunction::kLinear:
      if (x <= c - 0.5 - (w - 1) / 2) return 0;
      if (x > c - 0.5 + (w - 1) / 2) return 1;
      return (x - (c - 0.5)) / (w - 1) + 0.5;  // w = 1 never comes here: both borders are one
    case WindowFunction::kLinearExact:
      if (x <= c - w / 2) return 0;
      if (x > c + w / 2) return 1;
      return (x - c) / w + 0.5;
    case WindowFunction::kSigmoid:
      return 1.0 / (1.0 + std::exp(std::clamp(-4.0 * (x - c) / w, -700.0, 700.0)));
  }
  return 0;
}

std::vector<double> modality_values(const Picture& picture) {
  return map_modality<double>(picture, [](double m) { return m; });
}

ValueRange modality_range(const Picture& picture) {
  const std::vector<double> values = modality_values(picture);
  const bool skips = !picture.padding.empty() && std::ranges::count(picture.padding, 0) > 0;
  ValueRange range;
  bool is_first = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (skips && picture.padding[i] != 0) continue;
    range.low = is_first ? values[i] : std::min(range.low, values[i]);
    range.high = is_first ? values[i] : std::max(range.high, values[i]);
    is_first = false;
  }
  return range;
}

std::vector<double> display_values(const Picture& picture, const WindowChoice& choice) {
  return display<double>(picture, choice, [](double y) { return y; });
}

std::vector<float> display_floats(const Picture& picture, const WindowChoice& choice) {
  return display<float>(picture, choice, [](double y) { return static_cast<float>(y); });
}

std::vector<std::uint8_t> display_u8(const Picture& picture, const WindowChoice& choice) {
  return display<std::uint8_t>(picture, choice, [](double y) {
    return static_cast<std::uint8_t>(std::floor(255.0 * y + 0.5));
  });
}

}  // namespace rationale
