#include "study/export/workbook.h"

#include <fmt/format.h>
#include <xlsxwriter.h>

#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::study {
namespace {

constexpr std::size_t kMostRows = LXW_ROW_MAX;

void write_cell(lxw_worksheet* sheet, std::size_t row, std::size_t column, const Cell& cell) {
  const auto r = static_cast<lxw_row_t>(row);
  const auto c = static_cast<lxw_col_t>(column);
  if (const auto* number = std::get_if<double>(&cell)) worksheet_write_number(sheet, r, c, *number, nullptr);
  if (const auto* text = std::get_if<std::string>(&cell)) worksheet_write_string(sheet, r, c, text->c_str(), nullptr);
}

/// No time of day, no user: equal data are equal bytes.
void set_fixed_properties(lxw_workbook* book) {
  lxw_doc_properties properties{};
  properties.created = 946'684'800;  // 2000-01-01: 0 would be now
  workbook_set_properties(book, &properties);
}

}  // namespace

std::string workbook(const std::vector<Sheet>& sheets) {
  for (const Sheet& sheet : sheets) {
    if (sheet.rows.size() <= kMostRows) continue;
    throw Error(Error::Kind::kInput, fmt::format("{} rows do not fit into a sheet of {}", sheet.rows.size(), kMostRows),
                sheet.name)
        .with_code("too_large");
  }
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "book.xlsx").string();
  lxw_workbook_options options{};
  std::string work = folder.path().string();
  options.tmpdir = work.data();
  lxw_workbook* book = workbook_new_opt(path.c_str(), &options);
  if (book == nullptr) throw Error(Error::Kind::kInternal, "no workbook", path);
  set_fixed_properties(book);
  for (const Sheet& sheet : sheets) {
    lxw_worksheet* page = workbook_add_worksheet(book, sheet.name.c_str());
    for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
      for (std::size_t c = 0; c < sheet.rows[r].size(); ++c) write_cell(page, r, c, sheet.rows[r][c]);
    }
  }
  if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR) {
    throw Error(Error::Kind::kEnvironment, fmt::format("the workbook could not be written: {}", lxw_strerror(error)),
                path, "free some space for temporary files and run the same command again")
        .with_code("cannot_write");
  }
  return read_file(path);
}

}  // namespace rationale::study
