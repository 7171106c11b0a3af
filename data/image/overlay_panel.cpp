// The panel beside the film: case, class, numbers, colour bar and what made the map.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "data/image/overlay.h"

namespace rationale {
namespace {

constexpr Rgb kBlack{0, 0, 0};
constexpr Rgb kPanel{18, 18, 19};
constexpr Rgb kLine{50, 50, 53};
constexpr Rgb kText1{204, 204, 202};
constexpr Rgb kText2{158, 158, 156};
constexpr Rgb kText3{132, 132, 130};

constexpr int kPanelWidth = 360, kPadding = 24, kContent = kPanelWidth - 2 * kPadding;
constexpr int kLeastHeight = 600;
using Weight = Font::Weight;

/// Draws from the top or from the bottom of the panel, one block after the other.
class Panel {
 public:
  Panel(RgbImage& image, int left, Font& font) : image_(image), left_(left), font_(font) {}

  void line_of_text(const std::string& text, int size, Rgb colour, Weight weight = Weight::kRegular) {
    const int height = size * 3 / 2;
    row_ += height;
    font_.draw(image_, row_ - height / 3, left_, font_.shorten(text, kContent, size, weight), size,
               colour, weight);
  }

  /// Broken at spaces.
  void paragraph(const std::string& text, int size, Rgb colour) {
    for (const std::string& line : broken(text, size)) line_of_text(line, size, colour);
    skip(6);
  }

  /// Two texts on one line: left, and right-aligned.
  void pair(const std::string& left, const std::string& right, int left_size, int right_size,
            Rgb left_colour, Rgb right_colour, Weight weight = Weight::kMedium) {
    const int height = std::max(left_size, right_size) * 3 / 2;
    row_ += height;
    const int base = row_ - height / 3;
    const std::string short_right = font_.shorten(right, kContent * 0.75, right_size, weight);
    const double right_width = font_.width(short_right, right_size, weight);
    font_.draw(image_, base, left_ + kContent - right_width, short_right, right_size, right_colour,
               weight);
    font_.draw(image_, base, left_,
               font_.shorten(left, kContent - right_width - 12, left_size, weight),
               left_size, left_colour, weight);
  }

  void rule() {
    fill_rectangle(image_, row_, left_, 1, kContent, kLine);
    row_ += 1;
  }

  /// From 0, or with `is_signed` from -scale, to scale.
  void colour_bar(double scale, bool is_signed) {
    constexpr int kHeight = 12;
    for (int col = 0; col < kContent; ++col) {
      const double share = col / (kContent - 1.0);
      fill_rectangle(image_, row_, left_ + col, kHeight, 1, is_signed ? blue_orange(2 * share - 1) : viridis(share));
    }
    row_ += kHeight;
    std::vector<double> ticks = scale_ticks(is_signed ? 2 * scale : scale);  // a signed bar has half the room a side
    // As many decimals as the step between two ticks has.
    int decimals = 0;
    for (double step = ticks[1]; decimals < 9 && std::abs(step - std::round(step)) > 1e-6; step *= 10) {
      ++decimals;
    }
    if (is_signed) {
      std::erase_if(ticks, [&](double tick) { return tick > scale * (1 + 1e-9); });
      for (std::size_t i = ticks.size(); i-- > 1;) ticks.push_back(-ticks[i]);
    }
    for (const double tick : ticks) {
      const double share = is_signed ? (tick / scale + 1) / 2 : tick / scale;
      const int col = static_cast<int>(std::lround(share * (kContent - 1)));
      fill_rectangle(image_, row_, left_ + col, 4, 1, kText3);
      const std::string text = tick == 0 ? "0" : fmt::format("{}{:.{}f}", tick < 0 ? "−" : "", std::abs(tick), decimals);
      const double width = font_.width(text, 13);
      const double place = std::clamp(left_ + col - width / 2, static_cast<double>(left_),
                                      left_ + kContent - width);
      font_.draw(image_, row_ + 18, place, text, 13, kText2);
    }
    row_ += 24;
  }

  void skip(int rows) { row_ += rows; }
  void go_to(int row) { row_ = row; }
  int row() const { return row_; }

 private:
  std::vector<std::string> broken(const std::string& text, int size) {
    std::vector<std::string> lines;
    std::istringstream words(text);
    std::string line;
    for (std::string word; words >> word;) {
      const std::string longer = line.empty() ? word : line + " " + word;
      if (!line.empty() && font_.width(longer, size) > kContent) {
        lines.push_back(line);
        line = word;
      } else {
        line = longer;
      }
    }
    if (!line.empty()) lines.push_back(line);
    return lines;
  }

