// The greyscale standard display function: which luminances the eye tells apart.
#pragma once

namespace rationale::study {

/// Luminance of the JND index j, in cd/m2 (DICOM PS3.14, section 7.1), with x = ln j:
///
///   log10 L(j) = (a + c x + e x^2 + g x^3 + m x^4) / (1 + b x + d x^2 + f x^3 + h x^4 + k x^5)
///
/// Indices between whole numbers are allowed. L(1) = 0.0500, L(1023) = 3993.3; strictly increasing.
/// @throws Error (kInput) unless 1 <= j <= 1023
double gsdf_luminance(double jnd_index);

}  // namespace rationale::study
