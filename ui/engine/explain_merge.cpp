// `rationale explain merge`: one store from the shards of a list.
#include "explain/pipeline/merge.h"

#include "explain/pipeline/run_store.h"
#include "ui/engine/bodies.h"
#include "ui/engine/enter_sandbox.h"
#include "ui/engine/picture_options.h"
#include "ui/engine/run_report.h"

namespace rationale::ui {

int run_explain_merge(const CommandLine& line) {
  const ExplainMergeOptions& o = line.explain_merge;
  explain::RunOutcome outcome = explain::merge_shards(o.shards, o.out, utc_now());
  const ExplanationStore store = ExplanationStore::open(explain::store_file(o.out));
  RunReport report = report_of(store, o.out);
  if (!o.pictures.which.empty()) {
    const ExplanationManifest& m = store.manifest();
    explain::PictureChoice choice = picture_choice(o.pictures, m.classes, m.output_kind, m.model_name);
    choice.references = reference_scales(o.pictures, m, m.scales);
    std::vector<std::string> names;
    for (const ExplainedCase& one : store.cases()) names.push_back(one.name);
    report.pictures = o.out / "pictures";
    const auto unseen = explain::write_pictures(store, names, report.pictures, choice, load_film, line.common.progress(),
                                                load_series);
    outcome.failed.insert(outcome.failed.end(), unseen.begin(), unseen.end());
  }
  return tell(outcome, report, o.out, line.common.json, "rationale.explain.merge", to_json(line.confinement));
}

}  // namespace rationale::ui
