#include "ui/command/null_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/base/version.h"

namespace rationale::ui {
namespace {

using Json = nlohmann::ordered_json;
using study::simulated_tests;

constexpr double kSizeLimit = 0.055;

std::size_t recommended() {
  const auto& tests = simulated_tests();
  const auto place = std::ranges::find_if(tests, [](const auto& t) { return t.is_recommended; });
  return static_cast<std::size_t>(place - tests.begin());
}

double share(std::int64_t n, const NullTable& table) {
  return static_cast<double>(n) / static_cast<double>(table.replicates);
}

double standard_error(double rate, const NullTable& table) {
  return std::sqrt(rate * (1 - rate) / static_cast<double>(table.replicates));
}

/// The permutation test starts at six readers: below there is nothing to print.
bool has_test(const study::Rejections& r, std::size_t test, const NullTable& table) {
  return r.not_estimable[test] < table.replicates;
}

Json tests_json(const study::Rejections& r, const NullTable& table) {
  Json tests = Json::array();
  for (std::size_t t = 0; t < simulated_tests().size(); ++t) {
    if (!has_test(r, t, table)) continue;
    const double rate = share(r.rejected[t], table);
    tests.push_back({{"test", simulated_tests()[t].name},
                     {"naive", simulated_tests()[t].is_naive},
                     {"recommended", simulated_tests()[t].is_recommended},
                     {"rejected", rate},
                     {"standard_error", standard_error(rate, table)},
                     {"not_estimable", r.not_estimable[t]}});
  }
  return tests;
}

std::string rate_cell(const study::Rejections& r, std::size_t test, const NullTable& table) {
  return has_test(r, test, table) ? fmt::format("{:.4f}", share(r.rejected[test], table)) : "–";
}

struct Range {
  double low = 1, high = 0;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string text() const { return fmt::format("{:.4f} to {:.4f}", low, high); }
};

template <typename Keep>
Range sizes(const NullTable& table, std::size_t test, Keep keep) {
  Range range;
  for (const NullRow& row : table.rows) {
    if (keep(row) && has_test(row.rejections.null, test, table)) range.add(share(row.rejections.null.rejected[test], table));
  }
  return range;
}

double power_ratio(const NullRow& row) {
  const auto& rejected = row.rejections.effect.rejected;
  return static_cast<double>(rejected[recommended()]) / static_cast<double>(std::max<std::int64_t>(rejected[0], 1));
}

/// What a way to work out the power is off by, over all rows with an effect.
struct Errors {
  int n = 0, within = 0;  ///< rows; those off by two points or less
  double low = 1, high = -1;

