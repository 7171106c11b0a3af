#include "study/coordinator/readings_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "data/base/utc.h"
#include "data/cases/csv.h"
#include "study/coordinator/opened_readings.h"
#include "study/export/columns.h"

namespace rationale::study {
namespace {

/// Which question gives what.
struct Sources {
  const Question* decision = nullptr;
  std::size_t positive_level = 1;  ///< this level and higher
  const Question* confidence = nullptr;
  const Question* rating = nullptr;
};

bool has_operating_point(Metric metric) {
  return metric == Metric::kFpr || metric == Metric::kSensitivity ||
         metric == Metric::kSpecificity;
}

Sources sources_of(const Protocol& p) {
  Sources s;
  std::vector<Endpoint> endpoints{p.endpoint};
  endpoints.insert(endpoints.end(), p.secondary.begin(), p.secondary.end());
  for (const Endpoint& one : endpoints) {
    const Question* question = p.find_question(one.question);
    if (has_operating_point(one.metric) && s.decision == nullptr) {
      s.decision = question;
      const auto level = std::ranges::find(question->levels, one.positive_at);
      if (level != question->levels.end()) {
        s.positive_level = static_cast<std::size_t>(level - question->levels.begin());
      }
    }
    if (one.metric == Metric::kConfidence && s.confidence == nullptr) s.confidence = question;
    if (one.metric == Metric::kAuc && s.rating == nullptr) s.rating = question;
  }
  for (const Question& question : p.questions) {
    if (s.decision == nullptr && question.type == QuestionType::kBinary) s.decision = &question;
    if (s.confidence == nullptr && question.type == QuestionType::kVas) s.confidence = &question;
  }
  return s;
}

std::optional<std::size_t> level_of(const Question& question, const Answer& answer) {
  for (std::size_t i = 0; i < question.levels.size(); ++i) {
    if (says(answer, question.levels[i])) return i;
  }
  return std::nullopt;
}

/// 0-100 of a vas; of an ordinal question the level's place.
std::optional<double> number_of(const Question* question, const Reading& one) {
  if (question == nullptr) return std::nullopt;
  const auto found = one.answers.find(question->id);
  if (found == one.answers.end()) return std::nullopt;
  if (const auto* ppm = std::get_if<Ppm>(&found->second)) {
    return static_cast<double>(ppm->ppm) / 10'000;
  }
  const auto level = level_of(*question, found->second);
  if (!level) return std::nullopt;
  return static_cast<double>(*level);
}

/// Public columns that a subgroup divides by, without those that the table has under that name anyway.
std::vector<std::string> subgroup_columns(const Protocol& p, const std::vector<std::string>& header) {
  std::vector<std::string> columns;
  for (const Subgroup& one : p.subgroups) {
    const bool is_there = std::ranges::find(header, one.column) != header.end() ||
                          std::ranges::find(columns, one.column) != columns.end();
    if (!is_there && one.column != p.truth.label) columns.push_back(one.column);
  }
  return columns;
}

/// How long the heatmap was on, in seconds, and how often it was switched; empty where there was none to see.
std::pair<std::string, std::string> heatmap_cells(const Arm* arm, const Reading& one) {
  if (arm == nullptr || !arm->shows_what("heatmap")) return {};
  bool is_on = arm->starts_on, is_known = one.n_look_changes == static_cast<int>(one.look_changes.size());
  int n_toggles = 0;
  std::int64_t on_ms = 0, since = 0;
  for (const LookChange& change : one.look_changes) {
    is_known = is_known && change.ms >= since;  // the clock starts anew where the film was covered
    if (is_on) on_ms += change.ms - since;
    since = change.ms;
    n_toggles += change.look.is_on != is_on ? 1 : 0;
    is_on = change.look.is_on;
  }
  if (is_on) on_ms += std::max<std::int64_t>(0, one.times.wall_ms - since);
  const double seconds = static_cast<double>(std::min(on_ms, one.times.active_ms)) / 1000;
  return {is_known ? csv_number(seconds) : std::string(), std::to_string(n_toggles)};
}

/// When each reader opened each case, in order.
using Openings = std::map<std::pair<std::string, std::string>, std::vector<UtcTime>>;

std::string days_since_last(const Openings& openings, const std::string& reader, const std::string& case_id, UtcTime now) {
  const auto found = openings.find({reader, case_id});
  if (found == openings.end()) return {};
  const auto place = std::ranges::lower_bound(found->second, now);
  if (place == found->second.begin()) return {};
  return csv_number(std::chrono::duration<double, std::ratio<86400>>(now - *std::prev(place)).count());
}

}  // namespace

ReadingsTable readings_table(LockedStudy& study, const Opened& opened) {
  const Protocol& p = study.protocol();
  const Sources sources = sources_of(p);
  const auto facts = case_facts(study, opened);
  std::vector<std::string> header;
  for (const Column& one : reading_columns()) header.emplace_back(one.name);
  const std::vector<std::string> by = subgroup_columns(p, header);
  header.insert(header.end(), by.begin(), by.end());
  for (const Question& question : p.questions) header.push_back("answer_" + question.id);
  ReadingsTable table{.csv = csv_line(header), .repeats_csv = csv_line(header)};

  const auto readings = opened_readings(study, opened);
  Openings openings;
  for (const Assignment& row : opened.allocation) {
    const auto found = readings.find({row.reader, row.period, row.position});
    if (found == readings.end() || found->second.opened_at.empty()) continue;
    openings[{row.reader, row.case_id}].push_back(parse_utc(found->second.opened_at, "the log"));
  }
  for (auto& [key, times] : openings) std::ranges::sort(times);
  for (const Assignment& row : opened.allocation) {
    const CaseFacts& fact = facts.at(row.case_id);
    const auto found = readings.find({row.reader, row.period, row.position});
    const bool is_read = found != readings.end() && !found->second.dnf && is_of(found->second, row);
    const Reading none;
    const Reading& one = is_read ? found->second : none;
    std::string positive, confidence, rating;
    if (is_read && !one.is_not_assessable) {
      const auto decision = sources.decision == nullptr
                                ? one.answers.end()
                                : one.answers.find(sources.decision->id);
      if (decision != one.answers.end()) {
        const auto level = level_of(*sources.decision, decision->second);
        positive = flag_cell(level && *level >= sources.positive_level);
      }
      const auto sure = number_of(sources.confidence, one);
      if (sure) confidence = csv_number(*sure);
      if (sources.rating != nullptr) {
        if (const auto value = number_of(sources.rating, one)) rating = csv_number(*value);
      } else if (sure && !positive.empty()) {
        rating = csv_number(positive == "1" ? *sure : -*sure);
      } else {
        rating = positive;
      }
    }
    if (!row.is_repeat) {
      table.n_not_read += is_read ? 0 : 1;
      table.n_not_assessable += is_read && one.is_not_assessable ? 1 : 0;
      table.n_unrated += is_read && !one.is_not_assessable && rating.empty() ? 1 : 0;
      table.n_seen_before += is_read && one.is_seen_before ? 1 : 0;
    }
    std::vector<std::string> cells{
        row.reader, row.case_id, row.arm, fact.truth, rating, csv_text_cell(fact.patient), positive,
        confidence,
        is_read ? csv_number(static_cast<double>(one.times.active_ms) / 1000) : std::string(),
        std::to_string(row.period), std::to_string(row.sequence), csv_text_cell(fact.stratum),
        fact.ai_positive, std::to_string(row.position), row.code, flag_cell(one.is_seen_before),
        flag_cell(one.is_not_assessable)};
    const auto [on_s, toggles] = is_read ? heatmap_cells(p.find_arm(row.arm), one) : std::pair<std::string, std::string>();
    cells.push_back(is_read ? days_since_last(openings, row.reader, row.case_id, parse_utc(one.opened_at, "the log")) : std::string());
    cells.push_back(on_s);
    cells.push_back(toggles);
    for (const std::string& column : by) {
      const auto value = fact.columns.find(column);
      cells.push_back(value == fact.columns.end() ? std::string() : csv_text_cell(value->second));
    }
    for (const Question& question : p.questions) {
      cells.push_back(csv_text_cell(answer_text(one, question.id)));
    }
    (row.is_repeat ? table.repeats_csv : table.csv) += csv_line(cells);
    table.n_rows += row.is_repeat ? 0 : 1;
  }
  return table;
}

}  // namespace rationale::study
