// Between our arrays and LibTorch's tensors.
#pragma once

#include "data/arrays/array.h"

namespace at {
class Tensor;
}

namespace rationale::explain {

/// A copy, float32 on the CPU.
at::Tensor to_tensor(const FloatArray& array);
/// A copy, converted to float32, from any device and layout.
FloatArray to_array(const at::Tensor& tensor);

}  // namespace rationale::explain
