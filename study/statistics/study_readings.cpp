#include "study/statistics/study_readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <tuple>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale::study {
namespace {

struct Columns {
  std::size_t reader, case_id, arm, truth, rating;
  std::optional<std::size_t> patient, positive, confidence, time_s, period, position, ai_positive, days_since_last,
      heatmap_on_s, heatmap_toggles;

  explicit Columns(const CsvTable& t)
      : reader(t.need("reader")),
        case_id(t.need("case")),
        arm(t.need("arm")),
        truth(t.need("truth")),
        rating(t.need("rating")),
        patient(t.find("patient")),
        positive(t.find("positive")),
        confidence(t.find("confidence")),
        time_s(t.find("time_s")),
        period(t.find("period")),
        position(t.find("position")),
        ai_positive(t.find("ai_positive")),
        days_since_last(t.find("days_since_last")),
        heatmap_on_s(t.find("heatmap_on_s")),
        heatmap_toggles(t.find("heatmap_toggles")) {}
};

bool is_missing(const std::string& cell) { return cell.empty() || cell == "NA"; }

/// "inf" and "nan" are numbers to other programs; here they are errors of their own.
bool is_non_finite(const std::string& cell) {
  const std::string word = lower_case(cell);
  for (const char* name : {"inf", "+inf", "-inf", "infinity", "-infinity", "nan"}) {
    if (word == name) return true;
  }
  const auto number = parse_number(cell);
  return number && !std::isfinite(*number);
}

constexpr double kMostNumber = 1e9;  // of seconds, days, points: sums of squares of larger ones say nothing

bool is_flag(const std::string& cell) {
  const auto number = parse_number(cell);
  return number && (*number == 0 || *number == 1);
}

/// The first line on which one of those columns says something else of a case than an earlier line.
std::optional<LoadError> first_conflict(const CsvTable& table, const Columns& c, const std::vector<std::string>& columns) {
  std::optional<LoadError> first;
  for (const std::string& name : columns) {
    const auto column = table.find(name);
    if (!column) continue;
    std::map<std::string, const CsvRow*> seen;
    for (const CsvRow& row : table.rows) {
      const CsvRow& before = *seen.try_emplace(row.cells[c.case_id], &row).first->second;
      if (before.cells[*column] == row.cells[*column]) continue;
      if (first && first->line <= row.line) break;
      first = LoadError{"conflicting_" + name,
                        fmt::format("line {}: {} of case {} is '{}', at line {} it is '{}'; it divides cases, not readings",
                                    row.line, name, row.cells[c.case_id], row.cells[*column], before.line, before.cells[*column]),
                        row.line, before.line};
      break;
    }
  }
  return first;
}

std::optional<LoadError> first_fault(const CsvTable& table, const Columns& c) {
  if (table.rows.empty()) return LoadError{"empty", "the file has no readings"};
  std::map<std::string, std::string> truth, patient;
  std::map<std::tuple<std::string, std::string, std::string>, const CsvRow*> seen;
  for (const CsvRow& row : table.rows) {
    const std::string& t = row.cells[c.truth];
    if (t != "0" && t != "1") {
      return LoadError{"bad_truth",
                       fmt::format("line {}: truth must be 0 or 1, found '{}'", row.line, t), row.line};
    }
    const std::string& id = row.cells[c.case_id];
    if (truth.try_emplace(id, t).first->second != t) {
      return LoadError{"conflicting_truth",
                       fmt::format("line {}: case {} has two truth values", row.line, id), row.line};
    }
    if (c.patient && patient.try_emplace(id, row.cells[*c.patient]).first->second != row.cells[*c.patient]) {
      return LoadError{"conflicting_patient",
                       fmt::format("line {}: case {} belongs to two patients", row.line, id), row.line};
    }
    const auto [before, is_new] =
        seen.try_emplace({row.cells[c.reader], id, row.cells[c.arm]}, &row);
    if (!is_new) {
      return LoadError{
          "duplicate_reading",
          fmt::format("line {}: reader {}, case {}, arm {} was read at line {} already ({})",
                      row.line, row.cells[c.reader], id, row.cells[c.arm], before->second->line,
                      before->second->cells == row.cells ? "identical row" : "different rating"),
          row.line, before->second->line};
    }
    for (const auto& [column, name, code] : {std::tuple{c.positive, "positive", "bad_positive"},
                                             std::tuple{c.ai_positive, "ai_positive", "bad_ai_positive"}}) {
      if (!column || is_missing(row.cells[*column]) || is_flag(row.cells[*column])) continue;
      return LoadError{code, fmt::format("line {}: {} must be 0 or 1, found '{}'", row.line, name, row.cells[*column]), row.line};
    }
    for (const auto& [column, name] : {std::pair{c.confidence, "confidence"}, {c.time_s, "time_s"}, {c.period, "period"},
                                       {c.position, "position"}, {c.days_since_last, "days_since_last"},
                                       {c.heatmap_on_s, "heatmap_on_s"}, {c.heatmap_toggles, "heatmap_toggles"}}) {
      if (!column || is_missing(row.cells[*column])) continue;
      const auto number = parse_number(row.cells[*column]);
      if (number && std::abs(*number) <= kMostNumber) continue;
      return LoadError{"bad_number", fmt::format("line {}: {} '{}' is no number, or beyond 1e9", row.line, name, row.cells[*column]), row.line};
    }
    const std::string& rating = row.cells[c.rating];
    if (is_missing(rating)) continue;
    if (is_non_finite(rating)) {
      return LoadError{"non_finite_rating", fmt::format("line {}: rating is not finite", row.line),
                       row.line};
    }
    if (!parse_number(rating)) {
      return LoadError{"bad_rating",
                       fmt::format("line {}: rating '{}' is no number", row.line, rating), row.line};
    }
  }
  return std::nullopt;
}

std::vector<std::string> natural(const std::set<std::string>& names) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::ranges::sort(sorted, comes_naturally_before);
  return sorted;
}

