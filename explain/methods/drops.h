// How far the target falls when the activation is changed: the common work of ablation and occlusion.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// t(y) - t(y of variant i) for i = 0 … n - 1. Only the suffix runs, for many variants at once; the unchanged
/// activation runs beside them each time, so that what a kernel rounds cancels in the difference.
/// @param change  makes variant i of a copy of the activation [N,K,*S], in place; called from several threads
/// @return  [N,n] for each target; all targets share the runs
std::vector<at::Tensor> drops(const MethodCall& call, std::int64_t n,
                              const std::function<void(const at::Tensor& copy, std::int64_t i)>& change);

}  // namespace rationale::explain
