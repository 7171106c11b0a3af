// `doctor --expect` finds the usual mistakes between a model and its user's own logits.
#include "ui/engine/expectation.h"

#include <cmath>
#include <fstream>

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::ui;

namespace {

/// Two images [3,2,2] with values in 0 … 1 that no flip and no exchange leaves alone.
FloatArray images() {
  FloatArray x{{2, 3, 2, 2}, {}};
  for (int i = 0; i < 24; ++i)
    x.values.push_back(static_cast<float>(std::fmod(0.37 * i * i + 0.11 * i, 1.0)));
  return x;
}

/// A model of three classes: each a fixed weighted sum of an image's twelve values.
FloatArray scores(const FloatArray& x) {
  FloatArray y{{x.shape[0], 3}, {}};
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    for (int c = 0; c < 3; ++c) {
      double sum = 0.3 * c;
      for (int i = 0; i < 12; ++i) {
        sum += std::sin(1.7 * i + 2.3 * c + 0.4) * x.values[static_cast<std::size_t>(n * 12 + i)];
      }
      y.values.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

std::string cause(const FloatArray& x, const FloatArray& expected) {
  const Comparison comparison = compare_with_expected(scores, x, expected);
  CHECK_FALSE(comparison.agrees);
  return comparison.cause;
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("Equal logits agree, and the worst place is named where they do not", "[doctor]") {
  const FloatArray x = images();
  CHECK(compare_with_expected(scores, x, scores(x)).agrees);
  FloatArray other = scores(x);
  other.values[4] += 5;
  const Comparison comparison = compare_with_expected(scores, x, other);
  CHECK_FALSE(comparison.agrees);
  CHECK(comparison.row == 1);
  CHECK(comparison.column == 1);
  CHECK(comparison.worst == Approx(5));
  CHECK(comparison.cause.empty());
  CHECK_THROWS_AS(compare_with_expected(scores, x, FloatArray{{2, 2}, {0, 0, 0, 0}}), Error);
}

TEST_CASE("The usual causes of other logits are found", "[doctor]") {
  const FloatArray x = images();
  const FloatArray y = scores(x);

  FloatArray probabilities = y;
  for (float& v : probabilities.values) v = 1 / (1 + std::exp(-v));
  CHECK(says(cause(x, probabilities), "sigmoid, the model returns logits"));

  FloatArray shares = y;
  for (std::size_t n = 0; n < 2; ++n) {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(y.values[n * 3 + c]);
    for (std::size_t c = 0; c < 3; ++c) {
      shares.values[n * 3 + c] = static_cast<float>(std::exp(y.values[n * 3 + c]) / sum);
    }
  }
  CHECK(says(cause(x, shares), "softmax, the model returns logits"));

  FloatArray permuted = y;
  for (std::size_t n = 0; n < 2; ++n) std::swap(permuted.values[n * 3], permuted.values[n * 3 + 2]);
  CHECK(says(cause(x, permuted), "outputs 2, 1, 0"));

  FloatArray reversed{
      y.shape, {y.values[3], y.values[4], y.values[5], y.values[0], y.values[1], y.values[2]}};
  CHECK(says(cause(x, reversed), "reverse order"));

  const auto with = [&](auto change) {
    FloatArray changed = x;
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      changed.values[i] = static_cast<float>(change(x, i));
    }
    return scores(changed);
  };
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) {
                     return a.values[i / 12 * 12 + (2 - i % 12 / 4) * 4 + i % 4];
                   })),
             "BGR"));
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) { return a.values[i] * 255; })),
             "255 times too small"));
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) { return a.values[i] / 255; })),
             "255 times too large"));
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) { return 2 * a.values[i] - 1; })),
             "-1 to 1"));
  CHECK(
      says(cause(x, with([](const FloatArray& a, std::size_t i) {
                   const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
                   return (a.values[i] - mean[i % 12 / 4]) / deviation[i % 12 / 4];
                 })),
           "ImageNet normalisation is missing"));
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) { return a.values[i ^ 1]; })),
             "left and right"));
  CHECK(says(cause(x, with([](const FloatArray& a, std::size_t i) { return a.values[i ^ 2]; })),
             "upside down"));
}

TEST_CASE("Expected logits are read from CSV with or without names", "[doctor]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "logits.csv";
  std::ofstream(file) << "case,a,b\np1,1.5,-2\np2,0.25,3e-1\n";
  const FloatArray named = read_expected(file);
  CHECK(named.shape == Shape{2, 2});
  CHECK(named.values == std::vector<float>{1.5F, -2.0F, 0.25F, 0.3F});
  std::ofstream(file) << "1,2\n3,4\n";
  CHECK(read_expected(file).shape == Shape{2, 2});
  std::ofstream(file) << "case,a,b\np1,1.5,x\n";
  CHECK_THROWS_AS(read_expected(file), Error);
}