int place_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<int>(std::ranges::find(names, name) - names.begin());
}

std::vector<std::string> arms_of(const CsvTable& table, const Columns& c,
                                 const ReadingsOptions& options) {
  std::set<std::string> found;
  for (const CsvRow& row : table.rows) found.insert(row.cells[c.arm]);
  const std::vector<std::string> wanted =
      options.arms.empty() ? std::vector<std::string>{"hidden", "visible"} : options.arms;
  for (const std::string& arm : found) {
    if (std::ranges::find(wanted, arm) != wanted.end() || !options.arms.empty()) continue;
    throw Error(Error::Kind::kUsage,
                fmt::format("the arms are {}; which difference is meant?", fmt::join(found, ", ")),
                table.name, "name the arms in order, the second minus the first: --arms A,B")
        .with_code("which_arms");
  }
  std::vector<std::string> arms;
  for (const std::string& arm : wanted) {
    if (found.contains(arm)) {
      arms.push_back(arm);
    } else if (!options.arms.empty()) {
      throw Error(Error::Kind::kUsage, fmt::format("there is no arm \"{}\"", arm), table.name,
                  fmt::format("the arms are {}", fmt::join(found, ", ")))
          .with_code("which_arms");
    }
  }
  return arms;
}

std::optional<bool> flag_in(const CsvRow& row, std::optional<std::size_t> column) {
  if (!column || is_missing(row.cells[*column])) return std::nullopt;
  return parse_number(row.cells[*column]).value_or(0) != 0;
}

std::optional<double> number_in(const CsvRow& row, std::optional<std::size_t> column) {
  if (!column) return std::nullopt;
  return parse_number(row.cells[*column]);
}

/// A number that counts something: whole, and small enough for an int.
std::optional<int> count_in(const CsvRow& row, std::optional<std::size_t> column) {
  const auto number = number_in(row, column);
  if (!number || *number != std::round(*number)) return std::nullopt;
  return static_cast<int>(*number);
}

