// Damaged readings.csv: results and a page, a verdict or one clear error; never a crash, never a number that is none.
// RATIONALE_FUZZ_ROUNDS=100000 test_study_report "[fuzz]" runs it longer.
#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/samples/stream.h"
#include "example.h"
#include "study/report/report_html.h"
#include "study/statistics/study_results.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;
using Json = nlohmann::ordered_json;

namespace {

/// 3 readers x 10 cases x 2 arms with every column that is read.
std::string whole_study() {
  samples::Stream stream(1, 0, 0);
  std::string text =
      "reader,case,arm,truth,rating,patient,positive,confidence,time_s,period,position,stratum,ai_positive,days_since_last,"
      "heatmap_on_s,heatmap_toggles\n";
  for (int reader = 0; reader < 3; ++reader) {
    for (int k = 0; k < 10; ++k) {
      for (int arm = 0; arm < 2; ++arm) {
        const int truth = k < 6 ? 0 : 1, period = (k + reader + arm) % 2 + 1;
        const double confidence = std::floor(stream.uniform(0, 100));
        const bool is_positive = stream.bernoulli(truth == 1 ? 0.8 : 0.3);
        text += fmt::format("R{},c{},{},{},{},p{},{},{},{},{},{},{},{},{},{},{}\n", reader + 1, k, arm == 0 ? "hidden" : "visible",
                            truth, is_positive ? confidence : -confidence, k / 2, is_positive ? 1 : 0, confidence,
                            std::floor(stream.uniform(5, 90)), period, k + 1, k % 3 == 0 ? "AP" : "PA", stream.bernoulli(0.5) ? 1 : 0,
                            period == 2 ? "28.5" : "", arm == 1 ? "3.5" : "", arm == 1 ? "1" : "");
      }
    }
  }
  return text;
}

const std::vector<std::string> kNasty{"",      "NA",   "NaN",  "inf",       "-inf", "1e999", "1e308",   "-1e308", "5e-324",        "-0",
                                      "0x10",  "1e400", "2",   "-1",        "yes",  "0.5",   "\"a,b\"", "\"",     "=1+1",          "\xc3\xa4",
                                      "\xff",  " ",    "1 ",   "999999999999999999999", "1e-999", "+1", ".5", "hidden", "visible", "R1", "c0"};

std::size_t below(samples::Stream& stream, std::size_t n) {
  return std::min(n - 1, static_cast<std::size_t>(stream.uniform() * static_cast<double>(n)));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells{""};
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::string joined(const std::vector<std::string>& parts, char separator) {
  std::string text;
  for (std::size_t k = 0; k < parts.size(); ++k) text += (k == 0 ? "" : std::string(1, separator)) + parts[k];
  return text;
}

/// One to four changes.
std::string damaged(const std::string& text, samples::Stream& stream) {
  std::vector<std::string> lines = lines_of(text);
  for (std::size_t n = 1 + below(stream, 4); n > 0; --n) {
    const std::size_t line = below(stream, lines.size());
    switch (below(stream, 9)) {
      case 0:  // a cell
      case 1: {
        auto cells = cells_of(lines[line]);
        cells[below(stream, cells.size())] = kNasty[below(stream, kNasty.size())];
        lines[line] = joined(cells, ',');
        break;
      }
      case 2: {  // a whole column
        const std::size_t column = below(stream, 16);
        const std::string value = kNasty[below(stream, kNasty.size())];
        for (std::size_t k = 1; k < lines.size(); ++k) {
          auto cells = cells_of(lines[k]);
          if (column < cells.size()) cells[column] = value;
          lines[k] = joined(cells, ',');
        }
        break;
      }
      case 3: {  // a column goes
        const std::size_t column = below(stream, 16);
        for (auto& one : lines) {
          auto cells = cells_of(one);
          if (column < cells.size()) cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(column));
          one = joined(cells, ',');
        }
        break;
      }
      case 4: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(line), lines[below(stream, lines.size())]); break;
      case 5:  // what one reader, arm or case did
      case 6: {
        const auto cells = cells_of(lines[line]);
        const std::size_t column = below(stream, std::min<std::size_t>(4, cells.size()));
        std::erase_if(lines, [&](const std::string& one) {
          const auto own = cells_of(one);
          return &one != &lines.front() && column < own.size() && own[column] == cells[column];
        });
        break;
      }
      case 7: lines.resize(1 + line); break;
      default: {
        std::string& one = lines[line];
        if (!one.empty()) one[below(stream, one.size())] = static_cast<char>(below(stream, 256));
      }
    }
    if (lines.empty()) lines.emplace_back();
  }
  return joined(lines, '\n') + "\n";
}

