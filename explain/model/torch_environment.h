// What this process's LibTorch is and uses: version, threads, BLAS, devices.
#pragma once

#include <string>

namespace rationale::explain {

/// "1.13.0" or "2.6.0": the version compiled against.
std::string torch_version();

/// Sets the threads of LibTorch once, in `main`. @param n  0 = one for each processor
void set_threads(int n);

/// For results that do not depend on the number of threads: one inside LibTorch, because some of its sums depend
/// on how many there are, and `n` for independent pieces of work (worker_count). @param n  0 = one for each processor
void set_reproducible_threads(int n);

/// How many pieces of work may run at once: 1 after set_threads.
int worker_count();

/// Makes results repeatable to the byte: deterministic kernels, no autotuning, one seed.
void make_deterministic();

/// The library that multiplies matrices for LibTorch. Transformers, 3-D networks and float64 checks
/// live on it: the reference implementation is 3 to 20 times slower.
struct Blas {
  std::string library;  ///< resolved path; empty if LibTorch calls none from outside
  std::string kind;     ///< "OpenBLAS", "MKL", …, "reference", "built into LibTorch" or "unknown"
  bool is_reference = false;
  double matmul_512_ms = 0;  ///< best of three float32 products of 512 x 512
  std::string warning;       ///< empty, or what to install
};
Blas find_blas();

int thread_count();
bool has_cuda();

}  // namespace rationale::explain