CaseReadings empty_readings(const StudyReadings& s, bool diseased_cases) {
  const auto cells = static_cast<Eigen::Index>(s.arms.size() * s.readers.size());
  const auto cases = static_cast<Eigen::Index>((diseased_cases ? s.diseased : s.normal).size());
  return {Eigen::MatrixXd::Zero(cells, cases), Eigen::MatrixXd::Zero(cells, cases),
          diseased_cases ? s.diseased_patient : s.normal_patient};
}

/// Numbers of the cases' patients, in natural order of their names.
std::vector<int> patient_numbers(const std::vector<std::string>& cases,
                                 const std::map<std::string, std::string>& patient_of,
                                 const std::map<std::string, int>& number_of) {
  std::vector<int> numbers;
  for (const std::string& id : cases) numbers.push_back(number_of.at(patient_of.at(id)));
  return numbers;
}

/// The calls of which no reading has a rating.
std::string calls_without_rating(const CsvTable& table, const Columns& c, const std::vector<std::string>& arms) {
  int n[2] = {0, 0}, n_rated[2] = {0, 0};
  for (const CsvRow& row : table.rows) {
    const auto call = flag_in(row, c.positive);
    if (!call || std::ranges::find(arms, row.cells[c.arm]) == arms.end()) continue;
    ++n[*call ? 1 : 0];
    n_rated[*call ? 1 : 0] += is_missing(row.cells[c.rating]) ? 0 : 1;
  }
  const auto lacks = [&](int call) { return n[call] > 0 && n_rated[call] == 0; };
  if (lacks(0) && lacks(1)) return "positive or negative";
  return lacks(0) ? "negative" : lacks(1) ? "positive" : "";
}

bool is_complete(const StudyReadings& s) {
  return s.records.size() == s.arms.size() * s.readers.size() * (s.normal.size() + s.diseased.size());
}

bool is_before(const ReadingRecord& a, const ReadingRecord& b) {
  return std::tie(a.reader, a.arm, a.is_diseased, a.case_index) <
         std::tie(b.reader, b.arm, b.is_diseased, b.case_index);
}

/// The arms of all items of the file, read or not and of whatever arm, in the order of each reader and period.
class ItemOrder {
 public:
  ItemOrder(const CsvTable& table, const Columns& c) : columns_(c) {
    for (const CsvRow& row : table.rows) {
      const auto position = count_in(row, c.position);
      if (!position) continue;
      std::string& arm = arms_[session(row)].try_emplace(*position, row.cells[c.arm]).first->second;
      if (arm != row.cells[c.arm]) arm.clear();  // two items at one place: which was before is not known
    }
  }

  /// Of the item before this one; nothing before the first.
  std::optional<std::string> arm_before(const CsvRow& row) const {
    const auto position = count_in(row, columns_.position);
    if (!position) return std::nullopt;
    const auto& items = arms_.at(session(row));
    const auto place = items.lower_bound(*position);
    return place == items.begin() ? std::nullopt : std::optional(std::prev(place)->second);
  }

 private:
  using Session = std::pair<std::string, int>;
  Session session(const CsvRow& row) const { return {row.cells[columns_.reader], count_in(row, columns_.period).value_or(1)}; }

  const Columns& columns_;
  std::map<Session, std::map<int, std::string>> arms_;
};

/// The cases at some places.
CaseReadings selected(const CaseReadings& all, const std::vector<Eigen::Index>& places) {
  CaseReadings part{all.value(Eigen::all, places), all.read(Eigen::all, places), {}};
  for (const Eigen::Index k : places) part.patient.push_back(all.patient[static_cast<std::size_t>(k)]);
  return part;
}

Eigen::Index cell_of(const StudyReadings& s, const ReadingRecord& one) {
  return one.arm * static_cast<Eigen::Index>(s.readers.size()) + one.reader;
}

}  // namespace

