#include "explain/model/torch_environment.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

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
  torch::manual_seed(0);
}

namespace {

/// The implementation behind a BLAS library, by a function that only it has: names and folders of files say little,
/// since alternatives and environment variables put one in the place of another.
std::string blas_kind(const std::string& library) {
  constexpr std::pair<const char*, const char*> kMarks[] = {
      {"openblas_get_config", "OpenBLAS"}, {"MKL_Get_Version", "MKL"},       {"bli_info_get_version_str", "BLIS"},
      {"ATL_buildinfo", "ATLAS"},          {"armpl_version", "Arm PL"},      {"nvpl_blas_get_version", "NVPL"}};
  void* handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return "unknown";
  std::string kind = "reference";
  for (const auto& [symbol, name] : kMarks) {
    if (dlsym(handle, symbol) != nullptr) kind = name;  // of the library or of what it needs
  }
  dlclose(handle);
  return kind;
}

}  // namespace

Blas find_blas() {
  Blas blas;
  Dl_info where{};
  if (void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_"); sgemm != nullptr && dladdr(sgemm, &where) != 0) {
    std::error_code failed;
    const auto path = std::filesystem::canonical(where.dli_fname, failed);
    blas.library = failed ? where.dli_fname : path.string();
    blas.kind = blas_kind(where.dli_fname);
  } else {
    blas.kind = "built into LibTorch";  // such as the MKL of pytorch.org's archives
  }
  blas.is_reference = blas.kind == "reference";
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
