// `rationale explain merge`: one store from the shards of a list.
#include "explain/pipeline/merge.h"

#include "explain/pipeline/run_store.h"
#include "ui/engine/bodies.h"
#include "ui/engine/run_report.h"

namespace rationale::ui {

int run_explain_merge(const CommandLine& line) {
  const ExplainMergeOptions& o = line.explain_merge;
  const explain::RunOutcome outcome = explain::merge_shards(o.shards, o.out, utc_now());
  const RunReport report = report_of(ExplanationStore::open(explain::store_file(o.out)), o.out);
  return tell(outcome, report, o.out, line.common.json, "rationale.explain.merge", to_json(line.confinement));
}

}  // namespace rationale::ui