  RgbImage& image_;
  int left_;
  Font& font_;
  int row_ = kPadding;
};

/// Of a map whose values below 0 say as much as those above.
void write_signed(Panel& panel, const MapExtent& extent, const OverlayOptions& options) {
  panel.pair("Largest cell", signed_number(extent.largest), 14, 14, kText2, kText1, Weight::kRegular);
  panel.pair("Smallest cell", signed_number(extent.smallest), 14, 14, kText2, kText1, Weight::kRegular);
  panel.skip(8);
  const double size = std::max(std::abs(extent.largest), std::abs(extent.smallest));
  panel.paragraph("Orange raises the output, blue lowers it.", 14, kText1);
  if (size < kInvisibleBelow * options.scale) {
    panel.paragraph("Too weak to be drawn on this scale.", 14, kText1);
  } else {
    panel.paragraph(fmt::format("Nothing is drawn between {} and {}.", signed_number(-kInvisibleBelow * options.scale),
                                signed_number(kInvisibleBelow * options.scale)),
                    13, kText3);
  }
  if (size > options.scale) panel.paragraph("The bar ends before the strongest cells: beyond it they look the same.", 13, kText3);
}

/// What the map as a whole says, in words: most of all when there is nothing to see.
void write_evidence(Panel& panel, const MapExtent& extent, const OverlayOptions& options) {
  if (options.style == OverlayStyle::kSigned) return write_signed(panel, extent, options);
  const float largest = extent.largest;
  if (largest <= 0) {
    panel.skip(8);
    panel.line_of_text("no positive evidence", 18, kText1, Weight::kMedium);
    panel.skip(4);
    panel.paragraph("No cell speaks for this class, so nothing is drawn.", 14, kText2);
    return;
  }
  panel.pair("Largest cell", signed_number(largest), 14, 14, kText2, kText1, Weight::kRegular);
  panel.skip(8);
  if (largest < kInvisibleBelow * options.scale) {
    panel.paragraph("Too weak to be drawn on this scale.", 14, kText1);
  } else if (options.style == OverlayStyle::kFilled) {
    panel.paragraph(fmt::format("Nothing is drawn below {}.",
                                signed_number(kInvisibleBelow * options.scale)),
                    13, kText3);
  } else {
    panel.paragraph("Outlines at the marks of the bar. Dashed: as much against the class.", 13,
                    kText3);
  }
  if (largest > options.scale) {
    panel.paragraph(fmt::format("The bar ends at {}: larger cells look the same.",
                                signed_number(options.scale)),
                    13, kText3);
  }
}

void write_head(Panel& panel, const OverlayCaption& caption) {
  panel.line_of_text("Case", 13, kText3);
  panel.line_of_text(caption.case_name, 22, kText1, Weight::kMedium);
  panel.skip(12);
  panel.rule();
  panel.skip(12);
  panel.pair(caption.class_name, signed_number(caption.output), 18, 28, kText1, kText1);
  std::string judged;
  if (caption.score) {
    judged = fmt::format("score {:.2f}", *caption.score);
    if (caption.threshold) {
      judged += fmt::format(", {} {:.2f}",
                            *caption.score >= *caption.threshold ? "at or above threshold"
                                                                 : "below threshold",
                            *caption.threshold);
    }
  }
  panel.pair(judged, caption.output_name, 13, 13, kText2, kText2, Weight::kRegular);
}

}  // namespace

std::string signed_number(double value) {
  const double size = std::abs(value);
  std::string digits = fmt::format("{:.2f}", size);
  if (size > 0 && size < 0.1) {
    const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(size))), 2, 9);
    digits = size < 1e-6 ? fmt::format("{:.0e}", size) : fmt::format("{:.{}f}", size, decimals);
  }
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  return (is_zero ? "" : value < 0 ? "−" : "+") + digits;
}

RgbImage render_overlay(const Plane& film, double aspect, const Plane& map,
                        const Affine& map_to_picture, const OverlayOptions& options,
                        const OverlayCaption& caption, Font& font) {
  const FilmPlace place =
      place_film(film.rows, film.cols, aspect, options.least_side, options.most_side);
  RgbImage shown = render_film(film, place);
  lay_over(shown, map_on_screen(map, map_to_picture, place), options);
  return with_panel(shown, extent_of(map), options, caption, font);
}

RgbImage with_panel(const RgbImage& shown, const MapExtent& extent, const OverlayOptions& options,
                    const OverlayCaption& caption, Font& font) {
  const int height = std::max(shown.rows + 2 * kFilmMargin, kLeastHeight);
  const int left = shown.cols + 2 * kFilmMargin;  // of the panel
  RgbImage image = make_canvas(height, left + kPanelWidth, kBlack);
  paste(image, shown, (height - shown.rows) / 2, kFilmMargin);
  fill_rectangle(image, 0, left, height, kPanelWidth, kPanel);
  fill_rectangle(image, 0, left, height, 1, kLine);

  Panel panel(image, left + kPadding, font);
  write_head(panel, caption);
  panel.skip(24);
  panel.rule();
  panel.skip(16);
  panel.line_of_text(caption.map_meaning + ", per cell", 14, kText2);
  panel.skip(8);
  panel.colour_bar(options.scale, options.style == OverlayStyle::kSigned);
  panel.skip(8);
  write_evidence(panel, extent, options);
  if (!caption.scale_note.empty()) panel.paragraph(caption.scale_note, 13, kText3);
  for (const std::string& note : caption.notes) panel.paragraph(note, 13, kText2);
  if (!caption.sentence.empty()) {
    panel.skip(12);
    panel.rule();
    panel.skip(12);
    panel.line_of_text("In concepts", 13, kText3);
    panel.paragraph(caption.sentence, 15, kText1);
  }

  struct Fact {
    const char* name;
    const std::string& value;
  };
  const Fact facts[] = {
      {"Method", caption.method}, {"Layer", caption.layer}, {"Model", caption.model}};
  int n_facts = 0;
  for (const Fact& fact : facts) n_facts += fact.value.empty() ? 0 : 1;
  panel.go_to(std::max(panel.row() + 16, height - kPadding - 21 * n_facts - 17));
  panel.rule();
  panel.skip(16);
  for (const Fact& fact : facts) {
    if (!fact.value.empty()) panel.pair(fact.name, fact.value, 13, 13, kText3, kText2, Weight::kRegular);
  }
  return image;
}

}  // namespace rationale
