// Small DICOM files made byte by byte, so that a test says exactly what stands in them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rationale::test {

/// One element: explicit little endian, its value padded to even length.
std::string element(std::uint16_t group, std::uint16_t number, const char* vr, std::string value);
std::string us(std::uint16_t group, std::uint16_t number, std::uint16_t value);
/// A sequence of undefined length; each text is the elements of one item.
std::string sequence(std::uint16_t group, std::uint16_t number,
                     const std::vector<std::string>& items);
/// Implicit little endian, any length (0xFFFFFFFF = undefined).
std::string implicit_header(std::uint16_t group, std::uint16_t number, std::uint32_t length);

/// Preamble, meta group and the data set's bytes.
std::string dicom_file(const std::string& data_set,
                       const std::string& transfer_syntax = "1.2.840.10008.1.2.1");

/// What a grey picture needs; groups 0008 to 0028 before, pixel data last.
struct GreyFile {
  int rows = 1, cols = 2;
  int allocated = 16, stored = 16, high_bit = 15, representation = 0;
  std::string photometric = "MONOCHROME2";
  std::string before;  ///< elements in front of group 0028
  std::string header;  ///< further elements of group 0028 and later
  std::string pixels;  ///< the value's bytes
  const char* pixel_vr = "OW";
  std::uint16_t pixel_element = 0x10;  ///< of group 7FE0; 8 and 9: float pixels

  std::string data_set() const;
  std::string bytes() const { return dicom_file(data_set()); }
};

/// 16-bit cells, little endian.
std::string cells16(const std::vector<int>& values);

}  // namespace rationale::test
