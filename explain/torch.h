// The only file that includes LibTorch's headers. Include it from .cpp files only: it costs each 11 s.
#pragma once

#pragma push_macro("CHECK")  // glog, inside LibTorch, would replace Catch2's CHECK
#undef CHECK
#include <ATen/core/ivalue.h>  // first: clang in C++20 mode fails otherwise

#include <torch/script.h>
#undef CHECK
#pragma pop_macro("CHECK")
