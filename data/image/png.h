// PNG files: grey pictures in, grey and colour pictures out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "data/image/image.h"

namespace rationale {

/// True for bytes that begin with the PNG signature.
bool is_png(std::string_view bytes);

/// A grey PNG of 1 to 16 bits (below 8 expanded to 8). `stored` holds the raw samples; the one
/// window spans the whole range, so that a display is v / 255 or v / 65535. Gamma, colour profile
/// and text chunks are not read. Colour files are accepted only where R = G = B everywhere (or
/// made grey on request, data/image/luma.h) and alpha is opaque.
/// @throws Error (kInput) for damage, colour, transparency, or more than 2^28 pixels
Picture read_png(const std::filesystem::path& path, Colour colour = Colour::kRefuse);
Picture parse_png(std::string_view bytes, const std::string& name_for_errors, Colour colour = Colour::kRefuse);

/// One file, whole or not at all. No text chunks and no times are written: a picture must not say
/// more than it shows (a file name or a label would unblind a reader).
/// @param values  rows x cols (x 3: red, green, blue), row-major
/// @throws Error (kEnvironment)
void write_png_grey8(const std::filesystem::path& path, int rows, int cols,
                     std::span<const std::uint8_t> values);
void write_png_grey16(const std::filesystem::path& path, int rows, int cols,
                      std::span<const std::uint16_t> values);
void write_png_rgb8(const std::filesystem::path& path, int rows, int cols,
                    std::span<const std::uint8_t> values);

/// The same as bytes of a PNG file.
std::string encode_png_grey8(int rows, int cols, std::span<const std::uint8_t> values);
std::string encode_png_grey16(int rows, int cols, std::span<const std::uint16_t> values);
std::string encode_png_rgb8(int rows, int cols, std::span<const std::uint8_t> values);

}  // namespace rationale
