// Small pieces of the page's markup that several sections need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rationale {

/// A table cell's class and content (HTML).
struct Cell {
  std::string html;
  std::string kind = "";  ///< class: "n" number, "ne" not estimable, "mi" picture, "n flag" …
  int columns = 1;
};

/// One row; its first cell is the row's heading.
std::string table_row(const std::vector<Cell>& cells, std::string_view row_class = "");

/// A table with caption and column headings. Empty headings are allowed: a table of two columns of
/// words.
std::string table(std::string_view caption, const std::vector<Cell>& headings,
                  const std::vector<std::string>& rows);

/// <p class="…">html</p>; nothing for no text.
std::string paragraph(std::string_view css_class, std::string_view html);

/// A figure: heading, notes, then the picture.
std::string figure(std::string_view heading, const std::vector<std::string>& notes,
                   std::string_view picture);

}  // namespace rationale
