// Logits and the maps of all classes of several films in one pass.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/arrays/array.h"
#include "data/image/image.h"
#include "data/image/receptive_field.h"
#include "explain/methods/maps.h"
#include "explain/methods/slice_evidence.h"
#include "explain/model/split_model.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// What annotated concepts contribute: JSON of every sample and class of a run, [sample][class]. Filled in
/// by the program, because this room may not know the concepts.
using ConceptResults = std::function<std::vector<std::vector<std::string>>(const SplitModel&,
                                                                           const SplitRun&)>;

struct FilmResult {
  std::vector<float> logits;          ///< [classes]
  /// One a class: signed, native (methods at the input: in cells), no ReLU; a volume's slices below one another.
  std::vector<Plane> maps;
  int map_slices = 0;                 ///< of a volume
  std::vector<SliceEvidence> slices;  ///< of a volume: one a class
  std::vector<std::string> concepts;  ///< one JSON object a class; empty without ConceptResults
};

class BatchExplainer {
 public:
  /// Runs the network once, so that a layer or method that cannot work is refused before any case.
  /// @param n_classes    what the card names; the network must return as many
  /// @param input_shape  [C,(D,)H,W] of the card
  /// @param method       one that gives one map a class, at the cut of `model` (split_for)
  /// @param grid         how transformer tokens lie in space; not used where the layer has places of its own
  /// @param batch        each pass has this many samples: the last one is filled up, because a pass of
  ///                     another size may round differently
  /// @param field        what a cell of the layer sees: of volumes it says which slices a cell looks at
  /// @param references   of a regression, one a class: maps explain the output less its reference; empty: the output
  /// @param seed         of smooth_grad, rise and random_map
  /// `model` is kept by reference.
  BatchExplainer(const SplitModel& model, std::string method, std::size_t n_classes,
                 std::vector<std::int64_t> input_shape, int batch, ConceptResults concepts = {},
                 std::optional<TokenGrid> grid = {}, ReceptiveField field = {}, std::vector<double> references = {},
                 std::uint64_t seed = 1);

  /// @param inputs  1 … batch prepared inputs [C,H,W]; not null
  /// @throws Error (kInput, kRefused) if a sample cannot be explained; which one is not said
  /// @throws Error (kEnvironment, "out_of_memory") if the memory does not hold one
  /// Where memory runs out the batch is halved, and stays so.
  std::vector<FilmResult> explain(const std::vector<const FloatArray*>& inputs);

  std::size_t batch() const { return batch_; }
  /// Whether the layer is one of tokens, laid out by the grid.
  bool has_grid() const { return grid_.has_value(); }
  /// Of methods at the input: the cells that pixels are gathered into (input_grid.h); empty for methods at a layer.
  const Shape& cells() const { return cells_; }
  /// "cpu" or "cuda": where the network ran.
  const std::string& device() const { return device_; }
  /// When memory ran out, and what was done.
  const std::vector<MemoryStep>& memory_steps() const { return memory_steps_; }

 private:
  at::Tensor stack(const std::vector<const FloatArray*>& inputs) const;
  std::vector<FilmResult> pass(const std::vector<const FloatArray*>& inputs);
  /// Of volumes: fills in FilmResult::slices.
  void look_at_slices(const SplitRun& run, const FloatArray& maps, const std::vector<Target>& targets,
                      std::vector<FilmResult>& results) const;

  const SplitModel& model_;
  std::string method_;
  std::size_t n_classes_;
  std::vector<std::int64_t> input_shape_;
  std::size_t batch_;
  ConceptResults concepts_;
  std::optional<TokenGrid> grid_;
  Shape cells_;
  std::string device_ = "cpu";  ///< as the first pass found it
  int device_index_ = 0;
  std::size_t n_explained_ = 0;
  std::vector<MemoryStep> memory_steps_;
  ReceptiveField field_;
  std::vector<double> references_;
  std::uint64_t seed_;
};

/// Whether `--device` NAME means a GPU on this machine.
bool means_cuda(const std::string& device);

}  // namespace rationale::explain
