#include "data/cases/cases.h"
#include "data/cases/concepts_csv.h"
#include "study/statistics/study_readings.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {

bool tables(std::string_view bytes) {
  static const ScratchFile file("table.csv");
  file.fill(bytes);
  bool is_read = is_accepted([&] { require(!read_cases(file.path(), MissingFiles::kKeep).empty(), "cases"); });
  is_read |= is_accepted([&] { read_concepts_csv(file.path()); });
  is_read |= is_accepted([&] { read_concept_cards(file.path()); });
  is_read |= is_accepted([&] {
    const auto loaded = study::load_readings(parse_csv(bytes, "fuzz"), {.arms = {}, .positive_at = 3});
    require(!loaded.error || !loaded.error->reason.empty(), "a refusal says why");
    if (!loaded.error) {
      const std::size_t n_ratings = loaded.readings.records.size();
      require(n_ratings <= loaded.readings.n_rows, "no more readings than rows");
    }
  });
  return is_read;
}

}  // namespace rationale::fuzz
