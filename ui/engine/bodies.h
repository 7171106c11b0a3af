// The commands that rationale-engine carries out, one file each.
#pragma once

#include "ui/command/command_line.h"

namespace rationale::ui {

int run_doctor(const CommandLine& line);
int run_layers(const CommandLine& line);
int run_activations(const CommandLine& line);
int run_heatmap(const CommandLine& line);
int run_faithfulness(const CommandLine& line);
int run_card(const CommandLine& line);
int run_validate_explanation(const CommandLine& line);
int run_explain(const CommandLine& line);
int run_explain_merge(const CommandLine& line);
int run_bench(const CommandLine& line);
int run_bench_pipeline(const CommandLine& line);
int run_concepts_fit(const CommandLine& line);
int run_concepts_import(const CommandLine& line);
int run_concepts_train(const CommandLine& line);
int run_concepts_judge(const CommandLine& line);
int run_concepts_list(const CommandLine& line);
int run_concepts_show(const CommandLine& line);
int run_sentence(const CommandLine& line);

}  // namespace rationale::ui
