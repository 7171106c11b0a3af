// How a map's positive evidence is spread over the slices of a volume.
#pragma once

#include <span>
#include <vector>

namespace rationale {

/// Share of the positive evidence in each of `n_slices` slices: e_d = sum over the map's slice d of max(M, 0), taken
/// between cell centres by the half-pixel linear rule (as the map itself is up-sampled), divided by their sum.
/// @param map  [map_slices, cells of a slice], signed
/// @return  [n_slices], sum 1; all 0 if the map has no positive evidence
std::vector<double> slice_energy(std::span<const float> map, int map_slices, int n_slices);

/// Where slice z of n lies among the map's slices: between `low` and `high`, `weight` of the way. The two are the cells
/// that the slice's picture blends.
struct DepthPlace {
  int low = 0, high = 0;
  double weight = 0;
};
DepthPlace depth_place(int slice, int n_slices, int map_slices);

/// The slice with the largest value, the first of equals; -1 if no value is above 0.
int strongest_slice(const std::vector<double>& energy);

}  // namespace rationale
