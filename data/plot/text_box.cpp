#include "data/plot/text_box.h"

#include <algorithm>
#include <cstddef>
#include <variant>

namespace rationale {

namespace {

struct Letter {
  char32_t code;
  std::size_t n_bytes;
};

Letter letter_at(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  const std::size_t n = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  char32_t code = n == 1 ? byte : byte & (0xffu >> (n + 1));
  for (std::size_t k = 1; k < n && i + k < text.size(); ++k) {
    code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
  }
  return {code, n};
}

/// Advance in em.
double advance(char32_t code) {
  if (code == ' ' || code == 0xa0) return 0.32;
  if (code >= '0' && code <= '9') return 0.64;
  if (code < 0x80) {
    const std::string_view narrow = "ijl'|!.,:;`I";
    const std::string_view wide = "mwMW@%";
    const auto letter = static_cast<char>(code);
    if (narrow.find(letter) != std::string_view::npos) return 0.34;
    if (wide.find(letter) != std::string_view::npos) return 1.0;
    if (code >= 'A' && code <= 'Z') return 0.76;
    if (letter == '+' || letter == '<' || letter == '=' || letter == '>') return 0.84;
    if (letter == '(' || letter == ')' || letter == '-' || letter == '/') return 0.4;
    return 0.64;
  }
  if (code < 0x1100) return 0.86;  // Latin with accents, Greek, Cyrillic
  if (code == 0x2212 || (code >= 0x2190 && code <= 0x22ff)) return 0.84;
  return 1.05;  // ideographs, emoji
}

bool has_style(const std::string& styles, std::string_view wanted) {
  std::size_t start = 0;
  while (start < styles.size()) {
    const std::size_t end = std::min(styles.find(' ', start), styles.size());
    if (std::string_view(styles).substr(start, end - start) == wanted) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

double text_width(std::string_view utf8, double font_px, bool is_bold) {
  double width = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const Letter letter = letter_at(utf8, i);
    width += advance(letter.code);
    i += letter.n_bytes;
  }
  return width * font_px * (is_bold ? 1.1 : 1.0);
}

std::string shorten(std::string_view utf8, double most_px, double font_px, bool is_bold) {
  if (text_width(utf8, font_px, is_bold) <= most_px) return std::string(utf8);
  const std::string dots = "\u2026";
  std::size_t kept = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    i += letter_at(utf8, i).n_bytes;
    const std::string candidate = std::string(utf8.substr(0, i)) + dots;
    if (text_width(candidate, font_px, is_bold) > most_px) break;
    kept = i;
  }
  return std::string(utf8.substr(0, kept)) + dots;
}

TextBox text_box(const PlotLabel& label) {
  const bool is_bold =
      has_style(label.style, "b") || has_style(label.style, "tv") || has_style(label.style, "tw");
  const double px = has_style(label.style, "s") || has_style(label.style, "ne") ? 11 : 12;
  const double width = text_width(label.text, px, is_bold);
  const double left = label.anchor == Anchor::kStart ? label.x
                      : label.anchor == Anchor::kEnd ? label.x - width
                                                     : label.x - width / 2;
  return {left, label.y - 0.8 * px, left + width, label.y + 0.25 * px, label.text};
}

std::vector<TextBox> text_boxes(const Plot& plot) {
  std::vector<TextBox> boxes;
  for (const PlotMark& mark : plot.marks) {
    if (const auto* label = std::get_if<PlotLabel>(&mark)) boxes.push_back(text_box(*label));
  }
  return boxes;
}

}  // namespace rationale
