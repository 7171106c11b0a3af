// A simulated reader reads a whole package: through the package, the store and the session that people use.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "data/base/progress.h"
#include "data/base/utc.h"
#include "data/image/load.h"
#include "study/coordinator/case_files.h"
#include "study/exchange/reading_place.h"
#include "study/session/simulated_reader.h"

namespace rationale::study {

/// A package names no case: simulated readers know films by their pixels.
class KnownFilms {
 public:
  /// Reads the first film of every case. @param load  empty: this process reads them. @throws what load_picture throws
  KnownFilms(const Manifest& manifest, const Truth& truth, const Protocol& protocol, Quiet quiet,
             const LoadFilm& load = {});

  /// @throws Error (kInput, "unknown_case") for a film that no case has
  const SimulatedCase& at(const Item& item) const;

 private:
  std::map<std::string, SimulatedCase> cases_;  // by the digest of what is displayed
};

struct SimulatedReading {
  int n_readings = 0, n_sessions = 0;
  std::filesystem::path bundle;
  std::string receipt;
};

/// Reads until no item is left, one session a day from `now` on, and writes the bundle.
SimulatedReading read_simulated(ReadingPlace& place, const KnownFilms& films, const SimulatedModel& model,
                                std::uint64_t seed, UtcTime now);

}  // namespace rationale::study
