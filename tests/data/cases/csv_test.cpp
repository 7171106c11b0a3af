#include "data/cases/csv.h"

#include "data/base/error.h"
#include "data/base/text.h"
#include "tests/support/catch.h"

using namespace rationale;

namespace {

std::string place_of_refusal(const std::string& text) {
  try {
    parse_csv(text, "t.csv");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    return error.where;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("CSV is read with quotes, CRLF, byte order mark, blank lines and line numbers",
          "[data][csv]") {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF"
      "case,file, note\r\n\r\na,x.png,\"say \"\"so\"\", twice\"\r\nb,\"y\n.png\",\r\nc,z,é",
      "t.csv");
  CHECK(table.header == std::vector<std::string>{"case", "file", "note"});
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0].line == 3);
  CHECK(table.rows[0].cells[2] == "say \"so\", twice");
  CHECK(table.rows[1].cells == std::vector<std::string>{"b", "y\n.png", ""});
  CHECK(table.rows[2].line == 6);
  CHECK(table.rows[2].cells[2] == "é");
}

TEST_CASE("a malformed table is refused with its line", "[data][csv]") {
  CHECK(place_of_refusal("") == "t.csv:1");
  CHECK(place_of_refusal("a,b\n1,2\n1\n") == "t.csv:3");
  CHECK(place_of_refusal("a,b\n1,2,3\n") == "t.csv:2");
  CHECK(place_of_refusal("a,b\n\"1,2\n3,4\n") == "t.csv:2");
  CHECK(place_of_refusal("a,b\n\"1\"x,2\n") == "t.csv:2");
  CHECK(place_of_refusal("a,b\n1\"x,2\n") == "t.csv:2");
  CHECK(place_of_refusal("a,a\n") == "t.csv:1");
  CHECK(place_of_refusal("a,\n") == "t.csv:1");
  CHECK(place_of_refusal("a;b\n1;2\n") == "t.csv:1");
  CHECK(place_of_refusal("a,b\n1,\xE9\n") == "t.csv:2");
  CHECK(place_of_refusal(std::string("a,b\n1,\0\n", 8)) == "t.csv:2");
  CHECK(place_of_refusal("\xFF\xFE"
                         "a,b") == "t.csv:1");
}

TEST_CASE("a missing column is named with near ones", "[data][csv]") {
  const CsvTable table = parse_csv("cas,file\na,b\n", "t.csv");
  try {
    (void)table.need("case");
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.remedy.find("cas") != std::string::npos);
  }
}

TEST_CASE("written cells are read back as they were", "[data][csv]") {
  const std::vector<std::string> cells{"plain", "a,b", "say \"so\"", "two\nlines", " spaced ", ""};
  std::string line;
  std::vector<std::string> written;
  for (const std::string& cell : cells) written.push_back(csv_cell(cell));
  const CsvTable table = parse_csv("a,b,c,d,e,f\n" + csv_line(written), "t.csv");
  CHECK(table.rows.at(0).cells == cells);
}

TEST_CASE("text that a spreadsheet would run gets an apostrophe, and numbers do not", "[data][csv]") {
  CHECK(csv_text_cell("=1+1") == "'=1+1");
  CHECK(csv_text_cell("@SUM(A1)") == "'@SUM(A1)");
  CHECK(csv_text_cell("-cmd|x") == "'-cmd|x");
  CHECK(csv_text_cell("+a,b") == "\"'+a,b\"");
  CHECK(csv_text_cell("-0.5") == "-0.5");
  CHECK(csv_text_cell("no finding") == "no finding");
}

TEST_CASE("numbers are written so that they read back exactly", "[data][csv]") {
  for (const double value : {0.1, -1.0 / 3, 1e-300, 123456789.125, 0.0}) {
    CHECK(parse_number(csv_number(value)) == value);
  }
}
