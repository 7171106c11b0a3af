// CSV with line numbers: UTF-8, header first, RFC 4180 quoting.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rationale {

struct CsvRow {
  int line = 0;                    ///< of its first character, from 1
  std::vector<std::string> cells;  ///< as many as the header has
};

struct CsvTable {
  std::string name;  ///< of the file, for messages
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  /// Index of a column, if it is there.
  std::optional<std::size_t> find(std::string_view column) const;
  /// @throws Error (kInput) with near names
  std::size_t need(std::string_view column) const;
  /// "cases.csv:12"
  std::string where(const CsvRow& row) const;
};

/// Reads comma separated text; line ends LF or CRLF, a byte order mark is skipped, empty lines are
/// skipped, unquoted cells lose the spaces around them.
/// @throws Error (kInput) with file:line for a row with more or fewer cells than the header, an
/// unclosed
///         quote, text after a quote, NUL, text that is not UTF-8, an empty or repeated column
///         name, an empty file, more than 2^24 rows, 4096 columns, or 1 MiB in one cell
CsvTable parse_csv(std::string_view text, const std::string& name);
CsvTable read_csv(const std::filesystem::path& path);

/// A cell for writing: quoted where RFC 4180 needs it.
std::string csv_cell(std::string_view text);

/// A cell that people wrote. Spreadsheets run what begins with = + - @, tab or return: such text
/// gets an apostrophe in front. Numbers ("-0.5") stay as they are.
std::string csv_text_cell(std::string_view text);

/// Cells joined by commas, with a line end.
std::string csv_line(const std::vector<std::string>& cells);

/// The shortest text that reads back as the same double. @pre finite
std::string csv_number(double value);

}  // namespace rationale
