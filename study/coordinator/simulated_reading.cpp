#include "study/coordinator/simulated_reading.h"

#include <span>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/image/film.h"

namespace rationale::study {
namespace {

std::string digest_of(const Plane& values) { return sha256_hex(std::as_bytes(std::span(values.values))); }

}  // namespace

KnownFilms::KnownFilms(const Manifest& manifest, const Truth& truth, const Protocol& protocol, Quiet quiet,
                       const LoadFilm& load) {
  Progress progress("films known", manifest.cases.size(), quiet);
  std::size_t n = 0;
  for (const StudyCase& one : manifest.cases) {
    check_interrupt();
    const std::filesystem::path& file = one.files.front();
    const Plane values = film_display(load ? load(file) : load_picture(file)).values;
    cases_[digest_of(values)] = {.is_diseased = truth.label.at(one.id) == protocol.truth.positive, .key = one.id};
    progress.update(++n);
  }
}

const SimulatedCase& KnownFilms::at(const Item& item) const {
  const auto found = cases_.find(digest_of(item.films.front().values));
  if (found != cases_.end()) return found->second;
  throw Error(Error::Kind::kInput, "a film of the package is not in the manifest", "case " + item.code,
              "give the manifest of this study")
      .with_code("unknown_case");
}

SimulatedReading read_simulated(ReadingPlace& place, const KnownFilms& films, const SimulatedModel& model,
                                std::uint64_t seed, UtcTime now) {
  const PackageFacts& facts = place.package().facts();
  SimulatedReader reader(model, seed, facts.reader, facts.period);
  SimulatedReading done;
  while (place.session().next_position() != 0) {
    check_interrupt();
    VirtualClock clock(now + std::chrono::days(done.n_sessions++));
    done.n_readings += reader.read_session(
        place.session(), clock, place.protocol(), [&](int position) { return place.item(position); },
        [&](const Item& item) { return films.at(item); });
  }
  done.bundle = place.write_bundle();
  done.receipt = place.session().receipt();
  return done;
}

}  // namespace rationale::study
