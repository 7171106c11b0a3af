// What the measures say where there is nothing to measure, and values worked out by hand.
#include <algorithm>
#include <cmath>
#include <vector>

#include "explain/quality/baselines.h"
#include "explain/quality/deletion.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/interval.h"
#include "explain/quality/localisation.h"
#include "explain/quality/map_metrics.h"
#include "explain/quality/ranks.h"
#include "explain/quality/similarity.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

Plane plane(int rows, int cols, std::vector<float> values) { return {rows, cols, std::move(values)}; }

}  // namespace

TEST_CASE("A map without positive evidence is a miss, and its energy is a reason", "[quality]") {
  const float level = GENERATE(0.F, -1.F, 2.F);  // all zero, all negative, or constant: no pixel stands out
  const Plane flat = plane(2, 3, std::vector<float>(6, level));
  CHECK_FALSE(find_peak(flat));
  CHECK(pointing_hit(flat, {{0, 0, 2, 3}}, 0) == 0);
  const std::vector<std::uint8_t> mask = {1, 0, 0, 0, 0, 0};
  CHECK(iou_top_area(flat.values, mask).code == "flat_map");
  CHECK(pixel_auc(flat.values, mask).value == 0.5);
  if (level <= 0) {
    CHECK(energy_in_mask(flat.values, mask).code == "no_positive_evidence");
    CHECK(iou_at_share(flat.values, mask, 0.5) == 0);
  }
  CHECK(spearman(flat.values, std::vector<float>{1, 2, 3, 4, 5, 6}).code == "flat_map");
  CHECK(pixel_auc(flat.values, std::vector<std::uint8_t>(6, 1)).code == "no_outside");
}

TEST_CASE("The pointing game takes the first largest pixel and grows boxes by the tolerance", "[quality]") {
  const Plane map = plane(2, 4, {0, 5, 0, 0, 5, 0, 0, 0});
  CHECK(find_peak(map)->row == 0);
  CHECK(find_peak(map)->col == 1);
  CHECK(pointing_hit(map, {{0, 1, 1, 2}}, 0) == 1);
  CHECK(pointing_hit(map, {{1, 0, 2, 1}}, 0) == 0);
  CHECK(pointing_hit(map, {{1, 0, 2, 1}}, 1) == 1);
  CHECK(pointing_hit(map, {{1, 3, 2, 4}, {0, 1, 1, 2}}, 0) == 1);
}

TEST_CASE("Ranks break ties by position, and mid-ranks share them", "[quality]") {
  const std::vector<float> values = {2, 7, 2, 9};
  CHECK(rank_order(values) == std::vector<std::size_t>{3, 1, 0, 2});
  CHECK(mid_ranks(values) == std::vector<double>{1.5, 3, 1.5, 4});
}

TEST_CASE("Boxes become masks cut to the image, and back", "[quality]") {
  const auto mask = mask_of({{-2, 1, 1, 9}, {1, 0, 2, 1}}, 2, 3);
  CHECK(mask == std::vector<std::uint8_t>{0, 1, 1, 1, 0, 0});
  const PixelBox box = bounding_box(mask, 3);
  CHECK(box.row1 == 2);
  CHECK(box.col1 == 3);
  CHECK(mask_iou(mask, std::vector<std::uint8_t>{0, 1, 0, 0, 1, 0}) == 0.25);
}

