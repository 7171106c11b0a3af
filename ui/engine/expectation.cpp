#include "ui/engine/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale::ui {
namespace {

struct Explanation {
  std::string cause;
  double worst = HUGE_VAL;
};

double worst_difference(const FloatArray& a, const FloatArray& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a.values[i]) - b.values[i]);
    if (!(difference <= worst)) worst = difference;  // NaN counts as worst
  }
  return std::isfinite(worst) ? worst : HUGE_VAL;
}

FloatArray sigmoid(FloatArray y) {
  for (float& value : y.values) value = 1 / (1 + std::exp(-value));
  return y;
}

FloatArray softmax(FloatArray y) {
  const auto n_columns = static_cast<std::ptrdiff_t>(y.shape[1]);
  for (auto row = y.values.begin(); row != y.values.end(); row += n_columns) {
    const float largest = *std::max_element(row, row + n_columns);
    double sum = 0;
    for (auto v = row; v != row + n_columns; ++v) sum += * v = std::exp(*v - largest);
    for (auto v = row; v != row + n_columns; ++v) *v = static_cast<float>(*v / sum);
  }
  return y;
}

double column_difference(const FloatArray& got, std::int64_t a, const FloatArray& expected,
                         std::int64_t b) {
  double worst = 0;
  for (std::int64_t n = 0; n < got.shape[0]; ++n) {
    const auto at = [&](const FloatArray& y, std::int64_t c) {
      return static_cast<double>(y.values[static_cast<std::size_t>(n * y.shape[1] + c)]);
    };
    worst = std::max(worst, std::abs(at(got, a) - at(expected, b)));
  }
  return worst;
}

/// The order in which the model's classes stand in the expected columns, if that explains all.
Explanation permuted_classes(const FloatArray& got, const FloatArray& expected) {
  const std::int64_t n = got.shape[1];
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::vector<bool> is_taken(static_cast<std::size_t>(n), false);
  double worst = 0;
  for (std::int64_t c = 0; c < n; ++c) {
    std::int64_t best = -1;
    for (std::int64_t k = 0; k < n; ++k) {
      if (is_taken[static_cast<std::size_t>(k)]) continue;
      if (best < 0 ||
          column_difference(got, k, expected, c) < column_difference(got, best, expected, c))
        best = k;
    }
    is_taken[static_cast<std::size_t>(best)] = true;
    order[static_cast<std::size_t>(c)] = best;
    worst = std::max(worst, column_difference(got, best, expected, c));
  }
  return {fmt::format("the classes are in another order: your columns are the model's outputs {}",
                      fmt::join(order, ", ")),
          worst};
}

FloatArray transposed_rows(const FloatArray& y, const std::vector<std::int64_t>& rows) {
  FloatArray result = y;
  const auto n_columns = static_cast<std::size_t>(y.shape[1]);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    std::copy_n(y.values.begin() + rows[n] * y.shape[1], n_columns,
                result.values.begin() + static_cast<std::ptrdiff_t>(n * n_columns));
  }
  return result;
}

Explanation reversed_images(const FloatArray& got, const FloatArray& expected) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(got.shape[0]));
  std::iota(rows.rbegin(), rows.rend(), 0);
  return {"the images are in reverse order",
          worst_difference(transposed_rows(got, rows), expected)};
}

using Change = std::function<void(FloatArray&)>;

/// Applies f(value, channel) to every input value.
template <typename F>
Change by_channel(F f) {
  return [f](FloatArray& x) {
    const std::int64_t n_channels = x.shape[1];
    const std::int64_t size = element_count(x.shape) / (x.shape[0] * n_channels);
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      const auto c = (static_cast<std::int64_t>(i) / size) % n_channels;
      x.values[i] = static_cast<float>(f(x.values[i], c));
    }
  };
}

