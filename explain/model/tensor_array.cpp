#include "explain/model/tensor_array.h"

#include <cstring>

#include "explain/torch.h"

namespace rationale::explain {

at::Tensor to_tensor(const FloatArray& array) {
  at::Tensor tensor = at::empty(array.shape, at::kFloat);
  if (!array.values.empty()) {
    std::memcpy(tensor.data_ptr<float>(), array.values.data(), array.values.size() * sizeof(float));
  }
  return tensor;
}

FloatArray to_array(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  FloatArray array{plain.sizes().vec(), {}};
  const float* values = plain.data_ptr<float>();
  array.values.assign(values, values + plain.numel());
  return array;
}

}  // namespace rationale::explain
