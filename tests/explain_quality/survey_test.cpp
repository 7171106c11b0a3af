// Occlusion, agreement, the recommendation's rule, and a survey of a model whose behaviour is known.
#include <algorithm>
#include <vector>

#include "data/arrays/npy.h"
#include "data/samples/case.h"
#include "data/samples/phantom.h"
#include "data/samples/place.h"
#include "explain/model/card.h"
#include "explain/quality/even_order.h"
#include "explain/quality/image_maps.h"
#include "explain/quality/occlusion.h"
#include "explain/quality/recommendation.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

/// Films of the sample models as a survey: consolidation marked where it is.
SurveyRequest phantoms(const std::string& model, int n_films) {
  const ModelCard card = read_card(samples::models_folder() / (model + ".toml"));
  SurveyRequest request;
  request.model = card.model_file;
  request.classes = card.classes;
  request.score = Target::Kind::kSigmoid;
  request.split.input_shape = {1, 1, 96, 96};
  request.layers = {"block4", "block3"};
  request.methods = {"hires_cam", "grad_cam"};
  request.deletion = {.n_steps = 8, .blur_sigma_px = 12};
  request.resampling.n_resamples = 200;
  for (int i = 0; i < n_films; ++i) {
    const auto one = samples::describe_case(samples::SampleSet::kTest, 31, static_cast<std::uint64_t>(i));
    const auto phantom = samples::render(31, static_cast<std::uint64_t>(i), one.labels.findings);
    request.cases.push_back({one.name, one.patient, samples::network_input(samples::stored_values(phantom.image))});
    const auto at = request.cases.size() - 1;
    request.gate_cases.push_back(at);
    if (!one.labels.findings[samples::kConsolidation]) continue;
    request.deletion_cases.push_back(at);
    const auto& mask = phantom.masks[samples::kConsolidation];
    request.findings.push_back({at, 0, {{bounding_box(mask, samples::kSize)}, mask}, {}});
  }
  return request;
}

Estimate estimate(double mean, double lower, double upper) {
  Estimate e;
  e.mean = measured(mean);
  e.lower = measured(lower);
  e.upper = measured(upper);
  e.n = 24;
  return e;
}

MapSurvey map_row(const std::string& method, const std::string& layer, GateVerdict verdict, double insertion) {
  MapSurvey map;
  map.method = method;
  map.layer = layer;
  map.insertion = map.insertion_blur = std::vector<Measure>(6, measured(insertion));
  map.insertion_gain = map.insertion_gain_blur = estimate(insertion, insertion - 0.1, insertion + 0.1);
  map.gate = MethodGate{};
  map.gate->verdict = verdict;
  return map;
}

}  // namespace

TEST_CASE("A beginning of an even order holds every stratum as often as the others, or all of it", "[quality]") {
  std::vector<std::int64_t> strata(300, 0);  // sorted by stratum, as a table may be
  strata.insert(strata.end(), 50, 1);
  strata.insert(strata.end(), 5, 7);
  const std::vector<std::size_t> order = even_order(strata, 3, 9);
  std::vector<std::size_t> all = order;
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(all[i] == i);
  REQUIRE(all.size() == 355);
  const auto count = [&](std::size_t n, std::int64_t stratum) {
    return std::count_if(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n),
                         [&](std::size_t item) { return strata[item] == stratum; });
  };
  CHECK(count(9, 0) == 3);
  CHECK(count(9, 1) == 3);
  CHECK(count(100, 7) == 5);
  CHECK(count(100, 0) == 48);  // of the 95 left of strata 0 and 1
  CHECK(count(100, 1) == 47);
  CHECK(order == even_order(strata, 3, 9));
  CHECK(order != even_order(strata, 4, 9));
  CHECK(shuffled_order(5, 1, 2) != shuffled_order(5, 1, 3));
}

TEST_CASE("Occlusion finds the only pixel that the score looks at", "[quality]") {
  const Score score = [](const FloatArray& batch) {
    std::vector<double> scores;
    const auto size = static_cast<std::size_t>(element_count(batch.shape) / batch.shape[0]);
    for (std::size_t n = 0; n < static_cast<std::size_t>(batch.shape[0]); ++n) {
      scores.push_back(3 * batch.values[n * size + 2 * 9 + 7]);  // row 2, column 7
    }
    return scores;
  };
  const FloatArray image{{1, 7, 9}, std::vector<float>(63, 1)}, base{{1, 7, 9}, std::vector<float>(63, 0)};
  const OcclusionGrid grid{2, GENERATE(1, 2)};
  const Plane map = occlusion_map(score, image, base, grid, 4);
  CHECK(map.values[2 * 9 + 7] == 3);
  CHECK(map.values[0] == 0);
  CHECK(*std::max_element(map.values.begin(), map.values.end()) == 3);
  CHECK(coarse_grid(224, 224).window == 32);
  CHECK(coarse_grid(224, 224).stride == 16);
  CHECK(coarse_grid(5, 9).window == 1);
}

