#include "ui/command/analyse_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_analyse(CLI::App& app, AnalyseOptions& options, FrocOptions& froc, CommonOptions& common) {
  CLI::App* c = add_command(app, "analyse",
                            "change of false positives, sensitivity, AUC, confidence and time between two arms",
                            "analyse readings.csv --out analysis", common);
  c->add_option("readings", options.readings,
                "CSV: reader,case,arm,truth,rating[,patient,positive,confidence,time_s,period,ai_positive …]");
  c->add_option("--protocol", options.protocol, "the study's protocol.toml: arms, margin, title");
  c->add_option("--arms", options.arms,
                "arms in order, comma separated; the difference is second minus first "
                "(default: hidden,visible)")
      ->delimiter(',');
  c->add_option("--positive-at", options.positive_at,
                "rating at or above counts as positive, where the file has no column positive");
  c->add_option("--replicates", options.replicates, "bootstrap replicates; 0 = none")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  c->add_option("--seed", common.seed, "seed of the bootstrap")->capture_default_str();
  c->add_option("--threads", common.threads, "threads; 0 = one a processor; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  c->add_option("--out", options.out, "folder for the report, the results, files of other programs and R scripts");
  c->require_subcommand(0, 1);

  CLI::App* f = add_command(*c, "froc", "free-response studies: marks and lesions (AFROC, wAFROC, HrAuc …)",
                            "analyse froc marks.csv --truth truth.csv --arms hidden,visible", common);
  f->add_option("marks", froc.marks, "CSV: reader,arm,case,lesion,rating; lesion 0: the mark hits none")->required();
  f->add_option("--truth", froc.truth, "CSV: case,truth,lesion,weight and, where patients have several cases, patient; every case, normal ones with lesion 0")
      ->required();
  f->add_option("--arms", froc.arms, "arms in order, comma separated (default: hidden,visible)")->delimiter(',');
  f->add_option("--out", froc.out, "folder for results.json, results.csv, marks, truth and RJafroc's workbook");
}

}  // namespace rationale::ui
