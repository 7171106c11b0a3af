// The options of `rationale read`: the reading app.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ui/command/command.h"

namespace rationale::ui {

struct ReadOptions {
  std::filesystem::path package;
  std::filesystem::path key = "reader.key";
  std::filesystem::path session;  ///< folder; empty: the package's name with .session
  std::filesystem::path script, screenshots, trace;
  bool makes_key = false;
  std::string now;                ///< synthetic studies only: what time it is
  std::vector<int> size{1600, 1000};
};

void declare_read(CLI::App& app, ReadOptions& options, CommonOptions& common);

}  // namespace rationale::ui
