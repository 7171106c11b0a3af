#include "explain/model/pseudo_random.h"

#include "explain/torch.h"

namespace rationale::explain {

std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

double next_uniform(std::uint64_t& state) {
  return static_cast<double>(next_random(state) >> 11) * 0x1p-53;
}

at::Tensor pseudo_random(const Shape& shape, std::uint64_t seed) {
  at::Tensor result = at::empty(shape, at::kFloat);
  float* values = result.data_ptr<float>();
  for (std::int64_t i = 0; i < result.numel(); ++i) {
    double sum = 0;
    for (int k = 0; k < 4; ++k) sum += next_uniform(seed);
    values[i] = static_cast<float>((sum - 2) * 1.7320508075688772);
  }
  return result;
}

}  // namespace rationale::explain
