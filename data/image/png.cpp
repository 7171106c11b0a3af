#include "data/image/png.h"

#include <fmt/format.h>
#include <png.h>

#include <cassert>
#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <vector>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/luma.h"

namespace rationale {
namespace {

constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 28;

[[noreturn]] void refuse(const std::string& what, const std::string& name,
                         const std::string& remedy = "") {
  throw Error(Error::Kind::kInput, what, name, remedy).with_code("bad_png");
}

/// What libpng's callbacks share with us. libpng reports errors by longjmp, so the functions
/// between setjmp and longjmp hold nothing that has a destructor.
struct Source {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  std::size_t at = 0;
  char message[200] = "";
};

void read_bytes(png_structp png, png_bytep out, std::size_t n) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (n > source->size - source->at) png_error(png, "the file is cut off");
  std::memcpy(out, source->bytes + source->at, n);
  source->at += n;
}

void on_error(png_structp png, png_const_charp message) {
  auto* text = static_cast<char*>(png_get_error_ptr(png));
  std::strncpy(text, message, 199);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

struct Header {
  png_uint_32 cols = 0, rows = 0;
  int bits = 0;      // 8 or 16, after expansion
  int channels = 0;  // 1 to 4
};

bool read_header(png_structp png, png_infop info, Header& header) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_info(png, info);
  const int colour = png_get_color_type(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_swap(png);  // 16-bit samples in this machine's order (little endian, see data/arrays)
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  header.cols = png_get_image_width(png, info);
  header.rows = png_get_image_height(png, info);
  header.bits = png_get_bit_depth(png, info);
  header.channels = png_get_channels(png, info);
  return true;
}

bool read_rows(png_structp png, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name) : name_(name) {
    source_.bytes = reinterpret_cast<const unsigned char*>(bytes.data());
    source_.size = bytes.size();
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, source_.message, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw Error(Error::Kind::kEnvironment, "libpng could not be started", "", "");
    }
    png_set_read_fn(png_, &source_, read_bytes);
    png_set_user_limits(png_, 1 << 20, 1 << 20);
    png_set_chunk_malloc_max(png_, 8 << 20);
    png_set_chunk_cache_max(png_, 64);
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Header header() {
    Header header;
    if (!read_header(png_, info_, header)) fail();
    return header;
  }

  void rows(std::vector<png_bytep>& rows) {
    if (!read_rows(png_, rows.data())) fail();
  }

 private:
  [[noreturn]] void fail() {
    refuse(fmt::format("the PNG file is damaged: {}", source_.message), name_,
           "export or copy it again");
  }

  std::string name_;
  Source source_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

template <typename T>
void take_samples(const std::vector<unsigned char>& bytes, int channels, Picture& picture,
                  Colour colour, const std::string& name) {
  const std::size_t n = picture.stored.size();
  const auto step = static_cast<std::size_t>(channels);
  const bool has_alpha = channels == 2 || channels == 4;
  constexpr T kOpaque = static_cast<T>(~T{0});
  std::vector<T> pixel(step);
  bool has_colour = false;
  for (std::size_t i = 0; i < n; ++i) {
    std::memcpy(pixel.data(), bytes.data() + i * step * sizeof(T), step * sizeof(T));
    const bool is_coloured = step >= 3 && (pixel[0] != pixel[1] || pixel[0] != pixel[2]);
    if (is_coloured && colour == Colour::kRefuse) {
      refuse(fmt::format("a colour picture (row {}, column {})",
                         i / static_cast<std::size_t>(picture.cols),
                         i % static_cast<std::size_t>(picture.cols)),
             name, "make it grey knowingly (rationale image FILE --colour grey --png OUT.png) and use OUT.png");
    }
    if (has_alpha && pixel[step - 1] != kOpaque) {
      refuse("a picture with transparent pixels", name, "flatten it to plain grey");
    }
    picture.stored[i] = is_coloured ? luma(pixel[0], pixel[1], pixel[2]) : std::int32_t{pixel[0]};
    has_colour |= is_coloured;
  }
  if (has_colour) picture.warnings.push_back("a colour picture (RGB) was made grey, as asked for");
}

struct Sink {
  std::string bytes;
  char message[200] = "";
};

void append_bytes(png_structp png, png_bytep data, std::size_t n) {
  // An exception must not pass through C: out of memory becomes libpng's own error.
  bool is_done = true;
  try {
    static_cast<Sink*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<const char*>(data), n);
  } catch (...) {
    is_done = false;
  }
  if (!is_done) png_error(png, "out of memory");
}

void flush_nothing(png_structp) {}

bool write_rows(png_structp png, png_infop info, int rows, int cols, int bits, int colour,
                png_bytepp data) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_IHDR(png, info, static_cast<png_uint_32>(cols), static_cast<png_uint_32>(rows), bits,
               colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (bits == 16) png_set_swap(png);
  png_write_image(png, data);
  png_write_end(png, nullptr);
  return true;
}

std::string encode(int rows, int cols, int bits, int colour, const unsigned char* bytes,
                   std::size_t row_bytes) {
  assert(rows > 0 && cols > 0);
  Sink sink;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, sink.message, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  std::vector<png_bytep> lines;
  for (int r = 0; r < rows; ++r) {
    // libpng does not write through it; its interface is older than const.
    lines.push_back(const_cast<png_bytep>(bytes + static_cast<std::size_t>(r) * row_bytes));
  }
  bool is_done = false;
  if (info != nullptr) {
    png_set_write_fn(png, &sink, append_bytes, flush_nothing);
    is_done = write_rows(png, info, rows, cols, bits, colour, lines.data());
  }
  png_destroy_write_struct(&png, &info);
  if (!is_done) {
    throw Error(Error::Kind::kEnvironment, fmt::format("cannot make a PNG: {}", sink.message));
  }
  return std::move(sink.bytes);
}

}  // namespace

