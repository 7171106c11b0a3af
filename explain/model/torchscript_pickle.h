// Reads the pickles of a TorchScript file without making anything of them. LibTorch's own reader trusts them: it
// takes a tensor's length from the pickle though the part that holds its numbers is shorter, and a size that lies
// beyond both, and so would read and write other memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rationale::explain::torchscript {

/// How many bytes the part "data/KEY" or "constants/KEY" has; nothing if there is none.
using PartSize = std::function<std::optional<std::uint64_t>(const std::string& key)>;

/// Holds a pickle against what torch.jit.save writes (protocol 2): its operations, well formed; classes of the
/// file's own code, tensors that lie within their part, plain lists, numbers and text; nested at most 64 deep.
/// @param part   data.pkl or constants.pkl, for messages
/// @throws Error (kInput): "operator_not_allowed" for what may not be made (custom C++ classes, sparse and
///               quantised tensors, remote references), else "not_torchscript"
void check_pickle(std::string_view bytes, const std::string& part, const PartSize& size_of, const std::string& where);

}  // namespace rationale::explain::torchscript
