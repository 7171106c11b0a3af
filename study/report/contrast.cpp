#include "study/report/contrast.h"

namespace rationale::study {

using Json = nlohmann::ordered_json;

Json results_of_contrast(const Json& results, const ReportFacts& facts) {
  const std::string wanted = facts.treated.id + " - " + facts.control.id;
  const Json* contrast = find_block(results, {"contrast"});
  Json own = contrast == nullptr ? results : *contrast;
  if (!own.is_object()) return own;
  for (const char* of_the_file : {"sham", "provenance"}) {
    if (const Json* block = find_block(results, {of_the_file})) own[of_the_file] = *block;
  }
  for (const char* metric : {"auc", "fpr", "sensitivity", "specificity", "accuracy"}) {
    const auto block = own.find(metric);
    if (block == own.end() || !block->is_object()) continue;
    const auto difference = block->find("difference");
    if (difference == block->end() || !difference->is_string() || *difference == wanted) continue;
    *block = {{"status", "not_estimable"}, {"code", "other_contrast"},
              {"reason", "results.json compares " + difference->get<std::string>() + ", this page " + wanted}};
  }
  return own;
}

}  // namespace rationale::study
