// The receptive field of values in a graph, found by walking it from the input.
#pragma once

#include <map>
#include <vector>

#include "data/image/receptive_field.h"
#include "explain/model/torchscript.h"

namespace rationale::explain::torchscript {

/// Kernel, stride, padding and dilation of convolutions and pools; sums and concatenations see what their parts see
/// together; pooling to one cell, attention and linear layers over places see all. An operator that is not known here
/// makes what follows it not known, with its name as the reason: nothing is guessed.
class FieldWalk {
 public:
  /// @param graph        (x, …) → …, without calls
  /// @param input_shape  [N,C,(D,)H,W] of x
  FieldWalk(const Graph& graph, const std::vector<std::int64_t>& input_shape);

  /// Of a value at top level. @pre it is a value of the graph
  ReceptiveField of(const Value* value) const;

 private:
  /// Where the input's axis a is in a value, and which pixels its cell 0 sees.
  struct Axis {
    int dim = -1;  ///< of the value; -1 = no dimension is left of it
    double stride = 1, low = 0, high = 0;
    bool is_whole = false;
  };
  struct Trace {
    int n_dims = 0;
    std::vector<Axis> axes;
    std::string unknown;  ///< the operator that made it so
  };

  void visit(const Node* node);
  Trace result_of(const Node* node, const std::vector<Trace>& inputs) const;
  Trace joined(const std::vector<Trace>& parts) const;
  static Trace convolved(Trace trace, const Node* node);
  static Trace pooled(Trace trace, const Node* node);
  static Trace reduced(Trace trace, const Node* node);
  static Trace enlarged(Trace trace, const Node* node);
  static Trace padded(Trace trace, const Node* node);
  static Trace moved(Trace trace, const Node* node);

  std::vector<std::int64_t> input_shape_;
  std::map<const Value*, Trace> traces_;
};

/// The size that holds 95 % of the squared gradient of the layer's centre cell by the input, along each axis, over four
/// inputs of noise and random signs of the channels (Luo et al., NeurIPS 2016: it is a fraction of the theoretical
/// one).
/// @param prefix  (x) → activation [N,K,*S], not optimised
/// @return  the smallest such run of pixels for each axis; empty if the activation has no places or no gradient
std::vector<double> effective_field(const GraphPtr& prefix, const std::vector<std::int64_t>& input_shape,
                                    at::Device device, at::ScalarType dtype);

}  // namespace rationale::explain::torchscript
