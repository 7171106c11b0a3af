#include "data/page/html.h"

#include <fmt/format.h>

#include <cstddef>

namespace rationale {

namespace {

std::string attributes(const Cell& cell) {
  std::string text;
  if (!cell.kind.empty()) text += " class=\"" + cell.kind + "\"";
  if (cell.columns > 1) text += fmt::format(" colspan=\"{}\"", cell.columns);
  return text;
}

}  // namespace

std::string table_row(const std::vector<Cell>& cells, std::string_view row_class) {
  std::string row = row_class.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", row_class);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", attributes(cells[i]), cells[i].html)
                  : fmt::format("<td{}>{}</td>", attributes(cells[i]), cells[i].html);
  }
  return row + "</tr>";
}

std::string table(std::string_view caption, const std::vector<Cell>& headings,
                  const std::vector<std::string>& rows) {
  std::string text = fmt::format("<table><caption>{}</caption>", caption);
  if (!headings.empty()) {
    text += "<thead><tr>";
    for (const Cell& heading : headings) {
      text += fmt::format("<th scope=\"col\"{}>{}</th>", attributes(heading), heading.html);
    }
    text += "</tr></thead>";
  }
  text += "<tbody>";
  for (const std::string& row : rows) text += row + "\n";
  return text + "</tbody></table>";
}

std::string paragraph(std::string_view css_class, std::string_view html) {
  if (html.empty()) return "";
  return fmt::format("<p class=\"{}\">{}</p>", css_class, html);
}

std::string figure(std::string_view heading, const std::vector<std::string>& notes,
                   std::string_view picture) {
  std::string text = fmt::format("<figure><figcaption><h2>{}</h2>", heading);
  for (const std::string& note : notes) text += note;
  return text + fmt::format("</figcaption>{}</figure>", picture);
}

}  // namespace rationale