TEST_CASE("A gain is above zero by its interval and large enough to matter", "[quality]") {
  CHECK(is_gain(estimate(0.05, 0.01, 0.09)));
  CHECK_FALSE(is_gain(estimate(0.05, -0.01, 0.11)));
  CHECK_FALSE(is_gain(estimate(0.002, 0.001, 0.003)));
  CHECK(is_loss(estimate(-0.05, -0.09, -0.01)));
  CHECK_FALSE(is_loss(estimate(0.05, 0.01, 0.09)));
  Estimate none;
  none.mean = none.lower = none.upper = not_estimable("no_values", "no case has a value");
  CHECK_FALSE(is_gain(none));
}

TEST_CASE("Agreement counts each finding and all together", "[quality]") {
  std::vector<MarkedMap> maps;
  for (int i = 0; i < 4; ++i) {
    MarkedMap one{i < 3 ? "Mass" : "Nodule", std::to_string(i), {}};
    one.measures.pointing_hit = measured(i == 0 ? 1 : 0);
    one.measures.energy_in_mask =
        i == 1 ? not_estimable("no_positive_evidence", "the map has no positive value") : measured(0.25 * i);
    maps.push_back(one);
  }
  const auto rows = agreement(maps, {});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].pointing.mean.value == 0.25);
  CHECK(rows[0].energy.n == 3);
  CHECK(rows[0].energy.mean.value == Approx((0 + 0.5 + 0.75) / 3));
  CHECK(rows[1].finding == "Mass");
  CHECK(rows[1].pointing.n == 3);
  CHECK(rows[2].energy.lower.code == "too_few_patients");
}

TEST_CASE("The recommendation keeps the deepest layer unless another inserts better with both bases", "[quality]") {
  SurveyRequest request;
  for (int i = 0; i < 6; ++i) {
    request.cases.push_back({"c", std::to_string(i), {}});
    request.deletion_cases.push_back(static_cast<std::size_t>(i));
  }
  SurveyResult result;
  result.maps = {map_row("hires_cam", "deep", GateVerdict::kPassed, 0.2),
                 map_row("hires_cam", "early", GateVerdict::kPassed, 0.2)};
  CHECK(recommend(request, result).map == &result.maps[0]);
  result.maps[1].insertion_blur.assign(6, measured(0.4));  // with one base only
  CHECK(recommend(request, result).map == &result.maps[0]);
  result.maps[1].insertion.assign(6, measured(0.3));
  CHECK(recommend(request, result).map == &result.maps[1]);
  result.maps[1].insertion_gain = estimate(0.02, -0.01, 0.05);  // better than the first, but not than chance
  CHECK(recommend(request, result).map == &result.maps[0]);
  result.maps[1].insertion_gain = estimate(0.2, 0.1, 0.3);
  result.maps[1].gate->verdict = GateVerdict::kFailed;  // better, but it does not look at the weights
  CHECK(recommend(request, result).map == &result.maps[0]);
  result.maps[0].gate->verdict = GateVerdict::kFailed;
  const Recommendation none = recommend(request, result);
  CHECK(none.map == nullptr);
  CHECK(none.reasons.size() == 1);
}

TEST_CASE("A recommendation warns of what speaks against its map", "[quality]") {
  SurveyRequest request;
  SurveyResult result;
  result.maps = {map_row("grad_cam", "deep", GateVerdict::kPassed, 0.2)};
  MapSurvey centre;
  centre.method = "centre";
  centre.is_baseline = true;
  Agreement own, other;
  own.pointing = estimate(5.0 / 24, 0.09, 0.4);
  other.pointing = estimate(7.0 / 24, 0.15, 0.5);
  result.maps[0].agreement = {own};
  centre.agreement = {other};
  result.maps.push_back(centre);
  result.maps[0].insertion_gain = estimate(-0.07, -0.24, 0.09);
  result.maps[0].gate->other_class = estimate(0.95, 0.9, 0.99);
  const Recommendation chosen = recommend(request, result);
  REQUIRE(chosen.warnings.size() == 3);
  CHECK(chosen.warnings[0].find("5 of 24") != std::string::npos);
  CHECK(chosen.warnings[0].find("in 7") != std::string::npos);
  CHECK(chosen.warnings[1].find("bases disagree") != std::string::npos);
  CHECK(chosen.warnings[2].find("another class") != std::string::npos);
}

TEST_CASE("The honest sample model's maps find consolidation, beat chance and pass the gate", "[quality]") {
  const SurveyRequest request = phantoms("honest", 24);
  REQUIRE(request.findings.size() >= 5);
  const SurveyResult result = survey(request);
  const auto row = [&](const std::string& method, const std::string& layer) -> const MapSurvey& {
    return *std::find_if(result.maps.begin(), result.maps.end(),
                         [&](const MapSurvey& map) { return map.method == method && map.layer == layer; });
  };
  const MapSurvey& own = row("hires_cam", "block4");
  const MapSurvey& centre = row("centre", "");
  CHECK(own.agreement.front().pointing.mean.value > centre.agreement.front().pointing.mean.value);
  CHECK(own.agreement.front().pixel_auc.mean.value > 0.8);
  REQUIRE(own.gate);
  CHECK(own.gate->stages.back().spearman.n >= 20);
  CHECK(own.gate->verdict == GateVerdict::kPassed);
  CHECK(own.gate->other_class.mean.code == "one_class");
  CHECK(own.likeness.mean.value == Approx(1));
  // block4 is followed by the mean and one linear layer: both methods are the same there.
  CHECK(row("grad_cam", "block4").agreement.front().energy.mean.value ==
        Approx(own.agreement.front().energy.mean.value).epsilon(1e-4));
  CHECK(row("uniform", "").agreement.front().pixel_auc.mean.value == 0.5);
  CHECK(row("occlusion", "").deletion_gain_blur.mean.value > 0);
  CHECK(result.second.empty());
}

