// Looks at a TorchScript file as a zip archive, before LibTorch reads (and thereby runs part of)
// it.
#pragma once

#include <filesystem>

namespace rationale::explain::torchscript {

/// Reading a TorchScript file already runs code: a class with `__setstate__` and custom C++ classes
/// are called while objects are restored. So this comes first.
/// @throws Error (kInput): no zip archive, no TorchScript in it, a compressed part that unpacks to
/// more than
///         256 MB, tensors that are not stored plainly, pickles that say more than their parts hold
///         (torchscript_pickle.h); code "operator_not_allowed" for `__setstate__` and for custom C++
///         classes
void check_archive(const std::filesystem::path& file);

}  // namespace rationale::explain::torchscript
