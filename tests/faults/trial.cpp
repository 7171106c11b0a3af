#include <fmt/format.h>

#include <stdexcept>

#include "study/seal/key_file.h"
#include "tests/faults/faults.h"

namespace rationale::faults {

void Outcome::count(const std::string& failure) {
  ++tried;
  if (failure.empty()) {
    ++held;
  } else if (failures.size() < 20) {
    failures.push_back(failure);
  }
}

Trial::Trial(int n_films)
    : study(n_films),
      key(study::read_key_file(study.at("r1.key"), test::TrialStudy::kPassphrase)),
      package(study.at("outbox/r1-p1.rpk")) {
  for (const test::Answered& answered : {study.lock(), study.package(1, "2026-03-02")}) {
    if (answered.status != 0) throw std::runtime_error(answered.text);
  }
}

}  // namespace rationale::faults
