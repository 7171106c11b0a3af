#include "explain/model/torch_environment.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "explain/torch.h"

namespace rationale::explain {

std::string torch_version() { return TORCH_VERSION; }

namespace {

int workers = 1;

int threads_of(int n) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  return n > 0 ? n : (all > 0 ? all : 1);
}

}  // namespace

void set_threads(int n) {
  workers = 1;
  at::set_num_threads(threads_of(n));
}

void set_reproducible_threads(int n) {
  workers = threads_of(n);
  at::set_num_threads(1);
}

int worker_count() { return workers; }

void make_deterministic() {
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);
  // TensorFloat-32 keeps 10 bits of a float32's 23: maps would leave the CPU's by 1e-3.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  torch::manual_seed(0);
}

Blas find_blas() {
  Blas blas;
  Dl_info where{};
  if (void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_"); sgemm != nullptr && dladdr(sgemm, &where) != 0) {
    std::error_code failed;
    const auto path = std::filesystem::canonical(where.dli_fname, failed);
    blas.library = failed ? where.dli_fname : path.string();
  }
  // Debian's reference BLAS lies in …/blas/, OpenBLAS in …/openblas-pthread/ and the like.
  blas.is_reference = blas.library.find("/blas/libblas") != std::string::npos;
  const at::NoGradGuard no_graph;
  const at::Tensor a = at::ones({512, 512});
  at::mm(a, a);
  blas.matmul_512_ms = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    at::mm(a, a);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    blas.matmul_512_ms = std::min(blas.matmul_512_ms, taken.count());
  }
  if (blas.is_reference) {
    blas.warning = "this is the slow reference BLAS: install libopenblas0-pthread";
  } else if (blas.matmul_512_ms > 30) {
    blas.warning = fmt::format(
        "a 512 x 512 product took {:.0f} ms, 30 are many: install libopenblas0-pthread, or wait "
        "until the "
        "machine is less busy",
        blas.matmul_512_ms);
  }
  return blas;
}

int thread_count() { return std::max(workers, at::get_num_threads()); }

bool has_cuda() { return at::hasCUDA(); }

}  // namespace rationale::explain