  void add(double error) {
    ++n;
    within += std::abs(error) <= 0.02 ? 1 : 0;
    low = std::min(low, error);
    high = std::max(high, error);
  }
  std::string text() const {
    return fmt::format("within 2 points of its simulation in {} of {} rows; simulation less it: {:+.3f} to {:+.3f}", within, n,
                       low, high);
  }
};

std::string findings(const NullTable& table) {
  const auto everywhere = [](const NullRow&) { return true; };
  const auto apart = [](const NullRow& row) { return row.scenario.variances.arm_reader > 0; };
  const auto alike = [](const NullRow& row) { return row.scenario.variances.arm_reader == 0; };
  const std::size_t best = recommended();
  const auto& tests = simulated_tests();
  const Range size = sizes(table, best, everywhere);
  const auto above = std::ranges::count_if(table.rows, [&](const NullRow& row) {
    return share(row.rejections.null.rejected[best], table) > kSizeLimit;
  });
  std::string text = fmt::format(
      "- **{}**, the recommended test, rejects {} of the time over the {} rows; above {:.3f} in {} of them.\n"
      "- OR RRRC alone: {}; with three readers up to {:.4f}.\n",
      tests[best].name, size.text(), table.rows.size(), kSizeLimit, above, sizes(table, 0, everywhere).text(),
      sizes(table, 0, [](const NullRow& row) { return row.cell.readers == 3; }).high);
  for (std::size_t t = 0; t < tests.size(); ++t) {
    if (!tests[t].is_naive) continue;
    text += fmt::format("- {}: {} where readers react alike, {} where they differ.\n", tests[t].name,
                        sizes(table, t, alike).text(), sizes(table, t, apart).text());
  }
  Range few, more;
  Errors formula, probit, careful;
  for (const NullRow& row : table.rows) {
    if (!row.cell.second_rate) continue;
    (row.cell.readers == 3 ? few : more).add(power_ratio(row));
    const auto& rejected = row.rejections.effect.rejected;
    formula.add(share(rejected[0], table) - row.cell.formula_power);
    probit.add(share(rejected[0], table) - row.cell.probit.rrrc);
    careful.add(share(rejected[best], table) - row.cell.probit.careful);
  }
  if (formula.n == 0) return text;
  text += fmt::format(
      "- Its power is {:.3f} to {:.3f} of RRRC's with three readers, {:.3f} to {:.3f} with five or more.\n"
      "- RRRC's power by formula (Hillis, Obuchowski & Berbaum 2011, the model's exact components) lies {}. The formula "
      "knows means and variances only: where a rare rate is multiplied, readers' differences are skewed and it promises "
      "less power than there is.\n"
      "- RRRC's power by the probit model (its moments up to the fourth, integrated; docs/mrmc.md) lies {}. That of {} "
      "lies {}. `rationale study power --probit` gives both.\n",
      few.low, few.high, more.low, more.high, formula.text(), probit.text(), tests[best].name, careful.text());
  return text;
}

std::string size_table(const NullTable& table) {
  const auto& tests = simulated_tests();
  std::string text = "| reader × arm variance | readers | normal cases | FPR |";
  for (const auto& test : tests) text += fmt::format(" {}{}{} |", test.is_recommended ? "**" : "", test.name, test.is_recommended ? "**" : "");
  text += "\n|---|---|---|---|";
  for (std::size_t t = 0; t < tests.size(); ++t) text += "---|";
  text += '\n';
  for (const NullRow& row : table.rows) {
    text += fmt::format("| {} | {} | {} | {:.2f} |", row.scenario.variances.arm_reader, row.cell.readers, row.cell.cases,
                        row.cell.rate);
    for (std::size_t t = 0; t < tests.size(); ++t) text += fmt::format(" {} |", rate_cell(row.rejections.null, t, table));
    text += '\n';
  }
  return text;
}

std::string power_table(const NullTable& table) {
  std::string text = fmt::format(
      "| reader × arm variance | readers | normal cases | FPR, arm 1 | arm 2 | RRRC by formula | RRRC by the probit "
      "model | RRRC simulated | {0} by the probit model | {0} simulated | ratio |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
      simulated_tests()[recommended()].name);
  for (const NullRow& row : table.rows) {
    const auto& [scenario, cell, rejections] = row;
    text += fmt::format("| {} | {} | {} | {:.2f} |", scenario.variances.arm_reader, cell.readers, cell.cases, cell.rate);
    if (!cell.second_rate) {
      text += " – | not reachable | – | – | – | – | – |\n";
      continue;
    }
    text += fmt::format(" {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", *cell.second_rate,
                        cell.formula_power, cell.probit.rrrc, share(rejections.effect.rejected[0], table),
                        cell.probit.careful, share(rejections.effect.rejected[recommended()], table), power_ratio(row));
  }
  return text;
}

}  // namespace

Json null_json(const NullTable& table) {
  Json rows = Json::array();
  for (const NullRow& row : table.rows) {
    Json one{{"scenario", row.scenario.name},
             {"J", row.cell.readers},
             {"K_normal", row.cell.cases},
             {"FPR", row.cell.rate},
             {"reader_arm_variance", row.scenario.variances.arm_reader},
             {"tests", tests_json(row.rejections.null, table)}};
    if (row.cell.second_rate) {
      one["effect"] = {{"FPR_second_arm", *row.cell.second_rate},
                       {"power_by_formula", row.cell.formula_power},
                       {"power_by_probit_model", {{"OR RRRC", row.cell.probit.rrrc},
                                                  {simulated_tests()[recommended()].name, row.cell.probit.careful}}},
                       {"tests", tests_json(row.rejections.effect, table)}};
    } else {
      one["effect"] = {{"status", "not_estimable"}, {"code", "not_reachable"},
                       {"reason", "no rate below 0.98 gives RRRC the wanted power"}};
    }
    rows.push_back(std::move(one));
  }
  return {{"what", "type_1_error"}, {"alpha", 0.05}, {"replicates", table.replicates}, {"seed", table.seed}, {"table", rows}};
}

std::string null_text(const NullTable& table) {
  std::string text = fmt::format("Rejections at 5 % without any effect, {} simulated studies a row (standard error {:.4f} "
                                 "at 0.05).\nA test for readers and cases should reject 0.05; naive ones are here to be "
                                 "seen failing.\n",
                                 table.replicates, standard_error(0.05, table));
  for (const NullRow& row : table.rows) {
    text += fmt::format("\n{}, {} readers, {} normal cases, FPR {:.2f}\n", row.scenario.name, row.cell.readers,
                        row.cell.cases, row.cell.rate);
    for (std::size_t t = 0; t < simulated_tests().size(); ++t) {
      if (!has_test(row.rejections.null, t, table)) continue;
      text += fmt::format("  {:34} {}\n", simulated_tests()[t].name, rate_cell(row.rejections.null, t, table));
    }
  }
  return text;
}

std::string null_page(const NullTable& table, const std::string& command) {
  return fmt::format(
             "# Do the tests of a reader study keep their 5 %?\n\n"
             "Made by one command; every figure and every sentence with one below follows from its run:\n\n"
             "```\n{}\n```\n\n"
             "Rationale {}. {} simulated studies a row and as many with an effect, seed {}; Monte Carlo standard error "
             "{:.4f} at 0.05. Model (docs/mrmc.md): a latent rating with crossed normal effects of readers, cases and both, "
             "total variance 1, and a threshold; readers and cases are new in every study. The null hypothesis holds for "
             "the population of readers and cases. \"Reader × arm variance\": how differently readers react to the arm; "
             "with 0 they all react alike (and cases too). All rows of one variance use the same random numbers: a row "
             "takes the first of its readers and cases and sets its threshold, so that rows differ less than independent "
             "ones would.\n\n",
             command, version(), table.replicates, table.seed, standard_error(0.05, table)) +
         "## What the figures show\n\n" + findings(table) +
         "\n## Share of null studies with p < 0.05\n\n"
         "FRRC answers another question (no effect in these readers); its column shows what happens where it is read as "
         "if it spoke of readers in general. RRFC and sign flips hold the cases fixed. \"df J − 1\" is RRRC's standard "
         "error with the fewest degrees of freedom. GEE: logit link, independence, sandwich without a small-sample factor. "
         "A study without any variance has no p and counts as not rejected. Sign flips start at six readers: fewer "
         "cannot reach 0.05.\n\n" +
         size_table(table) +
         "\n## Power\n\n"
         "The second arm's rate is the one at which the formula (Hillis, Obuchowski & Berbaum) gives RRRC a power of 0.80.\n\n" +
         power_table(table);
}

}  // namespace rationale::ui
