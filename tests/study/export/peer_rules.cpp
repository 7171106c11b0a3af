#include "tests/study/export/peer_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/base/text.h"

namespace rationale::test {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;

/// Stops at the first broken rule.
struct Broken {
  std::string rule;
};
void need(bool is_kept, const std::string& rule) {
  if (!is_kept) throw Broken{rule};
}

template <typename Read>
PeerStudy guarded(const Read& read) {
  PeerStudy study;
  try {
    read(study);
  } catch (const Broken& broken) {
    study.fault = broken.rule;
  }
  return study;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  need(!lines.empty() && lines.back().empty() && text.find('\r') == std::string::npos, "ends with one newline, no CR");
  lines.pop_back();
  return lines;
}

// iMRMC ------------------------------------------------------------------------------------------------------------

std::map<std::string, long long> imrmc_sizes(const std::vector<std::string>& header) {
  std::map<std::string, long long> sizes;
  for (const std::string& line : header) {
    for (const char* key : {"N0:", "N1:", "NR:", "NM:"}) {
      if (line.find(key) == std::string::npos) continue;
      const auto value = parse_integer(line.substr(std::min<std::size_t>(3, line.size())));
      need(value.has_value(), "a size is no integer from column 4 on");
      sizes[key] = *value;
    }
  }
  return sizes;
}

void check_imrmc_cells(const PeerStudy& study) {
  std::map<std::pair<std::string, std::string>, std::pair<int, int>> n;
  for (const auto& [key, unused] : study.rating) {
    auto& [normal, diseased] = n[{std::get<0>(key), std::get<1>(key)}];
    ++(study.truth.at(std::get<2>(key)) == 0 ? normal : diseased);
  }
  for (const auto& [cell, count] : n) {
    need(count.first > 2 && count.second > 2, "a reader with two or fewer cases of a kind is dropped silently");
  }
}

// RJafroc ----------------------------------------------------------------------------------------------------------

using Row = std::vector<std::variant<std::monostate, double, std::string>>;

const ReadSheet& sheet_named(const std::vector<ReadSheet>& book, std::initializer_list<const char*> names) {
  for (const ReadSheet& one : book) {
    for (const char* name : names) {
      if (lower_case(one.name) == name) return one;
    }
  }
  throw Broken{"a sheet is missing"};
}

std::string text_at(const Row& row, std::size_t column) {
  need(column < row.size() && std::holds_alternative<std::string>(row[column]), "a text cell is empty or a number");
  return std::get<std::string>(row[column]);
}

double number_at(const Row& row, std::size_t column) {
  need(column < row.size() && std::holds_alternative<double>(row[column]), "a number cell is empty or text");
  const double value = std::get<double>(row[column]);
  need(std::isfinite(value), "a rating is not finite");
  return value;
}

long long integer_at(const Row& row, std::size_t column) {
  const double value = number_at(row, column);
  need(value == std::floor(value), "an identifier is no integer");
  return static_cast<long long>(value);
}

void check_header(const ReadSheet& sheet, const std::vector<std::string>& names) {
  need(!sheet.rows.empty() && sheet.rows[0].size() == names.size(), "a header of another width");
  for (std::size_t c = 0; c < names.size(); ++c) need(text_at(sheet.rows[0], c) == names[c], "a header name differs");
}

struct RjafrocTruth {
  std::string paradigm, readers, arms;
  std::map<long long, std::map<long long, double>> lesions;  ///< weights; normal: empty
};

RjafrocTruth rjafroc_truth(const ReadSheet& sheet) {
  RjafrocTruth truth;
  need(sheet.rows.size() > 2 && sheet.rows[0].size() == 6, "Truth has six columns and two cases");
  check_header(sheet, {"CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm"});
  std::vector<std::string> words;
  for (std::size_t r = 1; r < sheet.rows.size(); ++r) {
    const Row& row = sheet.rows[r];
    const long long id = integer_at(row, 0), lesion = integer_at(row, 1);
    const double weight = number_at(row, 2);
    for (const auto& [text, kept] : {std::pair{text_at(row, 3), &truth.readers}, {text_at(row, 4), &truth.arms}}) {
      need(r == 1 || *kept == text, "the readers or modalities differ between rows");
      *kept = text;
    }
    if (row.size() > 5 && !std::holds_alternative<std::monostate>(row[5])) words.push_back(text_at(row, 5));
    const bool is_known = truth.lesions.contains(id);
    auto& of_case = truth.lesions[id];
    if (lesion == 0) {
      need(!is_known && weight == 0, "a normal case has one row, lesion 0, weight 0");
    } else {
      need(lesion == static_cast<long long>(of_case.size()) + 1 && (!is_known || !of_case.empty()),
           "lesions are not 1, 2, … in order");
      of_case[lesion] = weight;
    }
  }
  need(words.size() == 2 && (words[0] == "ROC" || words[0] == "FROC") && words[1] == "FCTRL", "the paradigm's words");
  truth.paradigm = words[0];
  for (const auto& [id, weights] : truth.lesions) {
    double sum = 0;
    for (const auto& [lesion, weight] : weights) sum += weight;
    need(weights.empty() || sum == 0 || std::abs(sum - 1) <= 0.01, "the weights of a case do not add up to 1");
  }
  return truth;
}

std::set<std::string> listed(const std::string& names) {
  std::set<std::string> set;
  for (const std::string& name : split(names, ',')) {
    need(!trim(name).empty() && set.insert(std::string(trim(name))).second,
         "a list of names has an empty or double one");
  }
  return set;
}

}  // namespace