bool is_png(std::string_view bytes) {
  return bytes.substr(0, 8) == std::string_view("\x89PNG\r\n\x1a\n", 8);
}

Picture parse_png(std::string_view bytes, const std::string& name, Colour colour) {
  if (!is_png(bytes)) refuse("not a PNG file", name);
  Reader reader(bytes, name);
  const Header header = reader.header();
  const std::uint64_t n_pixels = std::uint64_t{header.cols} * header.rows;
  if (n_pixels > kMaxPixels) {
    refuse(fmt::format("{} x {} pixels are too many", header.rows, header.cols), name,
           "give a picture of at most 2^28 pixels");
  }
  const std::size_t row_bytes = std::size_t{header.cols} *
                                static_cast<std::size_t>(header.channels) *
                                static_cast<std::size_t>(header.bits / 8);
  std::vector<unsigned char> samples(row_bytes * header.rows);
  std::vector<png_bytep> rows(header.rows);
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = samples.data() + r * row_bytes;
  reader.rows(rows);

  Picture picture;
  picture.rows = static_cast<int>(header.rows);
  picture.cols = static_cast<int>(header.cols);
  picture.stored.resize(static_cast<std::size_t>(n_pixels));
  if (header.bits == 16) {
    take_samples<std::uint16_t>(samples, header.channels, picture, colour, name);
  } else {
    take_samples<std::uint8_t>(samples, header.channels, picture, colour, name);
  }
  picture.bits_stored = header.bits;
  const double n_values = header.bits == 16 ? 65536 : 256;
  picture.windows = {{n_values / 2, n_values, WindowFunction::kLinear, "whole range"}};
  picture.format = "png";
  picture.photometric = "MONOCHROME2";
  return picture;
}

Picture read_png(const std::filesystem::path& path, Colour colour) {
  return parse_png(read_file(path), path.string(), colour);
}

std::string encode_png_grey8(int rows, int cols, std::span<const std::uint8_t> values) {
  assert(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  return encode(rows, cols, 8, PNG_COLOR_TYPE_GRAY, values.data(), static_cast<std::size_t>(cols));
}

std::string encode_png_grey16(int rows, int cols, std::span<const std::uint16_t> values) {
  assert(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  return encode(rows, cols, 16, PNG_COLOR_TYPE_GRAY,
                reinterpret_cast<const unsigned char*>(values.data()),
                2 * static_cast<std::size_t>(cols));
}

std::string encode_png_rgb8(int rows, int cols, std::span<const std::uint8_t> values) {
  assert(values.size() == 3 * static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  return encode(rows, cols, 8, PNG_COLOR_TYPE_RGB, values.data(),
                3 * static_cast<std::size_t>(cols));
}

void write_png_grey8(const std::filesystem::path& path, int rows, int cols,
                     std::span<const std::uint8_t> values) {
  write_file(path, encode_png_grey8(rows, cols, values));
}

void write_png_grey16(const std::filesystem::path& path, int rows, int cols,
                      std::span<const std::uint16_t> values) {
  write_file(path, encode_png_grey16(rows, cols, values));
}

void write_png_rgb8(const std::filesystem::path& path, int rows, int cols,
                    std::span<const std::uint8_t> values) {
  write_file(path, encode_png_rgb8(rows, cols, values));
}

}  // namespace rationale
