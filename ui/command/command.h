// What all commands share: common options, exit codes, one way to print results and errors.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/base/error.h"
#include "data/base/progress.h"

namespace CLI {
class App;
}

namespace rationale::ui {

struct CommonOptions {
  bool json = false;
  bool quiet = false;
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0 = as many as there are processors
  std::string device = "auto";
  bool no_sandbox = false;
  std::string mode;  ///< "reproducible", "fast" or empty: the command's default

  Quiet progress() const { return quiet ? Quiet::kYes : Quiet::kNo; }
};

/// A subcommand with its help, an example (without "rationale ") and the output options.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example, CommonOptions& common);

/// --json and --quiet.
void add_output_options(CLI::App& command, CommonOptions& options);
/// --no-sandbox: for the commands of the engine.
void add_sandbox_option(CLI::App& command, CommonOptions& options);
/// --seed, --threads, --device, --mode; --no-sandbox.
void add_compute_options(CLI::App& command, CommonOptions& options);

/// Runs `body` and turns what it throws into the message and exit code of the contract: three lines on
/// stderr (what, where, what now), or with `json` one object on stdout.
/// @param schema  the command's schema name, such as "rationale.layers"
int guarded(bool json, const std::string& schema, const std::function<int()>& body);

/// One JSON object on stdout, with "schema" and "version" first. Throws kInternal on NaN or Inf.
void print_json(const std::string& schema, const nlohmann::ordered_json& body);

/// {"status":"not_estimable","code":…,"reason":…}: how a missing value is written.
nlohmann::ordered_json not_estimable(const std::string& code, const std::string& reason);

}  // namespace rationale::ui