std::vector<double> PeerStudy::mean_auc() const {
  std::map<std::string, std::map<std::string, std::pair<std::vector<double>, std::vector<double>>>> cells;
  for (const auto& [key, value] : rating) {
    auto& [normal, diseased] = cells[std::get<1>(key)][std::get<0>(key)];
    (truth.at(std::get<2>(key)) == 0 ? normal : diseased).push_back(value);
  }
  std::vector<double> means;
  for (const auto& [arm, readers] : cells) {
    double sum = 0;
    for (const auto& [reader, cell] : readers) {
      double wins = 0;
      for (const double d : cell.second) {
        for (const double n : cell.first) wins += d > n ? 1 : d == n ? 0.5 : 0;
      }
      sum += wins / static_cast<double>(cell.first.size() * cell.second.size());
    }
    means.push_back(sum / static_cast<double>(readers.size()));
  }
  return means;
}

PeerStudy as_imrmc(const std::string& text) {
  return guarded([&](PeerStudy& study) {
    const std::vector<std::string> lines = lines_of(text);
    need(lines.front().size() >= 2, "the title has two or more characters");
    const auto begin = std::ranges::find_if(lines, [](const auto& line) { return line.starts_with("BEGIN DATA:"); });
    need(begin != lines.end(), "a line begins with BEGIN DATA:");
    need(std::ranges::none_of(lines, [](const auto& line) { return line.size() == 1; }),
         "a line of one character ends the file");
    const auto sizes = imrmc_sizes({lines.begin(), begin});
    std::set<std::string> readers, arms;
    std::map<std::string, int> n_of_truth;
    for (auto line = begin + 1; line != lines.end(); ++line) {
      need(!line->empty(), "a blank line after the data");
      need(line->find_first_of(" \t\"") == std::string::npos, "blanks inside fields are removed");
      const std::vector<std::string> f = split(*line, ',');
      need(f.size() == 4 && !f[0].empty() && !f[1].empty() && !f[2].empty(), "four fields");
      need(parse_integer(f[1]).has_value(), "RJafroc wants integers for cases");
      if (f[0] == "truth" || f[0] == "-1") {
        need(f[0] == "truth" && f[2] == "truth", "R wants truth twice");
        need(f[3] == "0" || f[3] == "1", "a truth is the text 0 or 1");
        need(study.truth.emplace(f[1], f[3] == "1" ? 1 : 0).second, "a truth row twice");
        ++n_of_truth[f[3]];
        continue;
      }
      const auto score = parse_number(f[3]);
      need(score.has_value(), "a score is no number: the process hangs");
      need(study.rating.emplace(Key{f[0], f[2], f[1]}, *score).second, "a reading twice");
      readers.insert(f[0]);
      arms.insert(f[2]);
    }
    for (const auto& [key, value] : study.rating) need(study.truth.contains(std::get<2>(key)), "a case without truth");
    const auto equals = [&](const char* key, std::size_t n) {
      need(!sizes.contains(key) || sizes.at(key) == static_cast<long long>(n),
           std::string(key) + " is not what the data say");
    };
    equals("N0:", static_cast<std::size_t>(n_of_truth["0"]));
    equals("N1:", static_cast<std::size_t>(n_of_truth["1"]));
    equals("NR:", readers.size());
    equals("NM:", arms.size());
    check_imrmc_cells(study);
  });
}

