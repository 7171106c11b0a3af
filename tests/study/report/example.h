// The golden study sim_cxr300_r3 as a results.json would hold it, and any degenerate study.
#pragma once

#include <filesystem>
#include <string>

#include "study/report/report_input.h"

namespace rationale::test {

/// @param folder  golden/statistics
study::ReportInput simulated_study(const std::filesystem::path& folder);
study::ReportInput degenerate_study(const std::filesystem::path& folder, const std::string& name);

/// Readers that a formula makes: for pages of up to twenty.
study::ReportInput many_readers(std::size_t n_readers);

/// The text of a page without style sheet, tags and attributes; a space between elements.
std::string text_of(const std::string& html);
/// The same with one space where there are several: cells of a row follow each other.
std::string line_of(const std::string& html);

}  // namespace rationale::test
