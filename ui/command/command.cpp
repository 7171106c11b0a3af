#include "ui/command/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>

#include "data/base/interrupt.h"
#include "data/base/text.h"
#include "data/base/version.h"

namespace rationale::ui {
namespace {

/// Lines as they are, without what else would steer a terminal: names and messages may come out of foreign files.
std::string shown(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    result += (at > 0 ? "\n" : "") + printable(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  return result;
}

/// To a stream that may be closed or full: nothing is left to be said then.
void try_to_print(std::FILE* stream, const std::string& text) { std::fwrite(text.data(), 1, text.size(), stream); }

/// A pipe that nobody reads any more, a full disk: of the machine, not of ours.
bool is_of_the_machine(const std::error_code& code) {
  for (const std::errc one : {std::errc::broken_pipe, std::errc::no_space_on_device, std::errc::io_error,
                              std::errc::bad_file_descriptor, std::errc::file_too_large, std::errc::read_only_file_system}) {
    if (code == one) return true;
  }
  return code == std::error_code(EDQUOT, std::generic_category());
}

void print_error(bool json, const std::string& schema, const std::string& kind,
                 const std::string& code, const std::string& what, const std::string& where,
                 const std::string& remedy) {
  if (json) {
    nlohmann::ordered_json object{{"schema", schema}, {"version", version()}};
    object["error"] = {{"kind", kind},
                       {"code", code.empty() ? kind : code},
                       {"what", what},
                       {"where", where},
                       {"remedy", remedy}};
    try_to_print(stdout, object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  std::string text = "rationale: " + shown(what) + "\n";
  if (!where.empty()) text += "  in  " + shown(where) + "\n";
  if (!remedy.empty()) text += "  " + shown(remedy) + "\n";
  try_to_print(stderr, text);
}

Error not_written(const std::string& why) {
  return Error(Error::Kind::kEnvironment, "the output could not be written: " + why, "stdout",
               "make room, or give it a reader that takes it all")
      .with_code("cannot_write");
}

/// @param where  JSON pointer of `value`
void check_finite(const nlohmann::ordered_json& value, const std::string& where) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    throw Error(Error::Kind::kInternal, "a result is not a finite number", where);
  }
  if (!value.is_structured()) return;
  for (const auto& [key, item] : value.items()) check_finite(item, where + "/" + key);
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example, CommonOptions& common) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer("Example:\n  rationale " + example);
  add_output_options(*command, common);
  return command;
}

void add_output_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--json", options.json, "print one JSON object on stdout");
  command.add_flag("--quiet", options.quiet, "no progress on stderr");
}

void add_sandbox_option(CLI::App& command, CommonOptions& options) {
  command.add_flag("--no-sandbox", options.no_sandbox,
                   "leave files, network and programs open to the model, and decode films in this process (recorded)");
}

void add_compute_options(CLI::App& command, CommonOptions& options) {
  add_sandbox_option(command, options);
  command.add_option("--seed", options.seed, "seed of all random numbers")->capture_default_str();
  command.add_option("--threads", options.threads, "threads; 0 = one a processor")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command.add_option("--device", options.device, "auto, cpu or cuda[:i]")->capture_default_str();
  command.add_option("--mode", options.mode, "reproducible or fast")
      ->check(CLI::IsMember({"reproducible", "fast"}));
}

int guarded(bool json, const std::string& schema, const std::function<int()>& body) {
  try {
    const int code = body();
    if (std::fflush(stdout) != 0) {
      throw not_written(std::strerror(errno));
    }
    return code;
  } catch (const Error& error) {
    print_error(json, schema, kind_name(error.kind), error.code, error.what(), error.where,
                error.remedy);
    return exit_code(error.kind);
  } catch (const Interrupted& interrupted) {
    print_error(json, schema, "interrupted", "interrupted", interrupted.what(), "", "");
    return 130;
  } catch (const std::bad_alloc&) {
    print_error(json, schema, "environment", "out_of_memory", "the memory is used up", "",
                "use a smaller batch or fewer cases, or a machine with more memory");
    return 5;
  } catch (const std::system_error& error) {
    if (is_of_the_machine(error.code())) {
      const Error said = not_written(error.code().message());
      print_error(json, schema, kind_name(said.kind), said.code, said.what(), said.where, said.remedy);
      return exit_code(said.kind);
    }
    print_error(json, schema, "internal", "internal", error.what(), "",
                "this is our fault: please report it with the command that you ran");
    return 70;
  } catch (const std::exception& error) {
    print_error(json, schema, "internal", "internal", error.what(), "",
                "this is our fault: please report it with the command that you ran");
    return 70;
  }
}

void print_json(const std::string& schema, const nlohmann::ordered_json& body) {
  check_finite(body, "");
  nlohmann::ordered_json object{{"schema", schema}, {"version", version()}};
  object.update(body);
  fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

nlohmann::ordered_json not_estimable(const std::string& code, const std::string& reason) {
  return {{"status", "not_estimable"}, {"code", code}, {"reason", reason}};
}

}  // namespace rationale::ui
