// The report's style sheet: screen in light and dark, narrow screens, A4.
#pragma once

#include <string>

namespace rationale::study {

/// Comes after plot_css(), whose variables it uses.
std::string page_css();

}  // namespace rationale::study
