#include "data/decode/slice_bytes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

#include "data/decode/archive.h"

namespace rationale {
namespace {

using archive::refuse;

constexpr std::uint64_t kMostFrames = 65536;  // as slices_of

template <typename Archive, typename T>
void vector_fields(Archive& archive, T& vector) {
  bool is_there = vector.has_value();
  archive.value(is_there);
  if constexpr (!std::is_const_v<T>) {
    if (is_there) vector.emplace();
  }
  if (!is_there) return;
  for (auto& one : *vector) archive.value(one);
}

template <typename Archive, typename T>
void slice_fields(Archive& archive, T& slice) {
  auto& [file, frame, series, rows, cols, spacing, position, along_row, along_column] = slice;
  (void)file;
  archive.value(frame);
  archive.text(series);
  archive.value(rows);
  archive.value(cols);
  spacing_fields(archive, spacing);
  vector_fields(archive, position);
  vector_fields(archive, along_row);
  vector_fields(archive, along_column);
}

void check(const std::vector<Slice>& slices) {
  if (slices.empty()) refuse("there are none");
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const Slice& slice = slices[i];
    if (slice.frame != static_cast<int>(i) + 1) refuse("frames out of order");
    if (std::min(slice.rows, slice.cols) < 1 || std::max(slice.rows, slice.cols) > 65535) refuse("a size out of range");
    archive::check_spacing(slice.spacing);
    for (const std::optional<Vector3>& place : {slice.position, slice.along_row, slice.along_column}) {
      const auto is_finite = [](double v) { return std::isfinite(v); };
      if (place && !std::ranges::all_of(*place, is_finite)) refuse("a place out of range");
    }
  }
}

}  // namespace

std::string slice_bytes(const std::vector<Slice>& slices) {
  std::string bytes;
  archive::Writer writer(bytes);
  writer.each(slices, [&](const Slice& one) { slice_fields(writer, one); });
  return bytes;
}

std::vector<Slice> slices_from_bytes(std::string_view bytes, const std::filesystem::path& file) {
  try {
    std::vector<Slice> slices;
    archive::Reader reader(bytes);
    reader.each(slices, [&](Slice& one) { slice_fields(reader, one); }, kMostFrames);
    if (!reader.is_at_end()) refuse("more than slices was sent");
    check(slices);
    for (Slice& one : slices) one.file = file;
    return slices;
  } catch (const std::invalid_argument& wrong) {
    throw archive::forged_error("slices", wrong, file.string());
  }
}

}  // namespace rationale
