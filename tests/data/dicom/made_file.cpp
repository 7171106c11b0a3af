#include "tests/data/dicom/made_file.h"

#include <string_view>

namespace rationale::test {
namespace {

void append16(std::string& bytes, std::uint32_t value) {
  bytes += static_cast<char>(value & 0xFF);
  bytes += static_cast<char>(value >> 8 & 0xFF);
}

void append32(std::string& bytes, std::uint32_t value) {
  append16(bytes, value & 0xFFFF);
  append16(bytes, value >> 16);
}

}  // namespace

std::string element(std::uint16_t group, std::uint16_t number, const char* vr, std::string value) {
  const std::string_view name(vr);
  if (value.size() % 2 == 1) value += name == "OB" || name == "UI" ? '\0' : ' ';
  std::string bytes;
  append16(bytes, group);
  append16(bytes, number);
  bytes += name;
  if (name == "OB" || name == "OW" || name == "OF" || name == "OD" || name == "SQ" ||
      name == "UN") {
    append16(bytes, 0);
    append32(bytes, static_cast<std::uint32_t>(value.size()));
  } else {
    append16(bytes, static_cast<std::uint32_t>(value.size()));
  }
  return bytes + value;
}

std::string us(std::uint16_t group, std::uint16_t number, std::uint16_t value) {
  std::string bytes;
  append16(bytes, value);
  return element(group, number, "US", bytes);
}

std::string implicit_header(std::uint16_t group, std::uint16_t number, std::uint32_t length) {
  std::string bytes;
  append16(bytes, group);
  append16(bytes, number);
  append32(bytes, length);
  return bytes;
}

std::string sequence(std::uint16_t group, std::uint16_t number,
                     const std::vector<std::string>& items) {
  std::string bytes;
  append16(bytes, group);
  append16(bytes, number);
  bytes += "SQ";
  append16(bytes, 0);
  append32(bytes, 0xFFFFFFFF);
  for (const std::string& item : items) {
    bytes += implicit_header(0xFFFE, 0xE000, static_cast<std::uint32_t>(item.size())) + item;
  }
  return bytes + implicit_header(0xFFFE, 0xE0DD, 0);
}

std::string dicom_file(const std::string& data_set, const std::string& transfer_syntax) {
  return std::string(128, '\0') + "DICM" + element(2, 0x10, "UI", transfer_syntax) + data_set;
}

std::string GreyFile::data_set() const {
  const auto number = [](int value) { return static_cast<std::uint16_t>(value); };
  return before + us(0x28, 2, 1) + element(0x28, 4, "CS", photometric) +
         us(0x28, 0x10, number(rows)) + us(0x28, 0x11, number(cols)) +
         us(0x28, 0x100, number(allocated)) + us(0x28, 0x101, number(stored)) +
         us(0x28, 0x102, number(high_bit)) + us(0x28, 0x103, number(representation)) + header +
         element(0x7FE0, pixel_element, pixel_vr, pixels);
}

std::string cells16(const std::vector<int>& values) {
  std::string bytes;
  for (const int value : values) append16(bytes, static_cast<std::uint32_t>(value) & 0xFFFF);
  return bytes;
}

}  // namespace rationale::test