PeerStudy as_rjafroc(const std::vector<ReadSheet>& book) {
  return guarded([&](PeerStudy& study) {
    need(book.size() == 3, "exactly three sheets");
    const RjafrocTruth truth = rjafroc_truth(sheet_named(book, {"truth"}));
    const std::set<std::string> readers = listed(truth.readers), arms = listed(truth.arms);
    for (const auto& [id, lesions] : truth.lesions) study.truth[std::to_string(id)] = lesions.empty() ? 0 : 1;
    std::set<std::tuple<std::string, std::string, long long, long long>> seen;
    std::map<Key, int> n_normal_rows, n_diseased_rows;
    const auto read = [&](const ReadSheet& sheet, bool is_tp) {
      check_header(sheet, is_tp ? std::vector<std::string>{"ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"}
                                : std::vector<std::string>{"ReaderID", "ModalityID", "CaseID", "FP_Rating"});
      for (std::size_t r = 1; r < sheet.rows.size(); ++r) {
        const Row& row = sheet.rows[r];
        const std::string reader = text_at(row, 0), arm = text_at(row, 1);
        const long long id = integer_at(row, 2), lesion = is_tp ? integer_at(row, 3) : 0;
        need(readers.contains(reader) && arms.contains(arm), "a reader or modality that Truth does not list");
        need(truth.lesions.contains(id), "a case that Truth does not have");
        const auto& lesions = truth.lesions.at(id);
        need(!is_tp || lesions.contains(lesion), "a lesion that Truth does not have");
        if (is_tp || truth.paradigm == "ROC") {
          need(seen.emplace(reader, arm, id, lesion).second, "a reading twice");
        }
        need(truth.paradigm != "ROC" || is_tp || lesions.empty(), "ROC data have no FP row on a diseased case");
        const Key key{reader, arm, std::to_string(id)};
        ++(is_tp ? n_diseased_rows : n_normal_rows)[key];
        const double rating = number_at(row, is_tp ? 4 : 3);
        const auto [at, is_new] = study.rating.emplace(key, rating);
        if (!is_new) at->second = std::max(at->second, rating);
      }
    };
    read(sheet_named(book, {"fp", "nl"}), false);
    read(sheet_named(book, {"tp", "ll"}), true);
    if (truth.paradigm != "ROC") return;
    for (const std::string& reader : readers) {
      for (const std::string& arm : arms) {
        for (const auto& [id, lesions] : truth.lesions) {
          const Key key{reader, arm, std::to_string(id)};
          need((lesions.empty() ? n_normal_rows : n_diseased_rows)[key] == 1,
               "this is no ROC dataset: a reading is missing");
        }
      }
    }
  });
}

PeerStudy as_mrmcaov(const std::string& csv) {
  return guarded([&](PeerStudy& study) {
    const std::vector<std::string> lines = lines_of(csv);
    const std::vector<std::string> header = split(lines.front(), ',');
    const auto column = [&](const char* name) {
      const auto found = std::ranges::find(header, name);
      need(found != header.end(), std::string("no column ") + name);
      return static_cast<std::size_t>(found - header.begin());
    };
    const std::size_t reader = column("reader"), arm = column("treatment"), id = column("case"),
                      truth = column("truth"), rating = column("rating");
    std::map<std::string, std::set<std::string>> arms_of;
    std::set<std::string> arms;
    int n_truths[2] = {0, 0};
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const std::vector<std::string> f = split(lines[i], ',');
      need(f.size() == header.size(), "a row of another width");
      need(f[truth] == "0" || f[truth] == "1", "truth sorts so that 1 is diseased");
      const auto value = parse_number(f[rating]);
      need(value.has_value(), "a rating is NA or no number");
      for (std::size_t c = rating + 1; c < f.size(); ++c) need(f[c] == "0" || f[c] == "1", "a decision is not 0 or 1");
      const int t = f[truth] == "1" ? 1 : 0;
      ++n_truths[t];
      need(study.truth.emplace(f[id], t).first->second == t, "a case with two truths");
      need(study.rating.emplace(Key{f[reader], f[arm], f[id]}, *value).second, "a reading twice");
      arms_of[f[reader]].insert(f[arm]);
      arms.insert(f[arm]);
    }
    need(n_truths[0] > 0 && n_truths[1] > 0, "true case statuses must have two levels");
    for (const auto& [name, read_in] : arms_of)
      need(read_in == arms, "a reader without one test is no supported design");
  });
}

}  // namespace rationale::test
