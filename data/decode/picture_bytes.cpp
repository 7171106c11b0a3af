#include "data/decode/picture_bytes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "data/decode/archive.h"
#include "data/image/window.h"

namespace rationale {
namespace {

using archive::refuse;

// One list of fields for both directions, see archive.h.
template <typename Archive, typename T>
void window_fields(Archive& archive, T& window) {
  auto& [centre, width, function, explanation] = window;
  archive.value(centre);
  archive.value(width);
  archive.value(function);
  archive.text(explanation);
}

template <typename Archive, typename T>
void table_fields(Archive& archive, T& table) {
  auto& [first, bits, data] = table;
  archive.value(first);
  archive.value(bits);
  archive.list(data);
}

template <typename Archive, typename T>
void picture_fields(Archive& archive, T& picture) {
  auto& [rows, cols, stored, padding, slope, intercept, modality_lut, float_values, is_stored_signed,
         is_modality_signed, windows, voi_luts, is_inverted, is_monochrome1, spacing, bits_stored, frames, frame,
         format, photometric, transfer_syntax, view_position, is_lossy, warnings] = picture;
  archive.value(rows);
  archive.value(cols);
  archive.pixels(stored);
  archive.list(padding);
  archive.value(slope);
  archive.value(intercept);
  table_fields(archive, modality_lut);
  archive.list(float_values);
  archive.value(is_stored_signed);
  archive.value(is_modality_signed);
  archive.each(windows, [&](auto& one) { window_fields(archive, one); });
  archive.each(voi_luts, [&](auto& one) { table_fields(archive, one); });
  archive.value(is_inverted);
  archive.value(is_monochrome1);
  spacing_fields(archive, spacing);
  archive.value(bits_stored);
  archive.value(frames);
  archive.value(frame);
  archive.text(format);
  archive.text(photometric);
  archive.text(transfer_syntax);
  archive.text(view_position);
  archive.value(is_lossy);
  archive.each(warnings, [&](auto& one) { archive.text(one); });
}

void check_table(const LookupTable& table) {
  const bool is_sound = table.bits >= 1 && table.bits <= 16 && std::abs(table.first) <= std::int64_t{1} << 32;
  if (!table.data.empty() && !is_sound) refuse("a lookup table out of range");
}

void check(const Picture& p) {
  if (p.rows < 1 || p.cols < 1) refuse("it has no pixels");
  const std::uint64_t n = static_cast<std::uint64_t>(p.rows) * static_cast<std::uint64_t>(p.cols);
  const std::size_t values = p.float_values.empty() ? p.stored.size() : p.float_values.size();
  if (values != n || (!p.float_values.empty() && !p.stored.empty()) || (!p.padding.empty() && p.padding.size() != n)) {
    refuse("its size and its pixels differ");
  }
  if (!std::isfinite(p.slope) || !std::isfinite(p.intercept) || p.slope == 0) refuse("numbers out of range");
  archive::check_spacing(p.spacing);
  if (p.frame < 1 || p.frames < p.frame || p.bits_stored < 1 || p.bits_stored > 64) refuse("facts out of range");
  for (const Window& window : p.windows) {
    const bool is_known = window.function >= WindowFunction::kLinear && window.function <= WindowFunction::kSigmoid;
    if (!is_known || !is_valid_window(window)) refuse("a window out of range");
  }
  if (!std::all_of(p.float_values.begin(), p.float_values.end(), [](double v) { return std::isfinite(v); })) {
    refuse("pixel values that are not finite");
  }
  check_table(p.modality_lut);
  for (const LookupTable& table : p.voi_luts) check_table(table);
}

}  // namespace

std::string picture_bytes(const Picture& picture) {
  std::string bytes;
  bytes.reserve(picture.stored.size() * 2 + picture.padding.size() + picture.float_values.size() * 8 + 4096);
  archive::Writer writer(bytes);
  picture_fields(writer, picture);
  return bytes;
}

Picture picture_from_bytes(std::string_view bytes, const std::string& film) {
  try {
    Picture picture;
    archive::Reader reader(bytes);
    picture_fields(reader, picture);
    if (!reader.is_at_end()) refuse("more than a picture was sent");
    check(picture);
    return picture;
  } catch (const std::invalid_argument& wrong) {
    throw archive::forged_error("picture", wrong, film);
  }
}

}  // namespace rationale