/// Rearranges within each plane (the last two axes): value of (r, c) comes from place(r, c).
Change by_place(std::int64_t rows, std::int64_t columns,
                std::function<std::int64_t(std::int64_t, std::int64_t)> place) {
  return [=](FloatArray& x) {
    const FloatArray old = x;
    for (std::int64_t plane = 0; plane < static_cast<std::int64_t>(x.values.size());
         plane += rows * columns) {
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          x.values[static_cast<std::size_t>(plane + r * columns + c)] =
              old.values[static_cast<std::size_t>(plane + place(r, c))];
        }
      }
    }
  };
}

void reverse_channels(FloatArray& x) {
  const auto size = static_cast<std::ptrdiff_t>(element_count(x.shape) / (x.shape[0] * x.shape[1]));
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    const auto image = x.values.begin() + n * x.shape[1] * size;
    for (std::int64_t c = 0; c < x.shape[1] / 2; ++c) {
      std::swap_ranges(image + c * size, image + (c + 1) * size,
                       image + (x.shape[1] - 1 - c) * size);
    }
  }
}

void standardise_images(FloatArray& x) {
  const std::size_t size = x.values.size() / static_cast<std::size_t>(x.shape[0]);
  for (std::size_t begin = 0; begin < x.values.size(); begin += size) {
    double sum = 0, squares = 0;
    for (std::size_t i = begin; i < begin + size; ++i) sum += x.values[i];
    const double mean = sum / static_cast<double>(size);
    for (std::size_t i = begin; i < begin + size; ++i)
      squares += (x.values[i] - mean) * (x.values[i] - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(size));
    if (deviation <= 0) continue;
    for (std::size_t i = begin; i < begin + size; ++i) {
      x.values[i] = static_cast<float>((x.values[i] - mean) / deviation);
    }
  }
}

std::vector<std::pair<std::string, Change>> input_changes(const FloatArray& input) {
  const std::int64_t rows = input.shape[input.shape.size() - 2], columns = input.shape.back();
  const auto [low, high] = std::minmax_element(input.values.begin(), input.values.end());
  const double least = *low, most = *high;
  const auto mean_of = [](std::int64_t c) { return c == 0 ? 0.485 : c == 1 ? 0.456 : 0.406; };
  const auto std_of = [](std::int64_t c) { return c == 0 ? 0.229 : c == 1 ? 0.224 : 0.225; };
  std::vector<std::pair<std::string, Change>> changes;
  const auto scale = [&](const std::string& cause, auto f) {
    changes.emplace_back(cause, by_channel([f](double v, std::int64_t) { return f(v); }));
  };
  if (input.shape[1] == 3) {
    changes.emplace_back("the colour channels are reversed (BGR against RGB)", &reverse_channels);
    changes.emplace_back(
        "the ImageNet normalisation is missing in the tensor",
        by_channel([=](double v, std::int64_t c) { return (v - mean_of(c)) / std_of(c); }));
    changes.emplace_back(
        "the ImageNet normalisation is in the tensor, but was not in yours",
        by_channel([=](double v, std::int64_t c) { return v * std_of(c) + mean_of(c); }));
  }
  scale("the tensor is 255 times too large", [](double v) { return v / 255; });
  scale("the tensor is 255 times too small", [](double v) { return v * 255; });
  scale("the tensor runs from 0 to 1, yours ran from -1 to 1", [](double v) { return 2 * v - 1; });
  scale("the tensor runs from -1 to 1, yours ran from 0 to 1",
        [](double v) { return (v + 1) / 2; });
  scale("the tensor runs from 0 to 255, yours ran from -1024 to 1024",
        [](double v) { return v / 255 * 2048 - 1024; });
  scale("the tensor runs from 0 to 1, yours ran from -1024 to 1024",
        [](double v) { return v * 2048 - 1024; });
  scale("black and white are exchanged", [=](double v) { return least + most - v; });
  changes.emplace_back("each image was standardised (mean 0, deviation 1), the tensor is not",
                       &standardise_images);
  changes.emplace_back("left and right are exchanged", by_place(rows, columns, [=](auto r, auto c) {
                         return r * columns + (columns - 1 - c);
                       }));
  changes.emplace_back("the images stand upside down", by_place(rows, columns, [=](auto r, auto c) {
                         return (rows - 1 - r) * columns + c;
                       }));
  if (rows == columns) {
    changes.emplace_back("rows and columns are exchanged",
                         by_place(rows, columns, [=](auto r, auto c) { return c * columns + r; }));
  }
  return changes;
}

}  // namespace

