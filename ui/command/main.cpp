// `rationale`: the driver. Starts at once; hands what needs LibTorch or a window to a program in libexec.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "ui/command/bodies.h"
#include "ui/command/command_line.h"
#include "ui/command/confinement.h"
#include "ui/command/subprocess.h"

namespace {

using rationale::Error;

int start(const std::string& command, const rationale::ui::CommandLine& line, char** argv) {
  const char* program = command == "studio" ? "rationale-studio"
                        : command == "read" ? "rationale-reader"
                                            : "rationale-engine";
  bool json = false;
  for (char** word = argv; *word != nullptr; ++word) json = json || std::strcmp(*word, "--json") == 0;
  std::string schema = "rationale." + command;
  std::replace(schema.begin(), schema.end(), ' ', '.');
  return rationale::ui::guarded(json, schema, [&]() -> int {
    // LibTorch's own notes to programmers (through glog on Debian 12) are not for our users.
    ::setenv("GLOG_minloglevel", "2", 0);
    ::setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0);
    // Threads that wait for each other must not spin: beside decoding threads, or on a busy machine, LibTorch's would
    // burn the time that the others need (a run over films went 12 times as fast without).
    ::setenv("OMP_WAIT_POLICY", "passive", 0);
    const std::filesystem::path path = rationale::ui::libexec_folder() / program;
    // Here, not only in the engine: libraries start threads before its main, and those would stay outside.
    if (std::strcmp(program, "rationale-engine") == 0 && !line.common.no_sandbox) rationale::ui::confine_files(command, line);
    ::execv(path.c_str(), argv);
    throw Error(Error::Kind::kEnvironment,
                std::string("cannot start ") + program + ": " + std::strerror(errno), path.string(),
                "install the part of Rationale that has it (this build may have left it out)");
  });
}

}  // namespace

int main(int argc, char** argv) {
  return rationale::ui::run_command_line(
      argc, argv,
      {
          {"analyse", rationale::ui::run_analyse},
          {"analyse froc", rationale::ui::run_analyse_froc},
          {"bench statistics", rationale::ui::run_bench_statistics},
          {"demo", rationale::ui::run_demo},
          {"image", rationale::ui::run_image},
          {"samples", rationale::ui::run_samples},
          {"series", rationale::ui::run_series},
          {"study allocate", rationale::ui::run_study_allocate},
          {"study analyse", rationale::ui::run_study_analyse},
          {"study archive", rationale::ui::run_study_archive},
          {"study check", rationale::ui::run_study_check},
          {"study sap", rationale::ui::run_study_sap},
          {"study close", rationale::ui::run_study_close},
          {"study enrol", rationale::ui::run_study_enrol},
          {"study export", rationale::ui::run_study_export},
          {"study lock", rationale::ui::run_study_lock},
          {"study make-key", rationale::ui::run_study_make_key},
          {"study merge", rationale::ui::run_study_merge},
          {"study monitor", rationale::ui::run_study_monitor},
          {"study new", rationale::ui::run_study_new},
          {"study package", rationale::ui::run_study_package},
          {"study power", rationale::ui::run_study_power},
          {"study rebuild", rationale::ui::run_study_rebuild},
          {"study simulate", rationale::ui::run_study_simulate},
          {"study rehearse", rationale::ui::run_study_rehearse},
          {"study unblind", rationale::ui::run_study_unblind},
          {"study verify", rationale::ui::run_study_verify},
          {"study verify-allocation", rationale::ui::run_study_verify_allocation},
          {"study verify-log", rationale::ui::run_study_verify_log},
      },
      [&](const std::string& command, const auto& line) { return start(command, line, argv); });
}
