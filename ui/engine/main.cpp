// `rationale-engine`: the commands that need LibTorch. Started by the driver.
#include "ui/engine/bodies.h"

int main(int argc, char** argv) {
  using namespace rationale::ui;
  return run_command_line(
      argc, argv,
      {
          {"activations", run_activations},
          {"bench explain", run_bench},
          {"bench pipeline", run_bench_pipeline},
          {"card", run_card},
          {"doctor", run_doctor},
#ifdef RATIONALE_HAS_CONCEPTS
          {"concepts fit", run_concepts_fit},
          {"concepts import", run_concepts_import},
          {"concepts judge", run_concepts_judge},
          {"concepts list", run_concepts_list},
          {"concepts show", run_concepts_show},
          {"concepts train", run_concepts_train},
          {"sentence", run_sentence},
#endif
          {"explain", run_explain},
          {"explain merge", run_explain_merge},
          {"faithfulness", run_faithfulness},
          {"heatmap", run_heatmap},
          {"layers", run_layers},
          {"validate explanation", run_validate_explanation},
      },
      [](const std::string& command) {
        return guarded(false, "rationale." + command, [&]() -> int {
          throw rationale::Error(rationale::Error::Kind::kRefused,
                                 "this build of the engine does not have `" + command + "`", "",
                                 "build it with -DRATIONALE_CONCEPTS=ON");
        });
      });
}
