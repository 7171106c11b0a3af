// The activations of a concept set at several layers, and what the classes make of them.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

#include "concepts/attribution/concept_bank.h"
#include "data/base/progress.h"
#include "data/cases/cases.h"
#include "explain/model/card.h"
#include "explain/pipeline/decode.h"

namespace rationale::concepts {

struct LayerFeatures {
  Shape activation_shape;              ///< [C, *S]
  Eigen::MatrixXd features;            ///< [n, D], spatial means or whole maps
  std::vector<float> mean_activation;  ///< [C, *S]
};

struct FailedCase {
  std::string name, code, reason;
};

struct ReadCases {
  std::vector<std::size_t> cases;         ///< indices of those that could be read, in order
  std::vector<std::string> pixel_sha256;  ///< of these
  std::vector<LayerFeatures> layers;      ///< in the order of the layers
  std::vector<FailedCase> failed;
};

/// A network, cut at each of several layers.
class LayerReader {
 public:
  struct Options {
    explain::LoadFilm load;
    std::string device = "cpu";
    bool is_fast = false;
    int batch = 8;
    std::size_t n_workers = 0;  ///< that decode; 0: half the processors, the network has the others
    Quiet quiet = Quiet::kNo;
  };
  /// @throws Error as load_split_model, for the first layer that cannot be cut
  LayerReader(const explain::ModelCard& card, const std::vector<std::string>& layers,
              Features features, Options options);
  ~LayerReader();

  /// Every film is decoded once and goes through all cuts. Films that cannot be read are listed.
  ReadCases read(const std::vector<Case>& cases) const;

  /// Gbar of each class, [classes, D]: mean over the cases and 8 midpoints of the way from `baselines[l]`
  /// to the case, one matrix a layer.
  std::vector<Eigen::MatrixXd> mean_gradients(const std::vector<Case>& cases,
                                              const std::vector<Eigen::RowVectorXd>& baselines,
                                              const std::vector<int>& classes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rationale::concepts
