// `rationale concepts import`: annotations, columns of cases.csv and cards into a library.
#include <fmt/format.h>

#include "data/base/error.h"
#include "data/cases/concepts_csv.h"
#include "data/records/concept_library.h"
#include "ui/engine/bodies.h"

namespace rationale::ui {

int run_concepts_import(const CommandLine& line) {
  const ConceptsOptions& o = line.concepts;
  const bool has_table = !o.csv.empty(), has_columns = !o.from.empty(), has_cards = !o.cards.empty();
  if (!has_table && !has_columns && !has_cards) {
    throw Error(Error::Kind::kUsage, "there is nothing to import", "",
                "give concepts.csv, or --from cases.csv with --columns, or --cards cards.csv");
  }
  // All tables are read before the library is touched: a mistake in one of them changes nothing.
  std::vector<ConceptImport> concepts;
  const auto add = [&](std::vector<ConceptImport> some) {
    concepts.insert(concepts.end(), std::make_move_iterator(some.begin()),
                    std::make_move_iterator(some.end()));
  };
  if (has_table) add(read_concepts_csv(o.csv));
  if (has_columns) add(concepts_from_cases(o.from, parse_column_rules(o.columns)));
  if (has_cards) add(read_concept_cards(o.cards));

  ConceptLibrary library(o.library, ConceptLibrary::Access::kCreate);
  const ConceptLibrary::Imported imported = library.import(concepts);
  if (line.common.json) {
    print_json("rationale.concepts.import", {{"library", o.library.string()},
                                             {"concepts", imported.concepts},
                                             {"new_concepts", imported.new_concepts},
                                             {"new_versions", imported.new_versions},
                                             {"new_examples", imported.new_examples},
                                             {"changed_examples", imported.changed_examples}});
    return 0;
  }
  fmt::print("{}: {} concepts read; {} new, {} new versions; {} examples added, {} changed\n",
             o.library.string(), imported.concepts, imported.new_concepts, imported.new_versions,
             imported.new_examples, imported.changed_examples);
  return 0;
}

}  // namespace rationale::ui
