#include <fmt/format.h>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "study/allocation/allocation.h"

namespace rationale::study {
namespace {

constexpr std::string_view kHeader = "reader,block,period,position,case,arm,sequence,repeat,code";

int number_in(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const auto value = parse_integer(row.cells[column]);
  if (!value || *value < 0 || *value > 1'000'000) {
    throw Error(Error::Kind::kInput,
                fmt::format("{} is \"{}\"", table.header[column], row.cells[column]),
                table.where(row), "take the table as `rationale study` wrote it")
        .with_code("bad_allocation");
  }
  return static_cast<int>(*value);
}

}  // namespace

std::string allocation_table(const std::vector<Assignment>& rows) {
  std::string text(kHeader);
  text += '\n';
  for (const Assignment& row : rows) {
    text += fmt::format("{},{},{},{},{},{},{},{:d},{}\n", row.reader, row.block, row.period,
                        row.position, row.case_id, row.arm, row.sequence, row.is_repeat, row.code);
  }
  return text;
}

std::string allocation_digest(const std::vector<Assignment>& rows) {
  return sha256_hex(allocation_table(rows));
}

std::vector<Assignment> parse_allocation_table(std::string_view text, const std::string& name) {
  const CsvTable table = parse_csv(text, name);
  if (fmt::format("{}", fmt::join(table.header, ",")) != kHeader) {
    throw Error(Error::Kind::kInput, "this is no allocation table", name + ":1",
                fmt::format("its header is {}", kHeader))
        .with_code("bad_allocation");
  }
  std::vector<Assignment> rows;
  for (const CsvRow& row : table.rows) {
    rows.push_back({row.cells[0], number_in(table, row, 1), number_in(table, row, 2),
                    number_in(table, row, 3), row.cells[4], row.cells[5], number_in(table, row, 6),
                    number_in(table, row, 7) == 1, row.cells[8]});
  }
  return rows;
}

}  // namespace rationale::study
