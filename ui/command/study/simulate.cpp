// `rationale study simulate`: a simulated reader reads a package through the session that people use.
#include <fmt/format.h>

#include <map>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/film.h"
#include "data/image/load.h"
#include "study/coordinator/case_files.h"
#include "study/exchange/reading_place.h"
#include "study/seal/key_file.h"
#include "study/session/simulated_reader.h"
#include "ui/command/bodies.h"
#include "ui/command/passphrase.h"

namespace rationale::ui {
namespace {

using namespace rationale::study;

std::string digest_of(const Plane& values) {
  return sha256_hex(std::as_bytes(std::span(values.values)));
}

/// A package names no case: the simulated reader knows films by their pixels.
std::map<std::string, SimulatedCase> cases_by_pixels(const StudyOptions& o, const Protocol& protocol) {
  const Manifest manifest = read_manifest(o.cases, protocol);
  const Truth truth = read_truth(o.truth, protocol, manifest);
  std::map<std::string, SimulatedCase> cases;
  for (const StudyCase& one : manifest.cases) {
    const Plane values = film_display(load_picture(one.files.front())).values;
    cases[digest_of(values)] = {.is_diseased = truth.label.at(one.id) == protocol.truth.positive, .key = one.id};
  }
  return cases;
}

}  // namespace

int run_study_simulate(const CommandLine& line) {
  const StudyOptions& o = line.study;
  const PackageFacts facts = read_package_facts(o.package);
  if (!facts.is_synthetic) {
    throw Error(Error::Kind::kRefused, "simulated readers do not read real studies", o.package.string(),
                "set synthetic = true in the protocol of a rehearsal")
        .with_code("not_synthetic");
  }
  const UtcTime now = o.now.empty() ? utc_now() : parse_utc(o.now, "--now");
  const SigningKey key = read_key_file(o.key, passphrase(o.key.filename().string()));
  ReadingPlace place(o.package, key, o.out, now);
  const Protocol& protocol = place.protocol();
  const auto cases = cases_by_pixels(o, protocol);
  SimulatedModel model;
  model.heatmap_normal = o.effect;
  SimulatedReader reader(model, o.seed.value_or(1), facts.reader, facts.period);
  int n = 0, n_sessions = 0;
  while (place.session().next_position() != 0) {
    VirtualClock clock(now + std::chrono::hours(24) * n_sessions++);
    n += reader.read_session(
        place.session(), clock, protocol, [&](int position) { return place.item(position); },
        [&](const Item& item) {
          const auto found = cases.find(digest_of(item.films.front().values));
          if (found == cases.end()) {
            throw Error(Error::Kind::kInput, "a film of the package is not in the manifest", o.cases.string(),
                        "give the manifest of this study")
                .with_code("unknown_case");
          }
          return found->second;
        });
  }
  const std::filesystem::path bundle = place.write_bundle();
  const std::string receipt = place.session().receipt();
  if (line.common.json) {
    print_json("rationale.study.simulate",
               {{"readings", n}, {"sessions", n_sessions}, {"bundle", bundle.string()}, {"receipt", receipt}});
  } else {
    fmt::print("SIMULATED · {} p{}: {} readings in {} sessions, receipt {}\n{}\n", facts.reader, facts.period, n,
               n_sessions, receipt, bundle.string());
  }
  return 0;
}

}  // namespace rationale::ui
