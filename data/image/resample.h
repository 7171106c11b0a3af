// Resizing: the filters a model may have been trained with, and half-pixel upsampling of maps.
//
// A wrong filter moves logits by several units (docs/model-card.md), so each one is held to the
// program that users train with, by golden vectors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/image/image.h"

namespace rationale {

enum class PilFilter {
  kBilinear,  ///< triangle of half-width 1
  kBicubic,   ///< cubic convolution with a = -1/2, half-width 2
  kLanczos    ///< sinc(x) sinc(x/3), half-width 3
};

/// Pillow's resize of an 8-bit grey picture, bit for bit: the filter's half-width times max(1, in/out), horizontal
/// pass first, rounded to 8 bits after each pass, weights in 22-bit fixed point. Source: Pillow,
/// src/libImaging/Resample.c.
/// @param values  rows x cols, row-major  @return  out_rows x out_cols
/// @pre all extents are positive
std::vector<std::uint8_t> pil_resize_u8(std::span<const std::uint8_t> values, int rows, int cols, int out_rows,
                                        int out_cols, PilFilter filter);

/// The same triangle and cubic without rounding, as ATen's _upsample_bilinear2d_aa and _upsample_bicubic2d_aa
/// (align_corners = false).
Plane bilinear_aa(const Plane& plane, int rows, int cols);
Plane bicubic_aa(const Plane& plane, int rows, int cols);

/// Bilinear between pixel centres, clamped at the border, as ATen's upsample_bilinear2d with align_corners = false and
/// OpenCV's INTER_LINEAR. For maps, which grow; it aliases when shrinking.
Plane upsample_bilinear(const Plane& plane, int rows, int cols);

/// Mean over rows [floor(i in/out), ceil((i+1) in/out)) and columns alike, as ATen's adaptive_avg_pool2d and
/// interpolate(mode="area").
Plane area(const Plane& plane, int rows, int cols);

/// The pixel whose square holds the centre of the output pixel, floor((i + 0.5) in/out). Where that centre lies between
/// two pixels rounding decides, and the two programs round differently: `nearest` is ATen's upsample_nearest_exact2d,
/// `pil_nearest` Pillow's NEAREST, both to the bit.
Plane nearest(const Plane& plane, int rows, int cols);
Plane pil_nearest(const Plane& plane, int rows, int cols);

/// floor(i in/out), as ATen's interpolate(mode="nearest") and OpenCV's INTER_NEAREST: up to half an output pixel beside.
Plane nearest_floor(const Plane& plane, int rows, int cols);

}  // namespace rationale
