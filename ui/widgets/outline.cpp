#include "ui/widgets/outline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace rationale::ui {
namespace {

double sample(const Plane& map, double row, double col) {
  const auto split_at = [](double at, int n) {
    const double clamped = std::clamp(at, 0.0, static_cast<double>(n - 1));
    const int low = std::min(static_cast<int>(clamped), std::max(0, n - 2));
    return std::pair{low, clamped - low};
  };
  const auto [row0, r] = split_at(row, map.rows);
  const auto [col0, c] = split_at(col, map.cols);
  const auto at = [&](int i, int j) {
    const int ii = std::min(i, map.rows - 1), jj = std::min(j, map.cols - 1);
    return static_cast<double>(map.values[static_cast<std::size_t>(ii) * static_cast<std::size_t>(map.cols) +
                                          static_cast<std::size_t>(jj)]);
  };
  return (1 - r) * ((1 - c) * at(row0, col0) + c * at(row0, col0 + 1)) +
         r * ((1 - c) * at(row0 + 1, col0) + c * at(row0 + 1, col0 + 1));
}

/// The fine grid over the whole map and the crossings on its edges.
class Grid {
 public:
  Grid(const Plane& map, double level, int steps)
      : steps_(steps), rows_(map.rows * steps + 1), cols_(map.cols * steps + 1) {
    values_.reserve(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_));
    for (int i = 0; i < rows_; ++i) {
      for (int j = 0; j < cols_; ++j) values_.push_back(sample(map, cell(i), cell(j)) - level);
    }
  }

  int rows() const { return rows_; }
  int cols() const { return cols_; }
  double at(int i, int j) const {
    return values_[static_cast<std::size_t>(i) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(j)];
  }
  bool is_above(int i, int j) const { return at(i, j) >= 0; }

  /// An edge: number of its first node times two, plus one if it runs downwards.
  int edge(int i, int j, bool is_down) const { return (i * cols_ + j) * 2 + (is_down ? 1 : 0); }
  CellSpot crossing(int edge_number) const {
    const bool is_down = edge_number % 2 == 1;
    const int i = edge_number / 2 / cols_, j = edge_number / 2 % cols_;
    const double a = at(i, j), b = is_down ? at(i + 1, j) : at(i, j + 1);
    const double share = a == b ? 0.5 : a / (a - b);
    return {cell(i) + (is_down ? share / steps_ : 0), cell(j) + (is_down ? 0 : share / steps_)};
  }

 private:
  double cell(int node) const { return static_cast<double>(node) / steps_ - 0.5; }

  int steps_, rows_, cols_;
  std::vector<double> values_;
};

/// Each crossing is joined to at most two others.
using Joints = std::map<int, std::vector<int>>;

Joints joints(const Grid& grid) {
  Joints result;
  const auto join = [&](int a, int b) {
    result[a].push_back(b);
    result[b].push_back(a);
  };
  for (int i = 0; i + 1 < grid.rows(); ++i) {
    for (int j = 0; j + 1 < grid.cols(); ++j) {
      const int top = grid.edge(i, j, false), bottom = grid.edge(i + 1, j, false);
      const int left = grid.edge(i, j, true), right = grid.edge(i, j + 1, true);
      const int which = (grid.is_above(i, j) ? 1 : 0) | (grid.is_above(i, j + 1) ? 2 : 0) |
                        (grid.is_above(i + 1, j + 1) ? 4 : 0) | (grid.is_above(i + 1, j) ? 8 : 0);
      const bool is_middle_above =
          grid.at(i, j) + grid.at(i, j + 1) + grid.at(i + 1, j + 1) + grid.at(i + 1, j) >= 0;
      switch (which) {
        case 1: case 14: join(left, top); break;
        case 2: case 13: join(top, right); break;
        case 4: case 11: join(right, bottom); break;
        case 8: case 7: join(bottom, left); break;
        case 3: case 12: join(left, right); break;
        case 6: case 9: join(top, bottom); break;
        case 5:
        case 10:
          if ((which == 5) == is_middle_above) {
            join(top, right);
            join(bottom, left);
          } else {
            join(left, top);
            join(right, bottom);
          }
          break;
        default: break;
      }
    }
  }
  return result;
}

}  // namespace

std::vector<OutlineLine> outlines(const Plane& map, double level, int steps) {
  std::vector<OutlineLine> lines;
  if (map.rows < 1 || map.cols < 1) return lines;
  const Grid grid(map, level, steps);
  Joints open = joints(grid);

  const auto walk_from = [&](int start) {
    OutlineLine line;
    line.level = level;
    int here = start;
    line.spots.push_back(grid.crossing(here));
    while (!open[here].empty()) {
      const int next = open[here].back();
      open[here].pop_back();
      std::vector<int>& back = open[next];
      back.erase(std::find(back.begin(), back.end(), here));
      here = next;
      line.spots.push_back(grid.crossing(here));
    }
    line.is_closed = here == start;
    lines.push_back(std::move(line));
  };
  for (const auto& [edge, others] : joints(grid)) {  // lines that end at the border first
    if (others.size() == 1 && open[edge].size() == 1) walk_from(edge);
  }
  for (auto& [edge, others] : open) {
    if (!others.empty()) walk_from(edge);
  }
  return lines;
}

}  // namespace rationale::ui
