// What this process's LibTorch is and uses: version, threads, BLAS, devices.
#pragma once

#include <string>

namespace rationale::explain {

/// "1.13.0" or "2.6.0": the version compiled against.
std::string torch_version();

/// Sets the threads of LibTorch once, in `main`. @param n  0 = one for each processor
void set_threads(int n);

/// Makes results repeatable to the byte: deterministic kernels, no autotuning, one seed.
void make_deterministic();

}  // namespace rationale::explain