/// The path of the first number that is none; empty: there is no such.
std::string not_finite_at(const Json& json, const std::string& path) {
  if (json.is_number_float() && !std::isfinite(json.get<double>())) return path;
  if (!json.is_structured()) return {};
  for (const auto& [key, value] : json.items()) {
    if (auto found = not_finite_at(value, path + "." + key); !found.empty()) return found;
  }
  return {};
}

/// The first "nan" or "inf" that stands as a word, in any case; empty: there is none.
std::string no_number_in(const std::string& text) {
  const auto is_letter = [&](std::size_t i) { return i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) != 0; };
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* word : {"nan", "inf", "infinity"}) {
    const std::size_t n = std::string(word).size();
    for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + n)) {
      if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + n)) return text.substr(at, n);
    }
  }
  return {};
}

/// The same of a page's words and of its pictures' coordinates.
std::string not_finite_on(const std::string& html) { return no_number_in(html.substr(html.find("</style>"))); }

/// Whether somebody, an arm, a case or a stratum is called "inf": the page says so, rightly.
bool has_such_a_name(const CsvTable& table) {
  for (const char* column : {"reader", "case", "arm", "patient", "stratum", "period"}) {
    const auto place = table.find(column);
    if (!place) continue;
    for (const CsvRow& row : table.rows) {
      if (!no_number_in(row.cells[*place]).empty()) return true;
    }
  }
  return false;
}

AnalysisPlan whole_plan() {
  AnalysisPlan plan{.metric = "fpr"};
  plan.primary = {.id = "primary", .metric = "fpr", .claim = Claim::kSuperiority, .margin = {}};
  plan.secondary = {{.id = "s", .metric = "sensitivity", .claim = Claim::kNonInferiority, .margin = 0.05, .order = 1},
                    {.id = "c", .metric = "confidence", .claim = Claim::kTwoSided, .margin = {}},
                    {.id = "a", .metric = "auc", .claim = Claim::kEquivalence, .margin = 0.1}};
  plan.subgroups = {{"view", "stratum", 2}};
  plan.small_sample = SmallSampleMethod::kRrrcRrfcMax;
  plan.replicates = 20;
  plan.threads = 1;
  return plan;
}

}  // namespace

TEST_CASE("damaged readings give results and a page, a verdict or an error, and never a number that is none", "[study][fuzz]") {
  const char* wanted = std::getenv("RATIONALE_FUZZ_ROUNDS");
  const int rounds = wanted == nullptr ? 400 : std::atoi(wanted);
  const std::string whole = whole_study();
  int n_results = 0, n_load_errors = 0, n_errors = 0, n_pages = 0;
  for (int round = 0; round < rounds; ++round) {
    samples::Stream stream(77, static_cast<std::uint64_t>(round), 0);
    const std::string text = round == 0 ? whole : damaged(whole, stream);
    INFO("round " << round);
    try {
      const CsvTable table = parse_csv(text, "fuzz.csv");
      const LoadedReadings loaded = load_readings(table, {.arms = {}, .positive_at = {}, .columns = {"stratum"}});
      const Json results = study_results(loaded, whole_plan());
      const std::string at = not_finite_at(results, "");
      INFO(text);
      CHECK(at == "");
      CHECK(Json::parse(results.dump()) == results);
      ++(loaded.error ? n_load_errors : n_results);
      if (loaded.error) continue;
      const std::string html = report_html(report_input(results, table, {.id = "FUZZ", .title = "Damaged", .is_locked = round % 2 == 0}));
      CHECK(html.ends_with("</html>\n"));
      if (has_such_a_name(table)) continue;
      CHECK(not_finite_on(html) == "");
      ++n_pages;
    } catch (const Error& error) {
      INFO(text);
      CHECK(error.kind != Error::Kind::kInternal);
      ++n_errors;
    }
  }
  if (rounds < 400) return;
  CHECK(n_results > rounds / 10);
  CHECK(n_pages > rounds / 12);
  CHECK(not_finite_on("<style></style><p>RRRC NaN</p>") != "");
  CHECK(not_finite_on("<style></style><line x1=\"-inf\"/>") != "");
  CHECK(n_load_errors > rounds / 50);
  CHECK(n_errors > rounds / 50);
}
