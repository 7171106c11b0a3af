#include "data/image/text.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "data/base/error.h"

namespace rationale {
namespace {

struct Files {
  const char *regular, *medium;
};

constexpr Files kKnown[] = {
    {"/usr/share/fonts/opentype/inter/Inter-Regular.otf",
     "/usr/share/fonts/opentype/inter/Inter-Medium.otf"},
    {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
    {"/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
     "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf"},
    {"/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf"},
};

/// Code points of UTF-8; a broken sequence becomes U+FFFD.
std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t value = length == 1 ? lead : lead & (0xffU >> (length + 1));
    bool is_sound = lead < 0x80 || (lead >= 0xc2 && lead < 0xf5 && i + length <= text.size());
    for (std::size_t k = 1; is_sound && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      is_sound = (next & 0xc0U) == 0x80;
      value = (value << 6) | (next & 0x3fU);
    }
    result.push_back(is_sound ? value : U'\ufffd');
    i += is_sound ? length : 1;
  }
  return result;
}

}  // namespace

struct Font::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (FT_Face face : faces) {
      if (face != nullptr) FT_Done_Face(face);
    }
    if (library != nullptr) FT_Done_FreeType(library);
  }

  bool open(const std::string& regular, const std::string& medium) {
    std::error_code ignored;
    if (!std::filesystem::exists(regular, ignored)) return false;
    if (FT_New_Face(library, regular.c_str(), 0, &faces[0]) != 0) return false;
    if (FT_New_Face(library, medium.c_str(), 0, &faces[1]) != 0) {
      FT_New_Face(library, regular.c_str(), 0, &faces[1]);
    }
    return faces[1] != nullptr;
  }

  FT_Face face(int size_px, Weight weight) {
    FT_Face chosen = faces[weight == Weight::kMedium ? 1 : 0];
    FT_Set_Pixel_Sizes(chosen, 0, static_cast<FT_UInt>(size_px));
    return chosen;
  }

  FT_Library library = nullptr;
  FT_Face faces[2] = {nullptr, nullptr};
};

Font::Font() : state_(std::make_unique<State>()) {
  if (FT_Init_FreeType(&state_->library) != 0) {
    throw Error(Error::Kind::kEnvironment, "FreeType does not start");
  }
  if (const char* chosen = std::getenv("RATIONALE_FONT"); chosen != nullptr) {
    if (state_->open(chosen, chosen)) return;
    throw Error(Error::Kind::kEnvironment, "the font cannot be read", chosen,
                "let RATIONALE_FONT name a TrueType or OpenType file");
  }
  for (const Files& files : kKnown) {
    if (state_->open(files.regular, files.medium)) return;
  }
  throw Error(Error::Kind::kEnvironment, "no font for the words on pictures was found", {},
              "install fonts-dejavu-core, or let RATIONALE_FONT name a font file")
      .with_code("no_font");
}

Font::~Font() = default;
Font::Font(Font&&) noexcept = default;

double Font::width(std::string_view text, int size_px, Weight weight) {
  FT_Face face = state_->face(size_px, weight);
  double sum = 0;
  for (const char32_t point : code_points(text)) {
    if (FT_Load_Char(face, point, FT_LOAD_NO_HINTING) == 0) {
      sum += static_cast<double>(face->glyph->linearHoriAdvance) / 65536;
    }
  }
  return sum;
}

void Font::draw(RgbImage& image, int row, double col, std::string_view text, int size_px,
                Rgb colour, Weight weight) {
  FT_Face face = state_->face(size_px, weight);
  for (const char32_t point : code_points(text)) {
    // Glyphs stand at quarter pixels: even spacing without hinting.
    FT_Vector shift{static_cast<FT_Pos>(std::lround((col - std::floor(col)) * 4) * 16), 0};
    FT_Set_Transform(face, nullptr, &shift);
    if (FT_Load_Char(face, point, FT_LOAD_RENDER | FT_LOAD_NO_HINTING) != 0) continue;
    const FT_GlyphSlot glyph = face->glyph;
    for (unsigned r = 0; r < glyph->bitmap.rows; ++r) {
      for (unsigned c = 0; c < glyph->bitmap.width; ++c) {
        const unsigned char covered =
            glyph->bitmap.buffer[static_cast<std::ptrdiff_t>(r) * glyph->bitmap.pitch +
                                 static_cast<std::ptrdiff_t>(c)];
        if (covered == 0) continue;
        blend(image, row - glyph->bitmap_top + static_cast<int>(r),
              static_cast<int>(std::floor(col)) + glyph->bitmap_left + static_cast<int>(c), colour,
              covered / 255.0);
      }
    }
    col += static_cast<double>(glyph->linearHoriAdvance) / 65536;
  }
  FT_Set_Transform(face, nullptr, nullptr);
}

std::string Font::shorten(const std::string& text, double most, int size_px, Weight weight) {
  if (width(text, size_px, weight) <= most) return text;
  const auto is_inside = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80;
  };
  for (std::size_t kept = text.size(); kept > 0; --kept) {
    std::size_t head = (kept + 1) / 2, tail = text.size() - kept / 2;
    while (head > 0 && is_inside(head)) --head;
    while (is_inside(tail)) ++tail;
    std::string shorter = text.substr(0, head) + "…" + text.substr(tail);
    if (width(shorter, size_px, weight) <= most) return shorter;
  }
  return "…";
}

}  // namespace rationale