TEST_CASE("Deletion removes the named pixels first and insertion brings them first", "[quality]") {
  // The score is the first pixel alone; the map names it first, then last.
  const Score first_pixel = [](const FloatArray& batch) {
    std::vector<double> scores;
    for (std::int64_t n = 0; n < batch.shape[0]; ++n) {
      scores.push_back(batch.values[static_cast<std::size_t>(n * 4)]);
    }
    return scores;
  };
  const FloatArray image{{1, 2, 2}, {1, 1, 1, 1}}, base{{1, 2, 2}, {0, 0, 0, 0}};
  const std::vector<float> right = {4, 3, 2, 1}, wrong = {1, 2, 3, 4};
  const int batch = GENERATE(1, 3, 16);
  const DeletionCurves good = deletion_insertion(first_pixel, image, base, right, 4, batch);
  CHECK(good.deletion == std::vector<double>{1, 0, 0, 0, 0});
  CHECK(good.insertion == std::vector<double>{0, 1, 1, 1, 1});
  CHECK(good.deletion_auc == 0.125);
  CHECK(good.insertion_auc == 0.875);
  const DeletionCurves bad = deletion_insertion(first_pixel, image, base, wrong, 4, batch);
  CHECK(bad.deletion_auc == 0.875);
  CHECK(bad.insertion_auc == 0.125);
}

TEST_CASE("A blur keeps constants and the mean of a volume far from its edges", "[quality]") {
  FloatArray volume{{1, 9, 9, 9}, std::vector<float>(729, 3)};
  const FloatArray same = blurred(volume, 1.5);
  for (const float value : same.values) CHECK(value == Approx(3));
  volume.values.assign(729, 0);
  volume.values[364] = 1;  // the middle
  const FloatArray spread = blurred(volume, 0.8);
  double sum = 0;
  for (const float value : spread.values) sum += value;
  CHECK(sum == Approx(1));
  CHECK(spread.values[364] < 0.2);
  CHECK(spread.values[364 + 1] == Approx(spread.values[364 + 81]));
}

TEST_CASE("A hit rate has Wilson's interval, and counts patients where they have several films", "[quality]") {
  const auto rate = [](int n_hits, int n, int films_a_patient) {
    std::vector<double> hits;
    std::vector<std::string> patients;
    for (int i = 0; i < n; ++i) {
      hits.push_back(i < n_hits ? 1 : 0);
      patients.push_back(films_a_patient == 1 ? std::string() : std::to_string(i / films_a_patient));
    }
    return rate_over_patients(hits, patients);
  };
  // 5 of 24: (0.0924, 0.4047), computed from the closed form (Wilson 1927, eq. 4) with z = 1.96.
  const Estimate five = rate(5, 24, 1);
  CHECK(five.lower.value == Approx(0.0924).margin(1e-4));
  CHECK(five.upper.value == Approx(0.4047).margin(1e-4));
  CHECK(rate(0, 3, 1).lower.value == 0);
  CHECK(rate(0, 3, 1).upper.value == Approx(0.5615).margin(1e-4));
  CHECK(rate(3, 3, 1).upper.value == 1);
  CHECK(rate(0, 0, 1).mean.code == "no_values");

  // Two patients of six films each say nothing of a third.
  const Estimate two = rate(6, 12, 6);
  CHECK(two.mean.value == 0.5);
  CHECK(two.n == 12);
  CHECK(two.n_patients == 2);
  CHECK(two.lower.code == "too_few_patients");
  CHECK(two.upper.code == "too_few_patients");
  // Films that all agree with their patient's others count once: 24 patients of two films, 10 of 48 hits, are 5 of 24
  // but for the corrections 24/23 and 48/47 of the two variances.
  const Estimate pairs = rate(10, 48, 2);
  CHECK(pairs.n_patients == 24);
  CHECK(pairs.lower.value == Approx(0.0924).margin(3e-3));
  CHECK(pairs.upper.value == Approx(0.4047).margin(6e-3));
  // All hits: no variance to judge by, so as many cases as patients.
  CHECK(rate(6, 6, 2).lower.value == rate(3, 3, 1).lower.value);
  // Films that differ within patients as much as between them cost nothing.
  CHECK(rate_over_patients({1, 0, 1, 0, 1, 0, 0, 1}, {"a", "a", "b", "b", "c", "c", "d", "d"}).n_patients == 4);
}

