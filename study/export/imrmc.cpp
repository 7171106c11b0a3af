#include "study/export/imrmc.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/text.h"
#include "data/cases/csv.h"

namespace rationale::study {
namespace {

/// One line of two or more characters: a line of one ends the file for iMRMC.
std::string title_line(const std::string& title) {
  std::string line = printable(title);
  std::ranges::replace(line, ':', ' ');
  line = std::string(trim(line));
  return line.size() < 2 ? "Reader study" : line;
}

}  // namespace

std::string imrmc_text(const StudyReadings& study, const StudyNames& names, const std::string& title) {
  std::string text = fmt::format("{}\nN0: {}\nN1: {}\nNR: {}\nNM: {}\n\nBEGIN DATA:\n", title_line(title),
                                 study.normal.size(), study.diseased.size(), study.readers.size(), study.arms.size());
  for (const std::string& id : names.normal) text += fmt::format("truth,{},truth,0\n", id);
  for (const std::string& id : names.diseased) text += fmt::format("truth,{},truth,1\n", id);
  for (const ReadingRecord& one : study.records) {
    const auto k = static_cast<std::size_t>(one.case_index);
    text += fmt::format("{},{},{},{}\n", names.readers[static_cast<std::size_t>(one.reader)],
                        one.is_diseased ? names.diseased[k] : names.normal[k],
                        names.arms[static_cast<std::size_t>(one.arm)], csv_number(*one.rating));
  }
  return text;
}

bool loses_readers_in_imrmc(const StudyReadings& study) {
  constexpr double kFewest = 3;
  for (const bool diseased : {false, true}) {
    const Eigen::VectorXd n = study.ratings(diseased).read.rowwise().sum();
    if ((n.array() > 0 && n.array() < kFewest).any()) return true;
  }
  return false;
}

}  // namespace rationale::study
