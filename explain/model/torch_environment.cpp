#include "explain/model/torch_environment.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <thread>

#include "explain/torch.h"

namespace rationale::explain {

std::string torch_version() { return TORCH_VERSION; }

void set_threads(int n) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  at::set_num_threads(n > 0 ? n : (all > 0 ? all : 1));
}

void make_deterministic() {
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);
  torch::manual_seed(0);
}

}  // namespace rationale::explain
