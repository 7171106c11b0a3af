// Private to the report: the part of results.json that compares the page's two arms.
#pragma once

#include "study/report/report_input.h"

namespace rationale::study {

/// Results of the contrast treated minus control. With three or more arms these are the block "contrast"; a metric that
/// compares other arms than the page (its "difference") becomes the verdict "other_contrast": a number of one pair of
/// arms shall never stand under the name of another.
nlohmann::ordered_json results_of_contrast(const nlohmann::ordered_json& results, const ReportFacts& facts);

}  // namespace rationale::study
