#include "explain/methods/pieces.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "data/base/interrupt.h"
#include "explain/methods/method_call.h"
#include "explain/model/torch_environment.h"

namespace rationale::explain {

void in_order(const MethodCall& call, std::int64_t n_pieces,
              const std::function<std::vector<at::Tensor>(std::int64_t)>& make,
              const std::function<void(std::int64_t, const std::vector<at::Tensor>&)>& take) {
  const std::int64_t at_once = call.activation().is_cpu() ? worker_count() : 1;
  for (std::int64_t first = 0; first < n_pieces; first += at_once) {
    check_interrupt();
    const auto n = static_cast<std::size_t>(std::min(at_once, n_pieces - first));
    std::vector<std::vector<at::Tensor>> results(n);
    std::vector<std::exception_ptr> failures(n);
    const auto work = [&](std::size_t i) {
      try {
        results[i] = make(first + static_cast<std::int64_t>(i));
      } catch (...) {
        failures[i] = std::current_exception();
      }
    };
    {
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < n; ++i) others.emplace_back(work, i);
      work(0);
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (failures[i]) std::rethrow_exception(failures[i]);
      take(first + static_cast<std::int64_t>(i), results[i]);
    }
    if (call.request.progress) {
      call.request.progress(static_cast<std::size_t>(first) + n, static_cast<std::size_t>(n_pieces));
    }
  }
}

std::int64_t variants_at_once(const at::Tensor& tensor) {
  constexpr std::int64_t kElements = 1 << 21;
  return std::clamp<std::int64_t>(kElements / std::max<std::int64_t>(tensor.numel(), 1), 1, 64);
}

}  // namespace rationale::explain
