#include "page_check.h"

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "data/plot/text_box.h"
#include "example.h"
#include "tests/support/catch.h"

namespace rationale::test {

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Every text of every picture inside its view box, by the widths of the widest font.
void check_texts_inside(const std::string& html) {
  const std::regex size(R"re(<svg viewBox="0 0 ([0-9.]+) ([0-9.]+)")re");
  const std::regex text(
      R"re(<text x="([0-9.]+)" y="([0-9.]+)"(?: class="([^"]*)")? text-anchor="([a-z]+)">([^<]*)<)re");
  for (std::size_t at = html.find("<svg "); at != std::string::npos;
       at = html.find("<svg ", at + 1)) {
    const std::string picture = html.substr(at, html.find("</svg>", at) - at);
    std::smatch box_size;
    REQUIRE(std::regex_search(picture, box_size, size));
    int n_checked = 0, n_texts = 0;
    for (std::size_t i = picture.find("<text"); i != std::string::npos;
         i = picture.find("<text", i + 1))
      ++n_texts;
    for (std::sregex_iterator label(picture.begin(), picture.end(), text), last; label != last;
         ++label) {
      const std::string anchor = (*label)[4];
      const TextBox box =
          text_box({std::stod((*label)[1]), std::stod((*label)[2]), text_of((*label)[5]),
                    anchor == "start" ? Anchor::kStart
                    : anchor == "end" ? Anchor::kEnd
                                      : Anchor::kMiddle,
                    (*label)[3], ""});
      INFO(box.text);
      CHECK(box.left >= -0.5);
      CHECK(box.top >= -0.5);
      CHECK(box.right <= std::stod(box_size[1]) + 0.5);
      CHECK(box.bottom <= std::stod(box_size[2]) + 0.5);
      ++n_checked;
    }
    CHECK(n_checked == n_texts);
  }
}

}  // namespace

std::string unbalanced_tag(const std::string& html) {
  static const std::set<std::string> kVoid{"meta", "br", "img", "!doctype"};
  std::vector<std::string> open;
  for (std::size_t i = html.find('<'); i != std::string::npos; i = html.find('<', i + 1)) {
    const std::size_t end = html.find('>', i);
    if (end == std::string::npos) return "<";
    const bool is_closing = html[i + 1] == '/';
    const std::size_t from = i + (is_closing ? 2 : 1);
    const std::string name = html.substr(from, html.find_first_of(" />", from) - from);
    if (html[end - 1] == '/' || kVoid.count(name) == 1) continue;
    if (!is_closing) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return name;
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

void check_page(const std::string& html) {
  CHECK(unbalanced_tag(html).empty());
  check_texts_inside(html);
  const std::string text = text_of(html);
  for (const char* word : {"NaN", "nan ", " inf ", "inf)", "None", "\u22120.0 ", "%!", "{}", ": ."}) {
    INFO(word);
    CHECK_FALSE(has(text, word));
  }
  std::smatch match;
  // A hyphen before a digit is a minus that was not written as one, unless letters or digits
  // precede it.
  const bool has_hyphen_minus =
      std::regex_search(text, match, std::regex("(^|[^A-Za-z0-9])-[0-9]"));
  INFO(match.str());
  CHECK_FALSE(has_hyphen_minus);
  for (const char* outside :
       {"<script", "<link", "http:", "https:", "url(", "@import", "onerror=", "<iframe"}) {
    INFO(outside);
    CHECK_FALSE(has(html, outside));
  }
  CHECK(has(html, "default-src 'none'"));
  CHECK(has(html, "<html lang=\"en\">"));
  // One question; pictures with words; ids only once.
  CHECK(html.find("<h1>") == html.rfind("<h1>"));
  const std::regex image(R"(<svg [^>]*>)");
  for (std::sregex_iterator it(html.begin(), html.end(), image), last; it != last; ++it) {
    CHECK((has(it->str(), "role=\"img\"") || has(it->str(), "aria-hidden")));
  }
  std::set<std::string> ids;
  const std::regex id(R"( id="([^"]*)\")");
  for (std::sregex_iterator it(html.begin(), html.end(), id), last; it != last; ++it) {
    CHECK(ids.insert((*it)[1].str()).second);
  }
}

}  // namespace rationale::test
