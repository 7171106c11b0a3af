#include "data/dicom/lookup_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace rationale {
namespace {

/// The descriptor's "first value mapped" is US or SS: it has the sign of the table's input.
std::int64_t first_mapped(std::uint16_t raw, bool is_input_signed) {
  return is_input_signed && raw > 32767 ? std::int64_t{raw} - 65536 : std::int64_t{raw};
}

}  // namespace

LookupTable read_lookup_table(const Attributes& item, const LookupTableTags& tags, bool is_input_signed,
                              std::string& fault, std::vector<std::string>& warnings) {
  LookupTable table;
  const std::vector<std::uint16_t> descriptor = item.words(tags.descriptor);
  if (descriptor.size() != 3) {
    fault = "its descriptor has not three values";
    return table;
  }
  const std::size_t n = descriptor[0] == 0 ? 65536 : descriptor[0];
  table.first = first_mapped(descriptor[1], is_input_signed);
  table.bits = descriptor[2];
  if (table.bits < 1 || table.bits > 16) {
    fault = fmt::format("it has {} bits an entry", table.bits);
    return table;
  }
  std::vector<std::uint16_t> words = item.words(tags.data);
  if (words.empty()) {
    fault = "it has no data";
    return table;
  }
  // 8-bit entries may be packed, the first in the low byte; the length tells.
  if (words.size() < n && table.bits <= 8 && words.size() == (n + 1) / 2) {
    std::vector<std::uint16_t> unpacked;
    for (const std::uint16_t word : words) {
      unpacked.push_back(word & 0xFF);
      unpacked.push_back(static_cast<std::uint16_t>(word >> 8));
    }
    words = std::move(unpacked);
  }
  if (words.size() < n) {
    warnings.push_back(fmt::format("a lookup table says {} entries and has {}", n, words.size()));
  }
  words.resize(std::min(words.size(), n));
  table.data = std::move(words);
  return table;
}

}  // namespace rationale
