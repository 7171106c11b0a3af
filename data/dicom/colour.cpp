#include "data/dicom/colour.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <array>

#include "data/dicom/lookup_table.h"
#include "data/image/luma.h"

namespace rationale {
namespace {

/// One of the palette's three tables, its entries as 8 bits.
LookupTable palette_table(const Attributes& header, const LookupTableTags& tags,
                          std::vector<std::string>& warnings) {
  std::string fault;
  LookupTable table = read_lookup_table(header, tags, false, fault, warnings);
  if (table.data.empty()) header.refuse(tags.descriptor, "the palette cannot be used: " + fault);
  const int shift = std::max(0, table.bits - 8);
  for (std::uint16_t& entry : table.data) {
    entry = static_cast<std::uint16_t>(std::min(entry >> shift, 255));
  }
  return table;
}

std::vector<std::int32_t> grey_of_palette(const Attributes& header, const std::vector<std::uint32_t>& cells,
                                          std::vector<std::string>& warnings) {
  const std::array<LookupTable, 3> tables = {
      palette_table(header, {DCM_RedPaletteColorLookupTableDescriptor, DCM_RedPaletteColorLookupTableData},
                    warnings),
      palette_table(header,
                    {DCM_GreenPaletteColorLookupTableDescriptor, DCM_GreenPaletteColorLookupTableData},
                    warnings),
      palette_table(header, {DCM_BluePaletteColorLookupTableDescriptor, DCM_BluePaletteColorLookupTableData},
                    warnings)};
  const auto look_up = [](const LookupTable& table, std::uint32_t cell) -> std::uint32_t {
    const auto last = static_cast<std::int64_t>(table.data.size()) - 1;
    return table.data[static_cast<std::size_t>(std::clamp<std::int64_t>(cell - table.first, 0, last))];
  };
  std::vector<std::int32_t> grey(cells.size());
  std::ranges::transform(cells, grey.begin(), [&](std::uint32_t cell) {
    return luma(look_up(tables[0], cell), look_up(tables[1], cell), look_up(tables[2], cell));
  });
  return grey;
}

}  // namespace

std::optional<ColourModel> find_colour_model(const std::string& photometric) {
  using Kind = ColourModel::Kind;
  if (photometric == "RGB") return ColourModel{Kind::kRgb};
  if (photometric == "PALETTE COLOR") return ColourModel{Kind::kPalette};
  for (const char* name : {"YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}) {
    if (photometric == name) return ColourModel{Kind::kYbr, photometric == "YBR_FULL_422"};
  }
  for (const char* name : {"YBR_PARTIAL_422", "YBR_PARTIAL_420", "HSV", "ARGB", "CMYK"}) {
    if (photometric == name) return ColourModel{};
  }
  return std::nullopt;
}

std::vector<std::int32_t> grey_of_colour(const Attributes& header, const ColourModel& model,
                                         const std::vector<std::uint32_t>& cells, const FrameShape& shape,
                                         bool is_planar, std::vector<std::string>& warnings) {
  if (model.kind == ColourModel::Kind::kPalette) return grey_of_palette(header, cells, warnings);
  const std::size_t n = shape.n_pixels();
  std::vector<std::int32_t> grey(n);
  if (shape.cells_per_pixel == 2) {  // Y Y Cb Cr of every two pixels
    for (std::size_t i = 0; i < n; ++i) grey[i] = static_cast<std::int32_t>(cells[i / 2 * 4 + i % 2]);
    return grey;
  }
  const std::size_t step = is_planar ? 1 : 3;
  const std::size_t next = is_planar ? n : 1;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i * step;
    grey[i] = model.kind == ColourModel::Kind::kYbr
                  ? static_cast<std::int32_t>(cells[at])
                  : luma(cells[at], cells[at + next], cells[at + 2 * next]);
  }
  return grey;
}

}  // namespace rationale