FloatArray read_expected(const std::filesystem::path& path) {
  if (path.extension() != ".csv") {
    FloatArray expected = read_npy_float(path);
    if (expected.shape.size() == 1) expected.shape.push_back(1);
    return expected;
  }
  FloatArray expected{{0, 0}, {}};
  std::size_t line_number = 0;
  for (const std::string& line : split(read_file(path), '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    std::vector<float> row;
    const std::vector<std::string> cells = split(trim(line), ',');
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto number = parse_number(trim(cells[i]));
      if (number) row.push_back(static_cast<float>(*number));
    }
    const bool has_name = !cells.empty() && !parse_number(trim(cells[0]));
    if (row.empty() && expected.shape[0] == 0) continue;  // the header
    if (row.size() + (has_name ? 1 : 0) != cells.size() ||
        (expected.shape[0] > 0 && static_cast<std::int64_t>(row.size()) != expected.shape[1])) {
      throw Error(Error::Kind::kInput, "the row does not hold one number a class",
                  fmt::format("{}:{}", path.string(), line_number),
                  "write case,<class>,… or numbers alone");
    }
    expected.shape = {expected.shape[0] + 1, static_cast<std::int64_t>(row.size())};
    expected.values.insert(expected.values.end(), row.begin(), row.end());
  }
  return expected;
}

Comparison compare_with_expected(const Scores& scores, const FloatArray& input,
                                 const FloatArray& expected) {
  const FloatArray got = scores(input);
  if (got.shape != expected.shape) {
    throw Error(Error::Kind::kInput,
                fmt::format("the model gives scores [{}], yours are [{}]",
                            fmt::join(got.shape, ", "), fmt::join(expected.shape, ", ")),
                "--expect", "give one row an image and one column a class")
        .with_code("expect_shape");
  }
  Comparison result;
  double largest = 1;
  for (std::size_t i = 0; i < got.values.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(expected.values[i])));
    const double difference = std::abs(static_cast<double>(got.values[i]) - expected.values[i]);
    if (i > 0 && difference <= result.worst) continue;
    result.worst = difference;
    result.row = static_cast<std::int64_t>(i) / got.shape[1];
    result.column = static_cast<std::int64_t>(i) % got.shape[1];
    result.got = got.values[i];
    result.expected = expected.values[i];
  }
  result.allowed = 1e-3 * largest;
  result.agrees = result.worst <= result.allowed;
  if (result.agrees) return result;

  Explanation best;
  const auto consider = [&](Explanation one) {
    if (one.worst < best.worst) best = std::move(one);
  };
  consider({"your scores went through a sigmoid, the model returns logits",
            worst_difference(sigmoid(got), expected)});
  consider({"your scores went through a softmax, the model returns logits",
            worst_difference(softmax(got), expected)});
  consider({"the model ends in a sigmoid, your scores are logits",
            worst_difference(got, sigmoid(expected))});
  consider({"the model ends in a softmax, your scores are logits",
            worst_difference(got, softmax(expected))});
  if (got.shape[1] > 1) consider(permuted_classes(got, expected));
  if (got.shape[0] > 1) consider(reversed_images(got, expected));
  for (const auto& [cause, change] : input_changes(input)) {
    FloatArray changed = input;
    change(changed);
    consider({cause, worst_difference(scores(changed), expected)});
  }
  // A cause must explain nearly all of it, on the scale of what was compared.
  if (best.worst <= std::max(0.02 * result.worst, 1e-5) && best.worst <= 3 * result.allowed) {
    result.cause = best.cause;
    result.worst_then = best.worst;
  } else {
    result.worst_then = result.worst;
  }
  return result;
}

}  // namespace rationale::ui
