#include "data/arrays/npy.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"

namespace rationale {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory");

template <typename T>
constexpr const char* kType = nullptr;
template <>
constexpr const char* kType<float> = "<f4";
template <>
constexpr const char* kType<double> = "<f8";
template <>
constexpr const char* kType<std::uint8_t> = "|u1";
template <>
constexpr const char* kType<std::int32_t> = "<i4";
template <>
constexpr const char* kType<std::int64_t> = "<i8";

[[noreturn]] void refuse(const std::string& what, const std::string& name) {
  throw Error(Error::Kind::kInput, what, name,
              "write it with numpy.save(file, numpy.ascontiguousarray(array))")
      .with_code("bad_npy");
}

/// The text between `key` and the next comma or brace at its level, as in {'descr': '<f4', …}.
std::string_view header_value(std::string_view header, std::string_view key,
                              const std::string& name) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) refuse(fmt::format("the header has no {}", key), name);
  std::string_view rest = header.substr(at + key.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) refuse("the header is malformed", name);
  rest = trim(rest.substr(colon + 1));
  const std::size_t end = !rest.empty() && rest.front() == '(' ? rest.find(')') : rest.find(',');
  if (end == std::string_view::npos) refuse("the header is malformed", name);
  return rest.substr(0, end + (rest.front() == '(' ? 1 : 0));
}

template <typename T>
AnyArray take(Shape shape, std::string_view data, const std::string& name) {
  // 2^40 elements are more than any memory here; the bound also keeps the product from overflowing.
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && count > (std::int64_t{1} << 40) / extent)) {
      refuse("the shape is impossible", name);
    }
    count *= extent;
  }
  if (data.size() != static_cast<std::size_t>(count) * sizeof(T)) {
    refuse(fmt::format("the shape needs {} bytes of data, the file has {}",
                       static_cast<std::size_t>(count) * sizeof(T), data.size()),
           name);
  }
  Array<T> array{std::move(shape), std::vector<T>(static_cast<std::size_t>(count))};
  if (count > 0) std::memcpy(array.values.data(), data.data(), data.size());
  return array;
}

template <typename To>
Array<To> convert(const AnyArray& any, const std::string& name) {
  return std::visit(
      [&](const auto& array) {
        Array<To> result{array.shape, {}};
        result.values.reserve(array.values.size());
        for (const auto value : array.values) {
          if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(value)>>) {
            if (!std::isfinite(value)) {
              refuse(fmt::format("value {} of the array is not finite", result.values.size()), name);
            }
            if constexpr (std::is_integral_v<To>) {
              if (value != std::floor(value) || std::fabs(value) > 9e15) {
                refuse("whole numbers are needed here", name);
              }
            }
          }
          result.values.push_back(static_cast<To>(value));
        }
        return result;
      },
      any);
}

template <typename T>
void write(const std::filesystem::path& path, const Array<T>& array) {
  std::string shape;
  for (const std::int64_t extent : array.shape) shape += fmt::format("{}, ", extent);
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  if (array.shape.size() == 1) shape.resize(shape.size() - 1);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   kType<T>, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(array.values.data()), array.values.size() * sizeof(T));
  write_file(path, bytes);
}

}  // namespace

AnyArray parse_npy(std::string_view bytes, const std::string& name) {
  if (bytes.size() < 12 || bytes.substr(0, 6) != std::string_view("\x93NUMPY", 6)) {
    refuse("not a .npy file", name);
  }
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
  const std::size_t prefix = byte(6) == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (prefix == 12) length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() < prefix + length) refuse("the header is cut off", name);
  const std::string_view header = bytes.substr(prefix, length);
  const std::string_view data = bytes.substr(prefix + length);

  if (header_value(header, "'fortran_order'", name) != "False") {
    refuse("Fortran order is not read", name);
  }
  Shape shape;
  std::string_view extents = header_value(header, "'shape'", name);
  if (extents.size() < 2 || extents.front() != '(') refuse("the shape is malformed", name);
  for (const std::string& part : split(extents.substr(1, extents.size() - 2), ',')) {
    if (trim(part).empty()) continue;
    const auto extent = parse_integer(part);
    if (!extent || shape.size() > 32) refuse("the shape is malformed", name);
    shape.push_back(*extent);
  }
  std::string_view type = header_value(header, "'descr'", name);
  if (type.size() >= 2) type = type.substr(1, type.size() - 2);  // quotes
  if (type == "<f4") return take<float>(shape, data, name);
  if (type == "<f8") return take<double>(shape, data, name);
  if (type == "|u1" || type == "|b1") return take<std::uint8_t>(shape, data, name);
  if (type == "|i1") return take<std::int8_t>(shape, data, name);
  if (type == "<i2") return take<std::int16_t>(shape, data, name);
  if (type == "<u2") return take<std::uint16_t>(shape, data, name);
  if (type == "<i4") return take<std::int32_t>(shape, data, name);
  if (type == "<u4") return take<std::uint32_t>(shape, data, name);
  if (type == "<i8") return take<std::int64_t>(shape, data, name);
  refuse(fmt::format("the data type {} is not read", type), name);
}

AnyArray read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path, std::size_t{1} << 36), path.string());
}

FloatArray read_npy_float(const std::filesystem::path& path) {
  return convert<float>(read_npy(path), path.string());
}
DoubleArray read_npy_double(const std::filesystem::path& path) {
  return convert<double>(read_npy(path), path.string());
}
Array<std::int64_t> read_npy_integer(const std::filesystem::path& path) {
  return convert<std::int64_t>(read_npy(path), path.string());
}

void write_npy(const std::filesystem::path& path, const Array<float>& a) { write(path, a); }
void write_npy(const std::filesystem::path& path, const Array<double>& a) { write(path, a); }
void write_npy(const std::filesystem::path& path, const Array<std::uint8_t>& a) { write(path, a); }
void write_npy(const std::filesystem::path& path, const Array<std::int32_t>& a) { write(path, a); }
void write_npy(const std::filesystem::path& path, const Array<std::int64_t>& a) { write(path, a); }

}  // namespace rationale
