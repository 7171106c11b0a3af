// Private to the sections: every reader without and with, of any end point.
#pragma once

#include <string>

#include "study/report/report_input.h"

namespace rationale::study {

/// A figure with its title and note; says why where no reader has a value in both arms (or, of readers nested in arms,
/// none at all). @param list  under the note on paper only; empty: nothing
std::string paired_figure(const ReportInput& input, const std::string& metric, const std::string& list);

/// Whether there is a picture to draw.
bool has_paired_figure(const ReportInput& input, const std::string& metric);

/// "R01 −1.7 (−8.5 to +5.1)": that reader, cases like these; the change alone where there is no interval. Empty for
/// readers nested in arms, confidence and time.
std::string change_list(const ReportInput& input, const std::string& metric);

}  // namespace rationale::study