bool comes_naturally_before(const std::string& a, const std::string& b) {
  std::size_t i = 0, k = 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (i < a.size() && k < b.size()) {
    if (is_digit(a[i]) && is_digit(b[k])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (k < b.size() && b[k] == '0') ++k;
      std::size_t i_end = i, k_end = k;
      while (i_end < a.size() && is_digit(a[i_end])) ++i_end;
      while (k_end < b.size() && is_digit(b[k_end])) ++k_end;
      if (i_end - i != k_end - k) return i_end - i < k_end - k;
      const int order = a.compare(i, i_end - i, b, k, k_end - k);
      if (order != 0) return order < 0;
      i = i_end;
      k = k_end;
    } else {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i;
      ++k;
    }
  }
  if (a.size() - i != b.size() - k) return a.size() - i < b.size() - k;
  return a < b;
}

CaseReadings StudyReadings::ratings(bool diseased_cases) const {
  CaseReadings result = empty_readings(*this, diseased_cases);
  for (const ReadingRecord& one : records) {
    if (one.is_diseased != diseased_cases || !one.rating) continue;
    result.value(cell_of(*this, one), one.case_index) = *one.rating;
    result.read(cell_of(*this, one), one.case_index) = 1;
  }
  return result;
}

CaseReadings StudyReadings::decisions(bool diseased_cases, std::optional<bool> ai_right) const {
  CaseReadings result = empty_readings(*this, diseased_cases);
  std::set<Eigen::Index> kept;
  for (const ReadingRecord& one : records) {
    if (one.is_diseased != diseased_cases || !one.is_positive) continue;
    if (ai_right) {
      if (!one.is_ai_positive || (*one.is_ai_positive == one.is_diseased) != *ai_right) continue;
      kept.insert(one.case_index);
    }
    result.value(cell_of(*this, one), one.case_index) = *one.is_positive ? 1 : 0;
    result.read(cell_of(*this, one), one.case_index) = 1;
  }
  if (!ai_right) return result;
  // Cases of the other stratum are no cases here.
  return selected(result, {kept.begin(), kept.end()});
}

StudyReadings StudyReadings::where(const std::string& column, const std::string& value, bool is_same) const {
  StudyReadings part = *this;
  part.missing.clear();
  part.columns.clear();
  std::vector<int> place[2];  // of each case among those kept; -1: not kept
  for (const bool is_diseased : {false, true}) {
    const auto& values = columns.at(column)[is_diseased ? 1 : 0];
    auto& ids = is_diseased ? part.diseased : part.normal;
    auto& patients = is_diseased ? part.diseased_patient : part.normal_patient;
    std::size_t n = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const bool is_kept = (values[k] == value) == is_same;
      place[is_diseased ? 1 : 0].push_back(is_kept ? static_cast<int>(n) : -1);
      if (!is_kept) continue;
      ids[n] = ids[k];
      patients[n++] = patients[k];
    }
    ids.resize(n);
    patients.resize(n);
  }
  const auto place_of = [&](const ReadingRecord& one) {
    return place[one.is_diseased ? 1 : 0][static_cast<std::size_t>(one.case_index)];
  };
  std::erase_if(part.records, [&](const ReadingRecord& one) { return place_of(one) < 0; });
  for (ReadingRecord& one : part.records) one.case_index = place_of(one);
  part.is_fully_crossed = is_complete(part);
  return part;
}

StudyReadings StudyReadings::by_period() const {
  StudyReadings result = *this;
  result.arms = {"period 1", "period 2"};
  std::erase_if(result.records, [](const ReadingRecord& one) { return !one.period || *one.period < 1 || *one.period > 2; });
  for (ReadingRecord& one : result.records) one.arm = *one.period - 1;
  std::ranges::sort(result.records, is_before);
  result.is_fully_crossed = is_complete(result);
  return result;
}

