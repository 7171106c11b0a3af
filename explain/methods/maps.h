// Every method by its name: what `rationale heatmap --method` computes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "explain/model/split_model.h"

namespace rationale::explain {

/// How transformer tokens [N,T,C] lie in space: the first `prefix` are no places, the rest fill a
/// rows x columns grid row by row → [N,C,rows,columns].
struct TokenGrid {
  std::int64_t prefix = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// "tokens:PREFIX:ROWSxCOLS". @throws Error (kUsage) for anything else
TokenGrid parse_token_grid(const std::string& text);

/// [N,T,C] → [N,C,rows,columns]; without a grid the tensor as it is.
/// @throws Error (kInput) if the tokens are not prefix + rows x columns, or tokens come without a
/// grid
at::Tensor to_places(const at::Tensor& tensor, const std::optional<TokenGrid>& grid);

struct MapRequest {
  std::string method;
  std::vector<Target> targets;  ///< one or more, save for `output` and `activation`
  std::optional<TokenGrid> grid;
  Shape input_size;  ///< (D,)H,W, for `grad_cam_up`; filled in by the second compute_maps
};

/// The names that compute_maps knows.
const std::vector<std::string>& method_names();
/// @throws Error (kUsage) with near names
void check_method(const std::string& name);

/// @return  raw, signed, native resolution, float32: for one target what the method defines (maps
/// [N,*S],
///          values [N], activations and gradients [N,C,*S]), for K targets with K as the second
///          axis
/// @throws Error  kUsage: unknown method or class; kInput: shapes that do not fit; kRefused: the
/// layer has no
///                places, or a value is not finite
FloatArray compute_maps(const SplitModel& model, const SplitRun& run, const MapRequest& request);

/// Runs `input` and then compute_maps.
FloatArray compute_maps(const SplitModel& model, const FloatArray& input,
                        const MapRequest& request);

}  // namespace rationale::explain
