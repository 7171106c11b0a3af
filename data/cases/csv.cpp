#include "data/cases/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <set>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale {
namespace {

constexpr std::size_t kMaxRows = std::size_t{1} << 24;
constexpr std::size_t kMaxColumns = 4096;
constexpr std::size_t kMaxCell = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& what, const std::string& name, int line,
                         const std::string& remedy = "") {
  throw Error(Error::Kind::kInput, what, fmt::format("{}:{}", name, line), remedy)
      .with_code("bad_csv");
}

/// Reads one row after the other.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  bool is_at_end() const { return at_ >= text_.size(); }
  int line() const { return line_; }

  /// The cells up to the end of the line. An empty line gives one empty cell.
  std::vector<std::string> row() {
    std::vector<std::string> cells;
    while (true) {
      cells.push_back(peek() == '"' ? quoted() : plain());
      if (cells.size() > kMaxColumns) refuse("too many columns", name_, line_);
      if (is_at_end()) return cells;
      const char c = text_[at_++];
      if (c == '\r' && peek() == '\n') ++at_;
      if (c != ',') {
        ++line_;
        return cells;
      }
    }
  }

 private:
  int peek() const { return is_at_end() ? -1 : static_cast<unsigned char>(text_[at_]); }

  std::string plain() {
    const std::size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    if (end < text_.size() && text_[end] == '"') {
      refuse("a quote inside a cell that does not begin with one", name_, line_,
             "put the whole cell in quotes and double the quotes inside");
    }
    const std::string_view cell = trim(text_.substr(at_, end - at_));
    if (cell.size() > kMaxCell) refuse("a cell of more than 1 MiB", name_, line_);
    at_ = end;
    return std::string(cell);
  }

  std::string quoted() {
    const int first_line = line_;
    std::string cell;
    ++at_;
    while (true) {
      if (is_at_end() || cell.size() > kMaxCell) {
        refuse("a quoted cell is not closed", name_, first_line, "add the closing quote");
      }
      const char c = text_[at_++];
      if (c == '"') {
        if (peek() != '"') break;
        ++at_;
      }
      line_ += c == '\n' ? 1 : 0;
      cell += c;
    }
    while (peek() == ' ') ++at_;
    if (peek() != -1 && peek() != ',' && peek() != '\n' && peek() != '\r') {
      refuse("text after a closing quote", name_, line_, "double the quotes inside a quoted cell");
    }
    return cell;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

void check_header(const CsvTable& table, int line) {
  std::set<std::string> seen;
  for (const std::string& column : table.header) {
    if (column.empty()) refuse("a column without a name", table.name, line);
    if (!seen.insert(column).second) {
      refuse(fmt::format("the column \"{}\" is there twice", column), table.name, line,
             "rename or remove one");
    }
  }
  if (table.header.size() == 1 && table.header[0].find(';') != std::string::npos) {
    refuse("the columns are separated by semicolons", table.name, line,
           "save the table with commas");
  }
}

bool is_number(std::string_view text) { return parse_number(text).has_value(); }

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  const auto at = std::ranges::find(header, column);
  if (at == header.end()) return std::nullopt;
  return static_cast<std::size_t>(at - header.begin());
}

std::size_t CsvTable::need(std::string_view column) const {
  if (const auto index = find(column)) return *index;
  std::string list;
  for (const std::string& near : near_names(column, header)) {
    list += (list.empty() ? "" : ", ") + near;
  }
  throw Error(Error::Kind::kInput, fmt::format("the column \"{}\" is missing", column), name + ":1",
              "near names in the header: " + list)
      .with_code("missing_column");
}

std::string CsvTable::where(const CsvRow& row) const {
  return fmt::format("{}:{}", name, row.line);
}

CsvTable parse_csv(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    refuse("UTF-16 text", name, 1, "save the table as UTF-8");
  }
  const auto line_of = [&](std::size_t at) {
    return 1 + static_cast<int>(std::ranges::count(text.substr(0, at), '\n'));
  };
  if (const auto at = first_invalid_utf8(text)) {
    refuse("not UTF-8", name, line_of(*at), "save the table as UTF-8");
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    refuse("a NUL byte", name, line_of(at), "this is not a CSV file");
  }
  CsvTable table;
  table.name = name;
  Scanner scanner(text, name);
  while (!scanner.is_at_end()) {
    const int line = scanner.line();
    std::vector<std::string> cells = scanner.row();
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (table.header.empty()) {
      table.header = std::move(cells);
      check_header(table, line);
      continue;
    }
    if (cells.size() != table.header.size()) {
      refuse(fmt::format("{} cells, the header has {}", cells.size(), table.header.size()), name,
             line, "quote cells that hold a comma");
    }
    if (table.rows.size() == kMaxRows) refuse("too many rows", name, line);
    table.rows.push_back({line, std::move(cells)});
  }
  if (table.header.empty()) refuse("the file is empty", name, 1, "give a header line and rows");
  return table;
}

CsvTable read_csv(const std::filesystem::path& path) {
  return parse_csv(read_file(path, std::size_t{1} << 30), path.string());
}

std::string csv_cell(std::string_view text) {
  const bool needs_quotes =
      text.find_first_of(",\"\r\n") != std::string_view::npos || trim(text).size() != text.size();
  if (!needs_quotes) return std::string(text);
  std::string cell(1, '"');
  for (const char c : text) cell.append(c == '"' ? 2 : 1, c);
  cell += '"';
  return cell;
}

std::string csv_text_cell(std::string_view text) {
  const bool is_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
      !is_number(text);
  if (!is_formula) return csv_cell(text);
  std::string escaped(1, '\'');
  escaped.append(text);
  return csv_cell(escaped);
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + cells[i];
  return line + "\n";
}

std::string csv_number(double value) {
  assert(std::isfinite(value));
  return fmt::format("{}", value);
}

}  // namespace rationale
