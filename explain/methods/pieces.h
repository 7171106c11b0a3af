// Long work in pieces of a fixed size: neither the number of threads nor what else is computed changes a result.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace at {
class Tensor;
}

namespace rationale::explain {

struct MethodCall;

/// Calls make(i) for i = 0 … n - 1, several at once where worker_count() allows, and take(i, result) in the order
/// of i on this thread. Tells the call's progress; stops at Ctrl-C.
/// @throws what make and take throw, the earliest piece's first
void in_order(const MethodCall& call, std::int64_t n_pieces,
              const std::function<std::vector<at::Tensor>(std::int64_t)>& make,
              const std::function<void(std::int64_t, const std::vector<at::Tensor>&)>& take);

/// How many variants of `tensor` are computed at once: about 8 MB of them, at most 64.
std::int64_t variants_at_once(const at::Tensor& tensor);

}  // namespace rationale::explain
