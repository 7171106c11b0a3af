// NumPy's .npy files, version 1, little endian, C order.
// Source: numpy.lib.format ("NPY format", version 1.0); versions 2 and 3 are read too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "data/arrays/array.h"

namespace rationale {

/// What a file may hold; bool and (u)int8 are read as uint8_t / int8_t.
using AnyArray =
    std::variant<Array<float>, Array<double>, Array<std::uint8_t>, Array<std::int8_t>,
                 Array<std::int16_t>, Array<std::uint16_t>, Array<std::int32_t>,
                 Array<std::uint32_t>, Array<std::int64_t>>;

/// @throws Error (kInput) on a malformed header, big endian or Fortran order data, a size that does not
///         match the shape, or a data type that is not in AnyArray
AnyArray read_npy(const std::filesystem::path& path);
AnyArray parse_npy(std::string_view bytes, const std::string& name_for_errors);

/// Any of the types, converted. Floats must be finite (NaN and Inf are refused: they would spread).
/// @throws Error (kInput) as read_npy
FloatArray read_npy_float(const std::filesystem::path& path);
DoubleArray read_npy_double(const std::filesystem::path& path);
/// @throws Error (kInput) if a value is not a whole number
Array<std::int64_t> read_npy_integer(const std::filesystem::path& path);

/// Whole or not at all. @throws Error (kEnvironment)
void write_npy(const std::filesystem::path& path, const Array<float>& array);
void write_npy(const std::filesystem::path& path, const Array<double>& array);
void write_npy(const std::filesystem::path& path, const Array<std::uint8_t>& array);
void write_npy(const std::filesystem::path& path, const Array<std::int32_t>& array);
void write_npy(const std::filesystem::path& path, const Array<std::int64_t>& array);

}  // namespace rationale
