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

/// Pillow's BILINEAR for 8-bit grey, bit for bit: a triangle of half-width max(1, in/out),
/// horizontal pass first, rounded to 8 bits after each pass, weights in 22-bit fixed point. Source:
/// Pillow, src/libImaging/Resample.c.
/// @param values  rows x cols, row-major  @return  out_rows x out_cols
/// @pre all extents are positive
std::vector<std::uint8_t> pil_bilinear_u8(std::span<const std::uint8_t> values, int rows, int cols,
                                          int out_rows, int out_cols);

/// The same triangle without rounding, as ATen's _upsample_bilinear2d_aa (align_corners = false).
Plane bilinear_aa(const Plane& plane, int rows, int cols);

/// Mean over rows [floor(i in/out), ceil((i+1) in/out)) and columns alike, as ATen's
/// adaptive_avg_pool2d.
Plane area(const Plane& plane, int rows, int cols);

/// The pixel whose square holds the centre of the output pixel: floor((i + 0.5) in/out), as
/// Pillow's NEAREST and ATen's upsample_nearest_exact2d.
Plane nearest(const Plane& plane, int rows, int cols);

/// Bilinear between cell centres, clamped at the border, as ATen's upsample_bilinear2d with
/// align_corners = false. For maps, which grow; it aliases when shrinking.
Plane upsample_bilinear(const Plane& plane, int rows, int cols);

}  // namespace rationale
