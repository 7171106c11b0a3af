#include "ui/engine/explain_concepts.h"

#include "data/base/error.h"

#ifdef RATIONALE_HAS_CONCEPTS
#include "concepts/attribution/explain_case.h"
#endif

namespace rationale::ui {

#ifdef RATIONALE_HAS_CONCEPTS

ConceptsOfRun concepts_of_run(const std::filesystem::path& library, const explain::ModelCard& card,
                              const std::string& layer) {
  const std::shared_ptr<const concepts::ConceptBank> bank =
      concepts::load_bank(library, card.model_sha256, card.card_sha256, layer);
  std::vector<std::int64_t> classes(card.classes.size());
  for (std::size_t k = 0; k < classes.size(); ++k) classes[k] = static_cast<std::int64_t>(k);

  ConceptsOfRun run{.sha256 = concepts::bank_sha256(*bank), .layer = concepts::bank_layer(*bank), .results = {}};
  run.results = [bank, classes, names = card.classes](const explain::SplitModel& model,
                                                      const explain::SplitRun& sample) {
    std::vector<std::vector<std::string>> texts;
    for (auto& films : concepts::explain_cases(model, sample, *bank, classes)) {
      std::vector<std::string>& row = texts.emplace_back();
      for (const concepts::CaseExplanation& one : films) row.push_back(to_json(one).dump());
    }
    return texts;
  };
  return run;
}

#else

ConceptsOfRun concepts_of_run(const std::filesystem::path& library, const explain::ModelCard&,
                              const std::string&) {
  throw Error(Error::Kind::kRefused, "this build has no concepts", library.string(),
              "leave --concepts away, or build with -DRATIONALE_CONCEPTS=ON");
}

#endif

}  // namespace rationale::ui
