// report.html: the whole page from its input; it loads nothing and runs nothing.
#pragma once

#include <string>

#include "study/report/report_input.h"

namespace rationale::study {

/// One HTML document, UTF-8: styles inside, pictures as SVG or data: URIs, a content policy that
/// forbids scripts and any request. Every text from the study is escaped. Same input, same bytes.
std::string report_html(const ReportInput& input);

}  // namespace rationale::study
