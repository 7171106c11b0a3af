// Made reader studies: ratings with reader, case and patient effects, the same for the same seed.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "data/cases/csv.h"
#include "data/samples/stream.h"
#include "study/statistics/case_readings.h"

namespace rationale::test {

struct MadeStudy {
  int readers = 4, normal = 30, diseased = 25;
  int cases_per_patient = 1;
  bool is_mixed = false;       ///< patients have cases of both truths
  double missing = 0;          ///< share of readings
  std::uint64_t seed = 1;
};

struct MadeReadings {
  study::CaseReadings normal, diseased;  ///< ratings 1 to 6
};

inline MadeReadings made_readings(const MadeStudy& m) {
  samples::Stream stream(m.seed, 0, 77);
  const Eigen::Index cells = 2 * m.readers;
  MadeReadings made;
  std::vector<double> patient(static_cast<std::size_t>(m.normal + m.diseased));
  for (double& one : patient) one = stream.normal();
  const auto fill = [&](study::CaseReadings& readings, int n, int first, double shift) {
    readings.value = readings.read = Eigen::MatrixXd::Zero(cells, n);
    for (int k = 0; k < n; ++k) {
      const int owner = (m.is_mixed ? 0 : first) + k / m.cases_per_patient;
      readings.patient.push_back(owner);
      const double own = shift + 0.7 * patient[static_cast<std::size_t>(owner)] + 0.5 * stream.normal();
      for (Eigen::Index cell = 0; cell < cells; ++cell) {
        const double seen = own + 0.2 * static_cast<double>(cell % m.readers) + 0.7 * stream.normal();
        if (stream.uniform() < m.missing) continue;
        readings.value(cell, k) = std::fmin(6, std::fmax(1, std::floor(3.5 + 1.2 * seen)));
        readings.read(cell, k) = 1;
      }
    }
  };
  fill(made.normal, m.normal, 0, 0);
  fill(made.diseased, m.diseased, m.normal, 1.2);
  return made;
}

/// 1 where the rating is 4 or higher.
inline study::CaseReadings called(study::CaseReadings readings) {
  readings.value = ((readings.value.array() >= 4).cast<double>() * readings.read.array()).matrix();
  return readings;
}

/// The same as readings.csv; columns patient and positive. Half of a reader's cases have the first arm first.
inline CsvTable made_table(const MadeStudy& m) {
  const MadeReadings made = made_readings(m);
  std::string text = "reader,case,arm,truth,rating,patient,positive,period\n";
  const auto add = [&](const study::CaseReadings& readings, const char* truth) {
    for (Eigen::Index k = 0; k < readings.value.cols(); ++k) {
      const int patient = readings.patient[static_cast<std::size_t>(k)];
      for (Eigen::Index cell = 0; cell < readings.value.rows(); ++cell) {
        if (readings.read(cell, k) == 0) continue;
        const int arm = static_cast<int>(cell) / m.readers, reader = static_cast<int>(cell) % m.readers;
        const bool is_first_first = (patient + reader) % 2 == 0;
        const int rating = static_cast<int>(readings.value(cell, k));
        text += fmt::format("R{},c{}_{},{},{},{},P{},{},{}\n", reader, truth, k, arm == 0 ? "hidden" : "visible", truth,
                            rating, patient, rating >= 4 ? 1 : 0, (arm == 0) == is_first_first ? 1 : 2);
      }
    }
  };
  add(made.normal, "0");
  add(made.diseased, "1");
  return parse_csv(text, "made.csv");
}

}  // namespace rationale::test
