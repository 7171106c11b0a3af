#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "data/base/error.h"
#include "data/volume/volume.h"

namespace rationale {
namespace {

constexpr double kQuiet = 0.01, kTolerated = 0.10;  // share of the median distance
constexpr double kSamePlaceMm = 1e-3;               // positions are written with a few decimals
constexpr double kUnit = 1e-3;                      // of a direction's length and right angle
const double kLargestAngle = 0.1 * std::numbers::pi / 180;

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vector3 minus(const Vector3& a, const Vector3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

double length(const Vector3& a) { return std::sqrt(dot(a, a)); }

/// "a.dcm, b.dcm, c.dcm and 4 more"
std::string names(const std::vector<std::string>& all) {
  constexpr std::size_t kMost = 5;
  if (all.size() <= kMost + 1) return fmt::format("{}", fmt::join(all, ", "));
  return fmt::format("{} and {} more", fmt::join(all.begin(), all.begin() + kMost, ", "), all.size() - kMost);
}

class Checker {
 public:
  Checker(const std::vector<Slice>& slices, const std::string& where) : slices_(slices), where_(where) {}

  [[noreturn]] void refuse(const std::string& code, const std::string& what, const std::string& remedy) const {
    throw Error(Error::Kind::kInput, what, where_, remedy).with_code(code);
  }

  /// Refuses if some slices are unlike the others. @param is_odd  true for those at fault
  template <typename IsOdd>
  void all(const IsOdd& is_odd, const std::string& code, const std::string& what, const std::string& remedy) const {
    std::vector<std::string> odd;
    for (const Slice& slice : slices_) {
      if (is_odd(slice)) odd.push_back(slice_name(slice));
    }
    if (odd.empty()) return;
    refuse(code, fmt::format("{} of {} slices {}: {}", odd.size(), slices_.size(), what, names(odd)), remedy);
  }

 private:
  const std::vector<Slice>& slices_;
  const std::string& where_;
};

void check_one_series(const std::vector<Slice>& slices, const Checker& checker) {
  std::map<std::string, std::vector<std::string>> files;
  for (const Slice& slice : slices) files[slice.series].push_back(slice_name(slice));
  if (files.size() <= 1) return;
  std::vector<std::string> list;
  for (const auto& [series, some] : files) {
    list.push_back(fmt::format("{} ({} slices: {})", series.empty() ? "no UID" : series, some.size(), names(some)));
  }
  checker.refuse("mixed_series", fmt::format("the slices are of {} series: {}", files.size(), fmt::join(list, "; ")),
                 "give each series a folder of its own, or name one by its UID (column `series` of cases.csv)");
}

using Directions = std::pair<Vector3, Vector3>;

bool is_perpendicular(const Directions& two) {
  return std::abs(length(two.first) - 1) < kUnit && std::abs(length(two.second) - 1) < kUnit &&
         std::abs(dot(two.first, two.second)) < kUnit;
}

bool are_parallel(const Vector3& a, const Vector3& b) { return length(cross(a, b)) <= kLargestAngle && dot(a, b) > 0; }

/// The orientation that most slices share.
Directions common_directions(const std::vector<Slice>& slices) {
  std::vector<std::pair<Directions, int>> groups;
  for (const Slice& slice : slices) {
    const Directions own{*slice.along_row, *slice.along_column};
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return are_parallel(group.first.first, own.first) && are_parallel(group.first.second, own.second);
    });
    if (same == groups.end()) {
      groups.push_back({own, 1});
    } else {
      ++same->second;
    }
  }
  return std::max_element(groups.begin(), groups.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

void check_sizes(const std::vector<Slice>& slices, const Checker& checker) {
  std::map<std::pair<int, int>, int> counts;
  for (const Slice& slice : slices) ++counts[{slice.rows, slice.cols}];
  const auto size = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                      return a.second < b.second;
                    })->first;
  checker.all([&](const Slice& s) { return s.rows != size.first || s.cols != size.second; }, "mixed_sizes",
              fmt::format("are not {} x {} pixels like the others", size.first, size.second),
              "leave out what does not belong to the volume");
  const Slice& first = slices.front();
  const auto differs = [](double a, double b) { return std::abs(a - b) > 1e-4 * std::max(a, b); };
  checker.all(
      [&](const Slice& s) {
        return differs(s.spacing.vertical_mm, first.spacing.vertical_mm) ||
               differs(s.spacing.horizontal_mm, first.spacing.horizontal_mm);
      },
      "mixed_sizes",
      fmt::format("do not have the pixel spacing {} x {} mm of {}", first.spacing.vertical_mm,
                  first.spacing.horizontal_mm, slice_name(first)),
      "leave out what does not belong to the volume");
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

void check_duplicates(const std::vector<Slice>& slices, const std::vector<double>& at, const Checker& checker) {
  std::vector<std::string> pairs;
  for (std::size_t i = 1; i < at.size(); ++i) {
    if (at[i] - at[i - 1] < kSamePlaceMm) {
      pairs.push_back(slice_name(slices[i - 1]) + " and " + slice_name(slices[i]));
    }
  }
  if (pairs.empty()) return;
  checker.refuse("duplicate_slice", fmt::format("{} slices lie where another one lies: {}", pairs.size(), names(pairs)),
                 "keep one of each: repeats, echoes or times are volumes of their own");
}

/// Distances between neighbours: gaps refused, small differences told.
void check_distances(const std::vector<Slice>& slices, const std::vector<double>& at, double typical,
                     const Checker& checker, std::vector<std::string>& warnings) {
  std::vector<std::string> gaps, uneven;
  int n_missing = 0;
  double worst = 0;
  std::string worst_place;
  for (std::size_t i = 1; i < at.size(); ++i) {
    const double distance = at[i] - at[i - 1], share = std::abs(distance / typical - 1);
    const std::string between = slice_name(slices[i - 1]) + " and " + slice_name(slices[i]);
    if (share > worst) {
      worst = share;
      worst_place = fmt::format("{:.6g} mm between {}", distance, between);
    }
    if (share <= kTolerated) continue;
    const double steps = std::round(distance / typical);
    if (steps >= 2 && std::abs(distance / typical - steps) <= kTolerated * steps) {
      n_missing += static_cast<int>(steps) - 1;
      gaps.push_back(fmt::format("{:.0f} between {}", steps - 1, between));
    } else {
      uneven.push_back(fmt::format("{:.6g} mm between {}", distance, between));
    }
  }
  if (!gaps.empty()) {
    checker.refuse("missing_slices",
                   fmt::format("{} slices are missing ({:.6g} mm apart): {}", n_missing, typical, names(gaps)),
                   "export the series again, whole");
  }
  if (!uneven.empty()) {
    checker.refuse("uneven_spacing", fmt::format("the slices are {:.6g} mm apart, but {}", typical, names(uneven)),
                   "resample the volume to even spacing, and give it as an array");
  }
  if (worst > kQuiet) {
    warnings.push_back(
        fmt::format("the slices are {:.6g} mm apart, but {}: {:.1f} % off", typical, worst_place, 100 * worst));
  }
}

/// How far the first pixels of the slices wander within the plane, in mm.
double shear(const std::vector<Slice>& slices, const Directions& directions) {
  double worst = 0;
  for (const Slice& slice : slices) {
    const Vector3 way = minus(*slice.position, *slices.front().position);
    worst = std::max({worst, std::abs(dot(way, directions.first)), std::abs(dot(way, directions.second))});
  }
  return worst;
}

}  // namespace

VolumeChoice volume_choice(const std::map<std::string, std::string>& columns) {
  const auto column = [&](const char* name) {
    const auto found = columns.find(name);
    return found == columns.end() ? std::string() : found->second;
  };
  return {.series = column("series"), .spacing_mm = column("spacing_mm")};
}

std::string slice_name(const Slice& slice) {
  const std::string file = slice.file.filename().string();
  return slice.frame == 1 ? file : fmt::format("{} frame {}", file, slice.frame);
}

OrderedSlices order_slices(std::vector<Slice> slices, const std::string& where) {
  const Checker checker(slices, where);
  check_one_series(slices, checker);
  if (slices.size() < 2) {
    checker.refuse("no_slices", fmt::format("{} slices make no volume", slices.size()),
                   "give the folder with all slices of the series, or a multi-frame file");
  }
  checker.all([](const Slice& s) { return !s.position || !s.along_row || !s.along_column; }, "no_position",
              "do not say where they lie (Image Position or Orientation (Patient) is missing)",
              "their order cannot be known: export them with their positions, or give the volume as an array");
  checker.all(
      [](const Slice& s) {
        return !is_perpendicular({*s.along_row, *s.along_column});
      },
      "bad_orientation", "have an Image Orientation (Patient) that is not two perpendicular directions",
      "correct the header, or leave them out");
  const Directions directions = common_directions(slices);
  checker.all(
      [&](const Slice& s) {
        return !are_parallel(*s.along_row, directions.first) || !are_parallel(*s.along_column, directions.second);
      },
      "mixed_orientation", "are turned against the others", "leave them out: a scout is no slice of the volume");
  check_sizes(slices, checker);

  OrderedSlices result;
  VolumeGeometry& geometry = result.geometry;
  geometry.along_row = directions.first;
  geometry.along_column = directions.second;
  geometry.normal = cross(directions.first, directions.second);
  const auto place = [&](const Slice& slice) { return dot(*slice.position, geometry.normal); };
  // Equal places are refused below; the names only make the message the same every time.
  std::sort(slices.begin(), slices.end(), [&](const Slice& a, const Slice& b) {
    const double x = place(a), y = place(b);
    return x != y ? x < y : std::pair(a.file, a.frame) < std::pair(b.file, b.frame);
  });
  std::vector<double> distances;
  for (const Slice& slice : slices) {
    geometry.positions_mm.push_back(place(slice) - place(slices.front()));
    const std::size_t n = geometry.positions_mm.size();
    if (n > 1) distances.push_back(geometry.positions_mm[n - 1] - geometry.positions_mm[n - 2]);
  }
  check_duplicates(slices, geometry.positions_mm, checker);
  geometry.slice_spacing_mm = median(distances);
  check_distances(slices, geometry.positions_mm, geometry.slice_spacing_mm, checker, result.warnings);

  const Slice& first = slices.front();
  geometry.rows = first.rows;
  geometry.cols = first.cols;
  geometry.spacing = first.spacing;
  geometry.origin = *first.position;
  const double shift = shear(slices, directions);
  const double pixel = std::max(first.spacing.vertical_mm, first.spacing.horizontal_mm);
  if (pixel > 0 && shift > pixel) {
    checker.refuse("sheared",
                   fmt::format("the slices are shifted against each other by {:.3g} mm within their plane (a tilted "
                               "gantry): {} to {}",
                               shift, slice_name(slices.front()), slice_name(slices.back())),
                   "resample the volume to upright slices, and give it as an array");
  }
  result.slices = std::move(slices);
  return result;
}

}  // namespace rationale
