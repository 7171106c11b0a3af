#include "data/cases/regions.h"

#include <array>
#include <cmath>
#include <optional>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/csv.h"

namespace rationale {
namespace {

constexpr double kFarthest = 1e6;  ///< no picture is larger

double number_in(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const auto number = parse_number(row.cells[column]);
  if (number && std::abs(*number) <= kFarthest) return *number;
  throw Error(Error::Kind::kInput, "\"" + row.cells[column] + "\" is no number of pixels for " + table.header[column],
              table.where(row), "give pixels from the top left corner");
}

}  // namespace

std::vector<Region> read_regions(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  const bool has_corners = table.find("r0") && !table.find("x");
  const std::array<const char*, 4> names =
      has_corners ? std::array{"c0", "r0", "c1", "r1"} : std::array{"x", "y", "w", "h"};
  std::array<std::size_t, 4> columns{};
  for (std::size_t i = 0; i < 4; ++i) columns[i] = table.need(names[i]);
  const std::size_t name = table.find("sample") ? *table.find("sample") : table.need("case");
  const auto label = table.find("label"), annotator = table.find("annotator");

  std::vector<Region> regions;
  for (const CsvRow& row : table.rows) {
    Region region;
    region.case_name = row.cells[name];
    if (label) region.label = row.cells[*label];
    if (annotator) region.annotator = row.cells[*annotator];
    region.where = table.where(row);
    region.x = number_in(table, row, columns[0]);
    region.y = number_in(table, row, columns[1]);
    region.w = number_in(table, row, columns[2]) - (has_corners ? region.x : 0);
    region.h = number_in(table, row, columns[3]) - (has_corners ? region.y : 0);
    if (!(region.w > 0) || !(region.h > 0)) {
      throw Error(Error::Kind::kInput, "the rectangle has no area", region.where, "width and height must be above 0");
    }
    regions.push_back(region);
  }
  return regions;
}

}  // namespace rationale
