// Lists that grow by append, as scripted DenseNets make them, without the growing.
#pragma once

#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// For a list made at top level that is only appended to, read, concatenated or stacked: each
/// append becomes a fresh list for what comes after it. LibTorch's own RemoveListMutation leaves a
/// list alone that is read between two appends.
void make_lists_pure(Graph& graph);

}  // namespace rationale::explain::torchscript
