// results.json as a table: a row a number or word, for programs that read no JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace rationale::study {

/// quantity,value,text. quantity is the JSON pointer (RFC 6901): /fpr/RRRC/p, /auc/OR/delong/cov_components/Var.
/// value is a number with full double precision; of words, true and false it is empty and text has them. null: both
/// are empty.
std::string flat_results_csv(const nlohmann::ordered_json& results);

}  // namespace rationale::study
