// The commands that the driver itself carries out; all others are handed to rationale-engine, -studio or
// -reader.
#pragma once

#include "ui/command/command_line.h"

namespace rationale::ui {

int run_demo(const CommandLine& line);
int run_image(const CommandLine& line);
int run_samples(const CommandLine& line);
int run_series(const CommandLine& line);
int run_analyse(const CommandLine& line);
int run_analyse_froc(const CommandLine& line);
int run_bench_statistics(const CommandLine& line);
int run_bench_null(const CommandLine& line);

int run_study_new(const CommandLine& line);
int run_study_check(const CommandLine& line);
int run_study_sap(const CommandLine& line);
int run_study_allocate(const CommandLine& line);
int run_study_verify_log(const CommandLine& line);
int run_study_make_key(const CommandLine& line);
int run_study_enrol(const CommandLine& line);
int run_study_lock(const CommandLine& line);
int run_study_package(const CommandLine& line);
int run_study_simulate(const CommandLine& line);
int run_study_power(const CommandLine& line);
int run_study_rehearse(const CommandLine& line);
int run_study_merge(const CommandLine& line);
int run_study_monitor(const CommandLine& line);
int run_study_verify(const CommandLine& line);
int run_study_rebuild(const CommandLine& line);
int run_study_close(const CommandLine& line);
int run_study_unblind(const CommandLine& line);
int run_study_verify_allocation(const CommandLine& line);
int run_study_analyse(const CommandLine& line);
int run_study_archive(const CommandLine& line);
int run_study_export(const CommandLine& line);

}  // namespace rationale::ui
