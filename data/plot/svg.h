// A Plot as an SVG element for a page: the same bytes every time, colours by CSS variables.
#pragma once

#include <string>
#include <string_view>

#include "data/plot/plot.h"

namespace rationale {

/// One <svg> element: coordinates with one decimal, role="img" with <title> and <desc>, or
/// aria-hidden where the plot has no description. All text is escaped.
std::string svg(const Plot& plot);

/// The same as a file of its own: with its name space and plot_css().
std::string svg_document(const Plot& plot);

/// & < > " ' as entities; control characters, which XML forbids, as U+FFFD.
std::string escape_markup(std::string_view text);

/// The style sheet that svg()'s classes need: colours of light and dark screens and of print as
/// variables, then the classes. A page's own sheet may use the variables.
std::string plot_css();

}  // namespace rationale
