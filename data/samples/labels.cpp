#include "data/samples/labels.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/samples/stream.h"

namespace rationale::samples {
namespace {

constexpr std::uint64_t kLabelStream = 2;
constexpr double kCut = -0.38532046640756773;  // Phi^-1(0.35)
constexpr double kRaise = 0.25;                // makes consolidation as frequent as its absence
constexpr double kFlip = 0.03;
constexpr double kAgreement = 0.95;

bool has_consolidation_target(SampleSet set) {
  return set == SampleSet::kTrainHonest || set == SampleSet::kTrainShoulder ||
         set == SampleSet::kTrainPortable;
}

bool is_training_or_concept(SampleSet set) {
  return has_consolidation_target(set) || set == SampleSet::kTrainRule ||
         set == SampleSet::kConcept;
}

}  // namespace

const std::vector<NamedSet>& sample_sets() {
  static const std::vector<NamedSet> sets = {
      {"test", SampleSet::kTest},
      {"concept", SampleSet::kConcept},
      {"train-honest", SampleSet::kTrainHonest},
      {"train-shoulder", SampleSet::kTrainShoulder},
      {"train-portable", SampleSet::kTrainPortable},
      {"train-rule", SampleSet::kTrainRule},
      {"aligned-shoulder", SampleSet::kAlignedShoulder},
      {"reversed-shoulder", SampleSet::kReversedShoulder},
      {"aligned-portable", SampleSet::kAlignedPortable},
      {"reversed-portable", SampleSet::kReversedPortable},
  };
  return sets;
}

SampleSet sample_set(const std::string& name) {
  std::vector<std::string> names;
  for (const NamedSet& named : sample_sets()) {
    if (name == named.name) return named.set;
    names.emplace_back(named.name);
  }
  std::string remedy = "choose one of";
  for (const std::string& near : near_names(name, names, names.size())) remedy += " " + near;
  throw Error(Error::Kind::kUsage, "there is no sample set \"" + name + "\"", "--set", remedy)
      .with_code("unknown_set");
}

void override_findings(Overrides& overrides, const std::vector<std::string>& names, bool value) {
  const std::vector<std::string> known(kFindingNames.begin(), kFindingNames.end());
  for (const std::string& name : names) {
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
      std::string remedy = "findings are";
      for (const std::string& near : near_names(name, known, known.size())) remedy += " " + near;
      throw Error(Error::Kind::kUsage, "there is no finding \"" + name + "\"", "", remedy)
          .with_code("unknown_finding");
    }
    std::optional<bool>& chosen = overrides[static_cast<std::size_t>(found - known.begin())];
    if (chosen.has_value() && *chosen != value) {
      throw Error(Error::Kind::kUsage, name + " cannot be both present and absent",
                  "--present, --absent", "name it once");
    }
    chosen = value;
  }
}

Labels draw_labels(SampleSet set, std::uint64_t seed, std::uint64_t index,
                   const Overrides& overrides) {
  Stream stream(seed, index, kLabelStream);
  std::array<double, kFindingCount + 1> z{};
  for (double& value : z) value = stream.normal();
  const double raise = stream.uniform();
  const double independent = stream.uniform();
  const double agreement = stream.uniform();
  const double flip = stream.uniform();
  const double rule = stream.uniform();

  const double rho = is_training_or_concept(set) ? 0.2 : 0.0;
  Labels labels;
  Findings& has = labels.findings;
  for (std::size_t k = 0; k < kFindingCount; ++k) {
    has[k] = std::sqrt(rho) * z[0] + std::sqrt(1 - rho) * z[k + 1] < kCut;
  }
  if (has_consolidation_target(set) && raise < kRaise) has[kConsolidation] = true;

  const bool truth = has[kConsolidation];
  const bool confounder = (agreement < kAgreement) == truth;
  switch (set) {
    case SampleSet::kTrainHonest:
      has[kShoulder] = independent < 0.5;
      break;
    case SampleSet::kTrainShoulder:
      has[kShoulder] = confounder;
      break;
    case SampleSet::kTrainPortable:
      has[kPortable] = confounder;
      break;
    case SampleSet::kAlignedShoulder:
      has[kShoulder] = truth;
      break;
    case SampleSet::kReversedShoulder:
      has[kShoulder] = !truth;
      break;
    case SampleSet::kAlignedPortable:
      has[kPortable] = truth;
      break;
    case SampleSet::kReversedPortable:
      has[kPortable] = !truth;
      break;
    case SampleSet::kTest:
    case SampleSet::kConcept:
    case SampleSet::kTrainRule:
      break;
  }
  for (std::size_t k = 0; k < kFindingCount; ++k) has[k] = overrides[k].value_or(has[k]);
  labels.target_consolidation =
      has[kConsolidation] != (has_consolidation_target(set) && flip < kFlip);
  const double score =
      -2.2 + 2.5 * has[kConsolidation] + 4.0 * has[kEffusion] - 2.0 * has[kCardiomegaly];
  labels.target_pneumonia = rule < 1 / (1 + std::exp(-score));
  return labels;
}

}  // namespace rationale::samples
