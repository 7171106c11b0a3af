// What a method is given by explain_maps; for the files of this folder.
#pragma once

#include <vector>

#include "explain/methods/maps.h"
#include "explain/torch.h"

namespace rationale::explain {

struct MethodCall {
  const SplitModel& model;
  const SplitRun& run;
  const MapRequest& request;
  MapResult& result;  ///< for facts and cautions; its maps are filled in from what the method returns

  const at::Tensor& input() const { return model.input(run); }
  const at::Tensor& activation() const { return model.activation(run); }
  /// The activation with tokens laid out in space, [N,K,*S].
  at::Tensor places() const { return to_places(activation(), request.grid); }

  /// Adds a fact of one number an image (`values` [N]), for each target.
  void add_fact(const std::string& name, const std::vector<at::Tensor>& values) const;
};

/// One tensor for each target, or one for all.
using MethodBody = std::vector<at::Tensor> (*)(const MethodCall& call);

}  // namespace rationale::explain
