#include "data/plot/svg.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/support/catch.h"

namespace rationale {

TEST_CASE("a plot is the same text every time, with one decimal and no negative zero",
          "[data][plot]") {
  Plot plot{"p1", "Title", "Two numbers", 100, 50, {}};
  plot.marks.push_back(PlotLine{-0.04, 1.25, 99.96, 3, "ax"});
  plot.marks.push_back(PlotLabel{5, 6, "\u22121 < 2", Anchor::kEnd, "s", ""});
  const std::string text = svg(plot);
  CHECK(text == svg(plot));
  CHECK(text.find("viewBox=\"0 0 100 50\"") != std::string::npos);
  CHECK(text.find("<line x1=\"0.0\" y1=\"1.3\" x2=\"100.0\" y2=\"3.0\" class=\"ax\"/>") !=
        std::string::npos);
  CHECK(text.find(">\u22121 &lt; 2</text>") != std::string::npos);
}

TEST_CASE("a picture has its title and numbers in words, a decoration is hidden", "[data][plot]") {
  Plot plot{"p1", "Title <1>", "R01: 5 of 9", 10, 10, {}};
  const std::string text = svg(plot);
  CHECK(text.find("role=\"img\" aria-labelledby=\"p1-t p1-d\"") != std::string::npos);
  CHECK(
      text.find("<title id=\"p1-t\">Title &lt;1&gt;</title><desc id=\"p1-d\">R01: 5 of 9</desc>") !=
      std::string::npos);
  plot.description.clear();
  CHECK(svg(plot).find("aria-hidden=\"true\"") != std::string::npos);
  CHECK(svg(plot).find("role=") == std::string::npos);
}

TEST_CASE("markup in a text is only text", "[data][plot]") {
  CHECK(escape_markup("<a href=\"x\" b='y'>&") ==
        "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
  CHECK(escape_markup(std::string_view("a\0b\x1b", 4)) == "a\ufffdb\ufffd");
}

namespace {

/// The colour that a variable has in the n-th palette of the sheet (0 light, 1 dark), as 0xrrggbb.
unsigned colour(const std::string& css, const std::string& variable, int palette) {
  std::size_t at = 0;
  for (int i = 0; i <= palette; ++i) at = css.find("--" + variable + ":#", at + 1);
  REQUIRE(at != std::string::npos);
  return static_cast<unsigned>(std::stoul(css.substr(at + variable.size() + 4, 6), nullptr, 16));
}

/// Relative luminance (WCAG 2.1).
double luminance(unsigned rgb) {
  const auto linear = [](unsigned byte) {
    const double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(rgb >> 16) + 0.7152 * linear((rgb >> 8) & 255) +
         0.0722 * linear(rgb & 255);
}

}  // namespace

TEST_CASE("every text colour has a contrast of at least 4.5 in both palettes", "[data][plot]") {
  const std::string css = plot_css();
  const int palette = GENERATE(0, 1);
  for (const char* text : {"ink", "soft", "hidden", "visible", "warn"}) {
    for (const char* ground : {"paper", "wash"}) {
      const double a = luminance(colour(css, text, palette)),
                   b = luminance(colour(css, ground, palette));
      INFO(text << " on " << ground << ", palette " << palette);
      CHECK((std::max(a, b) + 0.05) / (std::min(a, b) + 0.05) >= 4.5);
    }
  }
}

}  // namespace rationale
