// The style sheet of our pages: screen in light and dark, narrow screens, A4.
#pragma once

#include <string>

namespace rationale {

/// Comes after plot_css(), whose variables it uses.
std::string page_css();

}  // namespace rationale