TEST_CASE("Methods of every kind stand in one survey, those at the input once", "[quality]") {
  SurveyRequest request = phantoms("honest", 8);
  REQUIRE_FALSE(request.findings.empty());
  request.gate_cases.clear();
  request.methods = {"grad_cam", "eigen_cam", "ig_gauss_legendre", "occlusion_pixel", "rise"};
  request.settings.steps = 8;
  request.settings.samples = 50;
  const SurveyResult result = survey(request);
  std::vector<std::string> rows;
  for (const MapSurvey& map : result.maps) {
    if (map.is_own()) rows.push_back(map.method + (map.layer.empty() ? "" : "@" + map.layer));
  }
  CHECK(rows == std::vector<std::string>{"grad_cam@block4", "eigen_cam@block4", "grad_cam@block3", "eigen_cam@block3",
                                         "ig_gauss_legendre", "occlusion_pixel", "rise"});
  for (const MapSurvey& map : result.maps) {
    if (!map.is_own()) continue;
    INFO(map.method);
    CHECK(map.occlusion.mean);
    CHECK(map.insertion_gain_blur.mean);
    CHECK(map.agreement.front().pixel_auc.mean);
    CHECK(map.use == find_method(map.method).use);
    if (map.method == "eigen_cam") CHECK(map.likeness.mean.value <= 1);
  }
  // A pixel's own value is compared with a random order of pixels, a window's with one of the first layer's cells.
  std::vector<Shape> random;
  for (const MapSurvey& map : result.maps) {
    if (map.method == "random") random.push_back({map.shape[2], map.shape[3]});
  }
  CHECK(std::count(random.begin(), random.end(), Shape{96, 96}) == 1);
  CHECK(recommend(request, result).map->use == Use::kExplanation);
}

TEST_CASE("A method that is not defined at a layer is left out with its reason", "[quality]") {
  const auto folder = test::shared("golden/explanation", 1);
  if (!folder) return;
  const FloatArray input = read_npy_float(*folder / "inputs/m01_gapnet.npy");
  SurveyRequest request;
  request.model = *folder / "models/m01_gapnet.traced.pt";
  request.split.input_shape = {1, input.shape[1], input.shape[2], input.shape[3]};
  request.layers = {"features.0.0"};  // a convolution: its values have both signs
  request.methods = {"grad_cam_pp", "grad_cam"};
  request.classes = {"a", "b", "c", "d"};
  request.cases = {{"one", "p", image_of(input, 0)}};
  request.deletion_cases = {0};
  request.deletion.n_steps = 4;
  const SurveyResult result = survey(request);
  REQUIRE(result.refused.size() == 1);
  CHECK(result.refused[0].method == "grad_cam_pp");
  CHECK(result.refused[0].layer == "features.0.0");
  CHECK_FALSE(result.refused[0].reason.empty());
  CHECK(result.maps[0].method == "grad_cam");
  CHECK(result.maps[0].insertion.size() == 1);
}

TEST_CASE("A map that is the same for every class, or known to fail, is never recommended", "[quality]") {
  SurveyRequest request;
  SurveyResult result;
  result.maps = {map_row("eigen_cam", "deep", GateVerdict::kPassed, 0.4),
                 map_row("guided_backprop", "", GateVerdict::kPassed, 0.4)};
  result.maps[0].use = Use::kClassless;
  result.maps[1].use = Use::kComparison;
  CHECK(recommend(request, result).map == nullptr);
  result.maps.push_back(map_row("rise", "", GateVerdict::kPassed, 0.1));
  CHECK(recommend(request, result).map == &result.maps.back());
}

TEST_CASE("A second person's region stands beside the maps", "[quality]") {
  SurveyRequest request = phantoms("honest", 8);
  request.gate_cases.clear();
  request.deletion_cases.clear();
  REQUIRE_FALSE(request.findings.empty());
  for (MarkedFinding& finding : request.findings) finding.second = finding.annotation;
  const SurveyResult result = survey(request), again = survey(request);
  CHECK(again.maps.front().agreement.front().energy.lower.value ==
        result.maps.front().agreement.front().energy.lower.value);
  REQUIRE(result.second.size() == 2);  // all, and the one finding
  CHECK(result.second[0].n == request.findings.size());
  CHECK(result.second[0].iou.mean.value == 1);
  CHECK(result.second[0].pixel_auc.mean.value == 1);
  CHECK(result.second[1].finding == "consolidation");
  CHECK_FALSE(result.maps.front().gate);
}
