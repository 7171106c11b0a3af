#include "ui/studio/sentence_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/widgets/numbers.h"

namespace rationale::ui {
namespace {

constexpr float kCopy = 100;  // room for key C and its word
constexpr float kSecondLine = 22;
constexpr float kInset = 24;  // text begins right of the accent line

std::string title(const Page& page) {
  if (page.chosen->threshold) {
    return fmt::format("Why the model {} “{}”", page.chosen->is_flagged ? "says" : "does not say",
                       page.class_name);
  }
  return fmt::format("Why this {} for “{}”", output_word(*page.manifest), page.class_name);
}

std::string figures(const Page& page) {
  const ClassContent& c = *page.chosen;
  std::string text = output_word(*page.manifest) + " " + plain_number(c.logit);
  if (c.score) text += " · score " + plain_number(*c.score);
  if (c.threshold) text += " · threshold " + plain_number(*c.threshold);
  return text;
}

struct Words {
  std::string claim, support;
  TextStyle claim_style, support_style;
};

Words words_of(Canvas& canvas, float width, const Page& page) {
  Words words;
  words.support_style = {.size = 14, .colour = theme::kText2};
  if (!page.chosen->concepts) {
    words.claim = "No concept sentence for this case.";
    words.claim_style = {.size = 16, .weight = Weight::kMedium};
    words.support = page.chosen->concepts_note;
    return words;
  }
  SplitSentence split = split_sentence(page.chosen->concepts->sentence);
  words.claim = std::move(split.claim);
  words.support = std::move(split.support);
  words.claim_style = {.size = 20, .weight = Weight::kMedium};
  // A long claim steps down rather than push the waterfall off the page.
  if (canvas.wrapped(words.claim, width, words.claim_style).size() > 3) words.claim_style.size = 16;
  return words;
}

float lines_height(Canvas& canvas, const std::string& text, float width, const TextStyle& style) {
  return static_cast<float>(canvas.wrapped(text, width, style).size()) * style.size * 1.5F;
}

/// Whether title, figures and the key fit beside each other.
bool is_one_line_head(Canvas& canvas, float width, const Page& page) {
  const TextStyle style{.size = 14};
  return canvas.width_of(title(page), style) + canvas.width_of(figures(page), style) + 16 + kCopy <=
         width;
}

}  // namespace

float sentence_panel_height(Canvas& canvas, float width, const Page& page) {
  const float inner = width - kInset - theme::kCardPadding;
  const Words words = words_of(canvas, inner, page);
  return 16 + 24 + (is_one_line_head(canvas, inner, page) ? 0 : kSecondLine) +
         lines_height(canvas, words.claim, inner, words.claim_style) + 6 +
         lines_height(canvas, words.support, inner, words.support_style) + 12;
}

void draw_sentence_panel(Canvas& canvas, const Rect& rect, const Page& page,
                         std::function<void()> copy) {
  canvas.card(rect);
  canvas.fill({rect.x, rect.y + 14, 3, rect.height - 28}, theme::kAccent);
  const float x = rect.x + kInset, width = rect.width - kInset - theme::kCardPadding;
  float y = rect.y + 24;
  const TextStyle head{.size = 14, .colour = theme::kText2};

  // Right to left: key C, figures; the title gets the rest.
  const std::string word = page.is_copied ? "copied" : "copy";
  float right = rect.right() - theme::kCardPadding;
  right -= canvas.width_of(word, head);
  canvas.text(right, y, word, head);
  right -= 32;
  canvas.key_cap(right, y, "C", page.is_copied ? ButtonState::kOn : ButtonState::kRest);
  canvas.area({right, y - 12, rect.right() - theme::kCardPadding - right, 24}, std::move(copy));
  right -= 16;
  canvas.text_within(x, y, right - x, title(page),
                     {.size = 14, .colour = theme::kText2, .weight = Weight::kMedium});
  if (is_one_line_head(canvas, width, page)) {
    canvas.text(right - canvas.width_of(figures(page), head), y, figures(page), head);
  } else {
    y += kSecondLine;
    canvas.text_within(x, y, width, figures(page), head);
  }

  const Words words = words_of(canvas, width, page);
  y += 12 + words.claim_style.size;
  y += canvas.paragraph(x, y, width, words.claim, words.claim_style);
  y += 2;
  canvas.paragraph(x, y, width, words.support, words.support_style);
}

std::string copied_text(const Page& page) {
  std::string text =
      fmt::format("Case {}, {}: {}.\n", page.one->listed.name, page.class_name, figures(page));
  if (page.chosen->concepts) {
    text += page.chosen->concepts->sentence + "\n" +
            sum_line(make_waterfall(*page.chosen->concepts)) + "\n";
  }
  const ExplanationManifest& m = *page.manifest;
  text += fmt::format("Model {} (sha256 {}), layer {}, {}; film {}\n", m.model_name,
                      m.model_sha256.substr(0, 12), m.layer, m.method,
                      page.one->explanation.pixel_sha256.substr(0, 12));
  return text;
}

}  // namespace rationale::ui
