// The peers' file rules (golden/statistics/FORMATS.md) as checks, written apart from what writes the files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/study/export/xlsx_reader.h"

namespace rationale::test {

/// What a peer makes of a file: readings by (reader, arm, case), truth by case. With a fault: what it stops at, or
/// would silently get wrong.
struct PeerStudy {
  std::optional<std::string> fault;
  std::map<std::string, int> truth;
  std::map<std::tuple<std::string, std::string, std::string>, double> rating;

  /// Mean over readers of the empirical AUC, by arm in string order.
  std::vector<double> mean_auc() const;
};

PeerStudy as_imrmc(const std::string& text);                   ///< section 1, the stricter of Java and R everywhere
PeerStudy as_rjafroc(const std::vector<ReadSheet>& workbook);  ///< section 2; FROC: `rating` holds the highest mark
PeerStudy as_mrmcaov(const std::string& csv);                  ///< section 3

}  // namespace rationale::test
