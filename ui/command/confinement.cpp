#include "ui/command/confinement.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>

#include "data/base/file.h"
#include "ui/command/command_line.h"

namespace rationale::ui {
namespace {

namespace fs = std::filesystem;

/// The folder of a file that is to be written.
fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

/// Where the lines of a jobs file write.
void add_job_folders(const fs::path& jobs, std::set<fs::path>& folders) {
  std::ifstream lines(jobs);
  for (std::string text; std::getline(lines, text);) {
    const auto job = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!job.is_object()) continue;
    const auto npy = job.find("npy");
    if (npy != job.end() && npy->is_string()) folders.insert(folder_of(npy->get<std::string>()));
  }
}

std::set<fs::path> output_folders(const std::string& command, const CommandLine& line) {
  std::set<fs::path> folders;
  const auto add_file = [&](const fs::path& file) {
    if (!file.empty()) folders.insert(folder_of(file));
  };
  const auto add_folder = [&](const fs::path& folder) {
    if (!folder.empty()) folders.insert(folder);
  };
  if (command == "activations") {
    for (const fs::path& file : {line.activations.npy, line.activations.gradient, line.activations.logits}) {
      add_file(file);
    }
  } else if (command == "heatmap") {
    add_file(line.heatmap.npy);
    if (!line.heatmap.jobs.empty()) add_job_folders(line.heatmap.jobs, folders);
  } else if (command == "card" || command == "validate explanation") {
    add_file(line.survey.out);
  } else if (command == "explain") {
    add_folder(line.explain.out);
    add_file(line.explain.logits);
    if (const fs::path cache = cache_folder(); !cache.empty()) add_folder(cache / "rationale");
  } else if (command == "explain merge") {
    add_folder(line.explain_merge.out);
  } else if (command.rfind("bench ", 0) == 0) {  // films and stores of its own, for as long as it takes
    std::error_code error;
    add_folder(fs::temp_directory_path(error));
  } else if (command == "concepts fit") {
    add_folder(line.concepts.out);
  } else if (command.rfind("concepts ", 0) == 0) {
    add_file(line.concepts.library);
    add_file(line.concepts.out);
  }
  return folders;
}

std::string word(const Restriction& restriction, const char* is_on) {
  return restriction.is_on ? is_on : "open: " + restriction.why_not;
}

}  // namespace

bool may_use_gpu(const CommandLine& line) {
  std::error_code error;
  return line.common.device != "cpu" && fs::exists("/dev/nvidiactl", error);
}

Restriction confine_files(const std::string& command, const CommandLine& line) {
  const fs::path& jobs = line.heatmap.jobs;
  std::error_code error;
  if (command == "heatmap" && !jobs.empty() && fs::exists(jobs, error) && !fs::is_regular_file(jobs, error)) {
    return {false, "where jobs from a pipe write is not known before"};
  }
  FileRules rules;
  for (const fs::path& folder : output_folders(command, line)) {
    fs::create_directories(folder, error);  // what cannot be made is for the command to say
    rules.writable.push_back(folder);
  }
  // SQLite puts what it sorts into files where it may not, otherwise.
  if (!rules.writable.empty()) ::setenv("SQLITE_TMPDIR", fs::absolute(rules.writable.front()).c_str(), 0);
  if (may_use_gpu(line)) {
    rules.devices.push_back("/dev");
    if (const char* home = std::getenv("HOME"); home != nullptr) rules.writable.push_back(fs::path(home) / ".nv");
  }
  return restrict_files(rules);
}

nlohmann::ordered_json to_json(const Confinement& c) {
  return {{"wanted", c.is_wanted},
          {"files", word(c.files, "read_only_but_outputs")},
          {"network", word(c.calls, "closed")},
          {"programs", word(c.calls, "closed")},
          {"films", c.are_films_apart ? "decoded_apart" : "decoded_here"}};
}

std::string in_words(const Confinement& c) {
  if (!c.is_wanted) return "off (--no-sandbox)";
  return fmt::format("files {}; network and programs {}; films decoded {}",
                     word(c.files, "read-only but outputs"), word(c.calls, "closed"),
                     c.are_films_apart ? "apart" : "here");
}

}  // namespace rationale::ui
