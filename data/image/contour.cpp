#include "data/image/contour.h"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace rationale {
namespace {

/// A crossing of the level with a grid edge, and the one or two crossings that it is joined to.
struct Crossing {
  Point at;
  std::array<std::int64_t, 2> neighbours{-1, -1};
  bool is_used = false;

  void join(std::int64_t other) { neighbours[neighbours[0] < 0 ? 0 : 1] = other; }
};

class Tracer {
 public:
  Tracer(const Plane& samples, double level) : samples_(samples), level_(level) {
    for (int row = 0; row + 1 < samples.rows; ++row) {
      for (int col = 0; col + 1 < samples.cols; ++col) join_square(row, col);
    }
  }

  std::vector<std::vector<Point>> lines() {
    std::vector<std::vector<Point>> result;
    for (auto& [id, crossing] : crossings_) {  // open lines first: from one of their ends
      if (!crossing.is_used && crossing.neighbours[1] < 0) result.push_back(follow(id));
    }
    for (auto& [id, crossing] : crossings_) {
      if (!crossing.is_used) {
        result.push_back(follow(id));
        result.back().push_back(result.back().front());
      }
    }
    return result;
  }

 private:
  double value(int row, int col) const {
    return samples_.values[static_cast<std::size_t>(row) * static_cast<std::size_t>(samples_.cols) +
                           static_cast<std::size_t>(col)];
  }

  std::int64_t crossing(int row, int col, int next_row, int next_col) {
    const std::int64_t id =
        2 * (static_cast<std::int64_t>(row) * samples_.cols + col) + (next_row > row ? 1 : 0);
    const double a = value(row, col), b = value(next_row, next_col);
    const double t = (level_ - a) / (b - a);
    crossings_.try_emplace(
        id, Crossing{.at = {row + t * (next_row - row), col + t * (next_col - col)}});
    return id;
  }

  void join(std::int64_t a, std::int64_t b) {
    crossings_.at(a).join(b);
    crossings_.at(b).join(a);
  }

  void join_square(int row, int col) {
    const std::array<double, 4> corners = {value(row, col), value(row, col + 1),
                                           value(row + 1, col + 1), value(row + 1, col)};
    std::array<bool, 4> above{};
    for (std::size_t i = 0; i < 4; ++i) above[i] = corners[i] >= level_;
    std::array<std::int64_t, 4> edges{};  // top, right, bottom, left
    int n = 0;
    std::array<std::size_t, 4> crossed{};
    for (std::size_t i = 0; i < 4; ++i) {
      if (above[i] == above[(i + 1) % 4]) continue;
      edges[i] = i == 0   ? crossing(row, col, row, col + 1)
                 : i == 1 ? crossing(row, col + 1, row + 1, col + 1)
                 : i == 2 ? crossing(row + 1, col, row + 1, col + 1)
                          : crossing(row, col, row + 1, col);
      crossed[static_cast<std::size_t>(n++)] = i;
    }
    if (n == 2) join(edges[crossed[0]], edges[crossed[1]]);
    if (n == 4) {
      const bool is_centre_above =
          (corners[0] + corners[1] + corners[2] + corners[3]) / 4 >= level_;
      // Cut off the corners that differ from the centre.
      if (is_centre_above == above[0]) {
        join(edges[0], edges[1]);
        join(edges[2], edges[3]);
      } else {
        join(edges[3], edges[0]);
        join(edges[1], edges[2]);
      }
    }
  }

  std::vector<Point> follow(std::int64_t id) {
    std::vector<Point> line;
    while (id >= 0) {
      Crossing& here = crossings_.at(id);
      here.is_used = true;
      line.push_back(here.at);
      id = -1;
      for (const std::int64_t next : here.neighbours) {
        if (next >= 0 && !crossings_.at(next).is_used) {
          id = next;
          break;
        }
      }
    }
    return line;
  }

  const Plane& samples_;
  double level_;
  std::map<std::int64_t, Crossing> crossings_;
};

}  // namespace

std::vector<std::vector<Point>> contour_lines(const Plane& samples, double level) {
  return Tracer(samples, level).lines();
}

}  // namespace rationale