TEST_CASE("An interval over patients is wider than one over films, and repeats", "[quality]") {
  std::vector<double> values;
  std::vector<std::string> patients, films;
  for (int p = 0; p < 20; ++p) {
    for (int film = 0; film < 5; ++film) {
      values.push_back(p % 2);
      patients.push_back(std::to_string(p));
      films.push_back("");
    }
  }
  const Estimate clustered = mean_over_patients(values, patients, {.seed = 3});
  const Estimate naive = mean_over_patients(values, films, {.seed = 3});
  CHECK(clustered.mean.value == 0.5);
  CHECK(clustered.n_patients == 20);
  CHECK(naive.n_patients == 100);
  const double wide = clustered.upper.value - clustered.lower.value;
  // The standard error is sqrt(0.25/20) against sqrt(0.25/100): more than twice as wide.
  CHECK(wide > 1.8 * (naive.upper.value - naive.lower.value));
  CHECK(wide == Approx(2 * 1.96 * std::sqrt(0.25 / 20)).epsilon(0.12));
  const Estimate again = mean_over_patients(values, patients, {.seed = 3});
  CHECK(again.lower.value == clustered.lower.value);
  CHECK(mean_over_patients({1, 0}, {"a", "b"}, {}).lower.code == "too_few_patients");
  CHECK(mean_over_patients({}, {}, {}).mean.code == "no_values");
}

TEST_CASE("Baselines know the film but not the model", "[quality]") {
  const MapGrid grid{4, 4, 16, 16};
  const Plane centre = centre_map(grid);
  CHECK(find_peak(centre)->row == 7);
  FloatArray input{{1, 16, 16}, std::vector<float>(256, 0)};
  for (std::size_t i = 0; i < 256; ++i) input.values[i] = i % 16 >= 12 ? 1.F : 0.F;  // one upright edge
  const Plane edges = edge_map(input, grid);
  CHECK(find_peak(edges)->col >= 8);
  CHECK(edges.values[0] == 0);
  const Plane chance = random_map(grid, 1, 0), other = random_map(grid, 1, 1);
  CHECK(chance.values != other.values);
  CHECK(random_map(grid, 1, 0).values == chance.values);
}

TEST_CASE("A map whose zero is arbitrary is ranked whole, also where all its values are negative", "[quality]") {
  // RISE of a film with a low logit: every place below 0, the last one the least so.
  const FloatArray raw{{2, 2}, {-5, -4, -3, -2}}, image{{1, 2, 2}, {0, 0, 0, 0}};
  CHECK(positive_map(raw, image).values == std::vector<float>{0, 0, 0, 0});
  CHECK(positive_map(raw, image, find_method("rise").zero).values == std::vector<float>{0, 1, 2, 3});
  CHECK(find_method("rise").zero == Zero::kArbitrary);
  CHECK(find_method("occlusion_pixel").zero == Zero::kNoEvidence);
}

TEST_CASE("A volume's peak lies in the box around its mask, in three dimensions", "[quality]") {
  const Shape sides{4, 5, 6};
  FloatArray map{sides, std::vector<float>(120, 0)};
  std::vector<std::uint8_t> mask(120, 0);
  const auto at = [](std::size_t d, std::size_t r, std::size_t c) { return (d * 5 + r) * 6 + c; };
  mask[at(1, 1, 1)] = mask[at(2, 3, 4)] = 1;
  map.values[at(2, 2, 3)] = 5;  // inside the box, though not in the mask
  map.values[at(1, 1, 1)] = 3;
  const Localisation inside = localisation(map, mask);
  CHECK(inside.pointing_hit.value == 1);
  CHECK(inside.energy_in_mask.value == Approx(3.0 / 8));
  CHECK(inside.iou_top_area.value == Approx(1.0 / 3));  // top two: one of the mask's two voxels
  CHECK(inside.pixel_auc.value > 0.5);
  map.values[at(3, 2, 3)] = 9;  // one slice too deep
  CHECK(localisation(map, mask).pointing_hit.value == 0);
  CHECK(localisation(map, mask).pointing_hit_tol3.value == 1);
  CHECK(peak_index(map.values) == at(3, 2, 3));
  CHECK(localisation(FloatArray{sides, std::vector<float>(120, 0)}, mask).pointing_hit.value == 0);
}
