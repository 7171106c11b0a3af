#include "explain/methods/slice_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/volume/slice_energy.h"
#include "explain/model/targets.h"
#include "explain/torch.h"

namespace rationale::explain {
namespace {

/// The slices replaced by what lies between their neighbours; by the one neighbour at an end of the volume; by 0 where
/// none is left. @param image  [1,C,D,H,W]
at::Tensor covered(const at::Tensor& image, int first, int last) {
  at::Tensor copy = image.clone();
  const int n_slices = static_cast<int>(image.size(2));
  const bool has_before = first > 0, has_behind = last + 1 < n_slices;
  if (!has_before && !has_behind) return copy.zero_();
  const at::Tensor before = image.select(2, has_before ? first - 1 : last + 1);
  const at::Tensor behind = image.select(2, has_behind ? last + 1 : first - 1);
  for (int z = first; z <= last; ++z) {
    const double share = static_cast<double>(z - first + 1) / (last - first + 2);
    copy.select(2, z).copy_(before * (1 - share) + behind * share);
  }
  return copy;
}

/// Targets with the slices covered, one a target. @param image  [1,C,D,H,W]
std::vector<double> values_without(const SplitModel& model, const at::Tensor& image, int first, int last,
                                   const std::vector<Target>& targets) {
  check_interrupt();
  const at::Tensor logits = model.scores(covered(image, first, last));
  std::vector<double> values;
  for (const Target& target : targets) values.push_back(target_values(logits, target).to(at::kDouble).item<double>());
  return values;
}

void judge(SliceEvidence& e) {
  const auto leave_open = [&](const char* code, const char* reason) {
    e.code = code;
    e.reason = reason;
  };
  if (!std::isfinite(e.drop_slice) || !std::isfinite(e.drop_slab)) {
    return leave_open("not_finite", "the score is not finite with the slices covered");
  }
  if (e.slab_first == e.slab_last)
    return leave_open("one_slice", "a cell looks at one slice only: nothing is borrowed");
  if (!(e.drop_slab > 0)) {
    return leave_open("no_drop", "covering the slices that the map points at does not lower the score");
  }
  e.verdict =
      e.drop_slice < kBorrowedBelow * e.drop_slab ? SliceEvidence::Verdict::kBorrowed : SliceEvidence::Verdict::kOwn;
}

/// "slice 4", "slices 4-6": from 1.
std::string range_words(const Slab& slab) {
  if (slab.first == slab.last) return fmt::format("slice {}", slab.first + 1);
  return fmt::format("slices {}-{}", slab.first + 1, slab.last + 1);
}

/// @param n_series  as for slice_evidence_json
std::string words_of(const SliceEvidence& e, const std::string& target, int n_series) {
  if (e.shown < 0) return "no positive evidence in any slice";
  const int n_slices = static_cast<int>(e.energy.size());
  const bool is_resized = n_series > 0 && n_series != n_slices;
  const auto named = [&](const Slab& slab) {
    return is_resized ? range_words(slab_in_series(slab, n_slices, n_series)) + " of the series" : range_words(slab);
  };
  std::string where = named({e.shown, e.shown});
  const bool is_plural = where.starts_with("slices");
  if (is_resized) where += fmt::format(" (the network's slice {} of {})", e.shown + 1, n_slices);
  where += fmt::format(" {} most of it ({:.0f} %)", is_plural ? "show" : "shows",
                       100 * e.energy[static_cast<std::size_t>(e.shown)]);
  if (e.verdict == SliceEvidence::Verdict::kNotEstimable) return where + "; " + e.reason;
  return fmt::format("{}; covering {} alone {} the {} by {:.3g}, covering {} lowers it by {:.3g}: {}", where,
                     is_resized ? "that slice" : "it", e.drop_slice < 0 ? "raises" : "lowers", target,
                     std::abs(e.drop_slice), named({e.slab_first, e.slab_last}), e.drop_slab,
                     e.verdict == SliceEvidence::Verdict::kBorrowed
                         ? "borrowed evidence, the slice does not carry it itself"
                         : "the slice carries evidence of its own");
}

}  // namespace

Slab slab_of_cell(const ReceptiveField& field, int cell, int n_cells, int n_slices) {
  const double step = static_cast<double>(n_slices) / n_cells;
  double low = cell * step, high = (cell + 1) * step - 1;  // by the half-pixel rule
  if (!field.axes.empty()) {
    const AxisField& axis = field.axes.front();
    double centre = (low + high) / 2;
    if (!axis.is_whole) centre = axis.first + cell * axis.stride + (axis.size - 1) / 2;
    const double reach = ((axis.effective > 0 ? axis.effective : axis.size) - 1) / 2;
    low = std::min(low, centre - reach);
    high = std::max(high, centre + reach);
  }
  return {std::clamp(static_cast<int>(std::ceil(low - 0.5)), 0, n_slices - 1),
          std::clamp(static_cast<int>(std::floor(high + 0.5)), 0, n_slices - 1)};
}

Slab slab_in_series(const Slab& slab, int n_slices, int n_series) {
  return {slab.first * n_series / n_slices, ((slab.last + 1) * n_series + n_slices - 1) / n_slices - 1};
}

std::vector<std::vector<SliceEvidence>> slice_evidence(const SplitModel& model, const at::Tensor& input,
                                                       const FloatArray& maps, const std::vector<Target>& targets,
                                                       const ReceptiveField& field) {
  const std::size_t rank = maps.shape.size();
  if (input.dim() != 5 || rank < 4 || targets.empty()) {
    throw Error(Error::Kind::kInternal, "slices are looked at in maps of volumes only");
  }
  const int n_slices = static_cast<int>(input.size(2)), n_cells = static_cast<int>(maps.shape[rank - 3]);
  const auto size = static_cast<std::size_t>(maps.shape[rank - 3] * maps.shape[rank - 2] * maps.shape[rank - 1]);
  std::vector<std::vector<SliceEvidence>> result;
  for (std::int64_t n = 0; n < input.size(0); ++n) {
    const at::Tensor image = input.narrow(0, n, 1);
    const std::vector<double> whole = [&] {
      std::vector<double> values;
      const at::Tensor logits = model.scores(image);
      for (const Target& t : targets) values.push_back(target_values(logits, t).to(at::kDouble).item<double>());
      return values;
    }();
    std::map<std::pair<int, int>, std::vector<double>> known;  // (first, last) → the targets without these slices
    const auto without = [&](int first, int last) -> const std::vector<double>& {
      const auto found = known.find({first, last});
      if (found != known.end()) return found->second;
      return known.emplace(std::pair(first, last), values_without(model, image, first, last, targets)).first->second;
    };
    std::vector<SliceEvidence> of_image;
    for (std::size_t k = 0; k < targets.size(); ++k) {
      const std::size_t at = (static_cast<std::size_t>(n) * targets.size() + k) * size;
      SliceEvidence e;
      e.energy = slice_energy(std::span(maps.values).subspan(at, size), n_cells, n_slices);
      e.shown = strongest_slice(e.energy);
      if (e.shown < 0) {
        e.code = "no_positive_evidence";
        e.reason = "the map has no positive evidence";
      } else {
        const DepthPlace place = depth_place(e.shown, n_slices, n_cells);
        const Slab slab = slab_of_cell(field, place.weight < 0.5 ? place.low : place.high, n_cells, n_slices);
        e.slab_first = std::min(slab.first, e.shown);
        e.slab_last = std::max(slab.last, e.shown);
        e.drop_slice = whole[k] - without(e.shown, e.shown)[k];
        e.drop_slab = whole[k] - without(e.slab_first, e.slab_last)[k];
        judge(e);
      }
      of_image.push_back(std::move(e));
    }
    result.push_back(std::move(of_image));
  }
  return result;
}

nlohmann::ordered_json slice_evidence_json(const SliceEvidence& e, const std::string& target, int n_series) {
  const int n_slices = static_cast<int>(e.energy.size());
  nlohmann::ordered_json json{{"energy", e.energy}};
  if (n_series > 0) json["series_slices"] = n_series;
  if (e.shown >= 0) {
    json["shown"] = e.shown;
    json["slab"] = {e.slab_first, e.slab_last};
    if (n_series > 0) {
      const Slab shown = slab_in_series({e.shown, e.shown}, n_slices, n_series);
      const Slab slab = slab_in_series({e.slab_first, e.slab_last}, n_slices, n_series);
      json["shown_in_series"] = {shown.first, shown.last};
      json["slab_in_series"] = {slab.first, slab.last};
    }
    if (std::isfinite(e.drop_slice)) json["drop_slice"] = e.drop_slice;
    if (std::isfinite(e.drop_slab)) json["drop_slab"] = e.drop_slab;
  }
  if (e.verdict == SliceEvidence::Verdict::kNotEstimable) {
    json["verdict"] = {{"status", "not_estimable"}, {"code", e.code}, {"reason", e.reason}};
  } else {
    json["share"] = e.share();
    json["verdict"] = e.verdict == SliceEvidence::Verdict::kBorrowed ? "borrowed" : "own";
  }
  json["words"] = words_of(e, target, n_series);
  return json;
}

}  // namespace rationale::explain