PatientFacts StudyReadings::patients() const { return patient_facts(normal_patient, diseased_patient, has_patient_column); }

StudyReadings StudyReadings::with_arms(const std::vector<int>& some) const {
  StudyReadings part = *this;
  part.arms.clear();
  std::map<int, int> arm_place, reader_place, case_place[2];
  for (const int arm : some) {
    arm_place.emplace(arm, static_cast<int>(part.arms.size()));
    part.arms.push_back(arms[static_cast<std::size_t>(arm)]);
  }
  std::erase_if(part.records, [&](const ReadingRecord& one) { return !arm_place.contains(one.arm); });
  for (const ReadingRecord& one : part.records) {
    reader_place.emplace(one.reader, 0);
    case_place[one.is_diseased ? 1 : 0].emplace(one.case_index, 0);
  }
  const auto keep = [](std::map<int, int>& places, auto& values) {
    std::decay_t<decltype(values)> kept;
    for (auto& [old, place] : places) {
      place = static_cast<int>(kept.size());
      kept.push_back(values[static_cast<std::size_t>(old)]);
    }
    values = std::move(kept);
  };
  keep(reader_place, part.readers);
  keep(case_place[0], part.normal);
  keep(case_place[0], part.normal_patient);
  keep(case_place[1], part.diseased);
  keep(case_place[1], part.diseased_patient);
  for (auto& [name, values] : part.columns) {
    for (const std::size_t truth : {0U, 1U}) keep(case_place[truth], values[truth]);
  }
  std::erase_if(part.missing, [&](const MissingReading& one) {
    return !arm_place.contains(one.arm) || !reader_place.contains(one.reader) || !case_place[one.is_diseased ? 1 : 0].contains(one.case_index);
  });
  for (MissingReading& one : part.missing) {
    one = {arm_place.at(one.arm), reader_place.at(one.reader), case_place[one.is_diseased ? 1 : 0].at(one.case_index), one.is_diseased};
  }
  for (ReadingRecord& one : part.records) {
    if (one.previous_arm) {
      const auto before = arm_place.find(*one.previous_arm);
      one.previous_arm = before == arm_place.end() ? std::nullopt : std::optional(before->second);
    }
    one.arm = arm_place.at(one.arm);
    one.reader = reader_place.at(one.reader);
    one.case_index = case_place[one.is_diseased ? 1 : 0].at(one.case_index);
  }
  std::ranges::sort(part.records, is_before);
  part.is_fully_crossed = is_complete(part);
  return part;
}

