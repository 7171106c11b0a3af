// `rationale study simulate`: a simulated reader reads a package through the session that people use.
#include <fmt/format.h>

#include "data/base/error.h"
#include "study/coordinator/simulated_reading.h"
#include "study/seal/key_file.h"
#include "ui/command/bodies.h"
#include "ui/command/films_apart.h"
#include "ui/command/passphrase.h"

namespace rationale::ui {

using namespace rationale::study;

int run_study_simulate(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const PackageFacts facts = read_package_facts(o.package);
  if (!facts.is_synthetic) {
    throw Error(Error::Kind::kRefused, "simulated readers do not read real studies", o.package.string(),
                "`rationale study rehearse` makes a copy that they may read")
        .with_code("not_synthetic");
  }
  const UtcTime now = o.now.empty() ? utc_now() : parse_utc(o.now, "--now");
  const SigningKey key = read_key_file(o.key, passphrase(o.key.filename().string()));
  ReadingPlace place(o.package, key, o.out, now);
  const Manifest manifest = read_manifest(o.cases, place.protocol());
  const KnownFilms films(manifest, read_truth(o.truth, place.protocol(), manifest), place.protocol(),
                         line.common.progress(),
                         [](const std::filesystem::path& film) { return load_film_apart(film); });
  SimulatedModel model;
  model.heatmap_normal = o.effect;
  const SimulatedReading read = read_simulated(place, films, model, o.seed.value_or(1), now);
  if (line.common.json) {
    print_json("rationale.study.simulate", {{"readings", read.n_readings},
                                            {"sessions", read.n_sessions},
                                            {"bundle", read.bundle.string()},
                                            {"receipt", read.receipt}});
  } else {
    fmt::print("SIMULATED · {} p{}: {} readings in {} sessions, receipt {}\n{}\n", facts.reader, facts.period,
               read.n_readings, read.n_sessions, read.receipt, read.bundle.string());
  }
  return 0;
}

}  // namespace rationale::ui
