#include "study/report/reader_values.h"

#include <cmath>

namespace rationale::study {

namespace {

std::optional<double> share(const std::optional<Count>& count) {
  if (!count || count->n == 0) return std::nullopt;
  return static_cast<double>(count->positive) / static_cast<double>(count->n);
}

std::optional<double> rest(const std::optional<double>& share) {
  return share ? std::optional(1 - *share) : std::nullopt;
}

std::optional<double> seconds(const std::optional<double>& log_time) {
  if (!log_time || !std::isfinite(std::exp(*log_time))) return std::nullopt;
  return std::exp(*log_time);
}

ReaderPair value_of(const ReportReader& reader, const std::string& metric) {
  if (metric == "auc") return {reader.name, reader.auc_control, reader.auc_treated};
  if (metric == "sensitivity") return {reader.name, share(reader.tp_control), share(reader.tp_treated)};
  if (metric == "specificity") return {reader.name, rest(share(reader.fp_control)), rest(share(reader.fp_treated))};
  return {reader.name, share(reader.fp_control), share(reader.fp_treated)};
}

}  // namespace

std::vector<ReaderPair> reader_values(const ReportInput& input, const std::string& metric) {
  std::vector<ReaderPair> values;
  const auto add = [&](const ReaderPair& one) {
    if (one.control || one.treated) values.push_back(one);
  };
  if (metric == "confidence") {
    for (const ReaderPair& one : input.confidence.readers) add(one);
  } else if (metric == "time") {
    for (const ReaderPair& one : input.time.readers) add({one.reader, seconds(one.control), seconds(one.treated)});
  } else {
    for (const ReportReader& one : input.readers) add(value_of(one, metric));
  }
  return values;
}

}  // namespace rationale::study