LoadedReadings load_readings(const CsvTable& table, const ReadingsOptions& options) {
  const Columns c(table);
  LoadedReadings loaded;
  loaded.error = first_fault(table, c);
  if (!loaded.error) loaded.error = first_conflict(table, c, options.columns);
  if (loaded.error) return loaded;
  StudyReadings& s = loaded.readings;
  s.arms = arms_of(table, c, options);
  s.n_rows = table.rows.size();
  s.has_decisions = c.positive || options.positive_at;
  if (c.positive) {
    s.positive = "column positive";
  } else if (options.positive_at) {
    s.positive = fmt::format("rating >= {}", csv_number(*options.positive_at));
  }
  s.calls_without_rating = calls_without_rating(table, c, s.arms);
  const auto is_unread = [&](const CsvRow& row) {
    if (!is_missing(row.cells[c.rating])) return false;
    const auto call = flag_in(row, c.positive);
    return !call || s.calls_without_rating.find(*call ? "positive" : "negative") == std::string::npos;
  };
  std::set<std::string> readers, normal, diseased;
  for (const CsvRow& row : table.rows) {
    if (std::ranges::find(s.arms, row.cells[c.arm]) == s.arms.end()) continue;
    if (is_unread(row)) {
      ++s.n_missing;
      continue;
    }
    readers.insert(row.cells[c.reader]);
    (row.cells[c.truth] == "1" ? diseased : normal).insert(row.cells[c.case_id]);
  }
  s.readers = natural(readers);
  s.normal = natural(normal);
  s.diseased = natural(diseased);
  std::map<std::string, std::string> patient_of;
  std::set<std::string> patients;
  for (const CsvRow& row : table.rows) {
    const std::string& id = row.cells[c.case_id];
    // A name of its own: no patient's name has a control character.
    const std::string patient = !c.patient || row.cells[*c.patient].empty() ? "\x01" + id : row.cells[*c.patient];
    patient_of.emplace(id, patient);
    patients.insert(patient);
  }
  std::map<std::string, int> patient_number;
  for (const std::string& name : natural(patients)) {
    patient_number.emplace(name, static_cast<int>(patient_number.size()));
  }
  s.has_patient_column = c.patient.has_value();
  s.normal_patient = patient_numbers(s.normal, patient_of, patient_number);
  s.diseased_patient = patient_numbers(s.diseased, patient_of, patient_number);
  const ItemOrder order(table, c);
  std::map<std::string, int> normal_place, diseased_place;
  for (const std::string& id : s.normal) normal_place.emplace(id, static_cast<int>(normal_place.size()));
  for (const std::string& id : s.diseased) {
    diseased_place.emplace(id, static_cast<int>(diseased_place.size()));
  }
  for (const CsvRow& row : table.rows) {
    const int arm = place_of(s.arms, row.cells[c.arm]);
    if (arm == static_cast<int>(s.arms.size())) continue;
    if (is_unread(row)) {
      const MissingReading one{.arm = arm, .reader = place_of(s.readers, row.cells[c.reader]), .is_diseased = row.cells[c.truth] == "1"};
      const auto& places = one.is_diseased ? diseased_place : normal_place;
      const auto place = places.find(row.cells[c.case_id]);
      if (place == places.end() || one.reader == static_cast<int>(s.readers.size())) continue;
      s.missing.push_back(one);
      s.missing.back().case_index = place->second;
      continue;
    }
    ReadingRecord one{.arm = arm,
                      .reader = place_of(s.readers, row.cells[c.reader]),
                      .is_diseased = row.cells[c.truth] == "1",
                      .rating = parse_number(row.cells[c.rating])};
    one.case_index = (one.is_diseased ? diseased_place : normal_place).at(row.cells[c.case_id]);
    one.is_positive = flag_in(row, c.positive);
    if (!c.positive && options.positive_at) one.is_positive = *one.rating >= *options.positive_at;
    one.is_ai_positive = flag_in(row, c.ai_positive);
    one.confidence = number_in(row, c.confidence);
    one.time_s = number_in(row, c.time_s);
    one.period = count_in(row, c.period);
    one.position = count_in(row, c.position);
    one.days_since_last = number_in(row, c.days_since_last);
    one.heatmap_on_s = number_in(row, c.heatmap_on_s);
    one.heatmap_toggles = number_in(row, c.heatmap_toggles);
    if (const auto before = order.arm_before(row)) {
      const int place = place_of(s.arms, *before);
      if (place < static_cast<int>(s.arms.size())) one.previous_arm = place;
    }
    s.records.push_back(one);
  }
  std::ranges::sort(s.records, is_before);
  for (const std::string& name : options.columns) {
    const auto column = table.find(name);
    if (!column) continue;
    auto& values = s.columns[name];
    values = {std::vector<std::string>(s.normal.size()), std::vector<std::string>(s.diseased.size())};
    for (const CsvRow& row : table.rows) {
      const bool is_diseased = row.cells[c.truth] == "1";
      const auto& places = is_diseased ? diseased_place : normal_place;
      const auto place = places.find(row.cells[c.case_id]);
      if (place != places.end()) values[is_diseased ? 1 : 0][static_cast<std::size_t>(place->second)] = row.cells[*column];
    }
  }
  s.is_fully_crossed = is_complete(s);
  return loaded;
}

}  // namespace rationale::study
