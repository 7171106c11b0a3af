#include "ui/command/read_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {

void declare_read(CLI::App& app, ReadOptions& options, CommonOptions& common) {
  ReadOptions& o = options;
  CLI::App* c = add_command(app, "read", "read the cases of a package in a window",
                            "read r2-p1.rpk --key r2.key", common);
  c->add_option("package", o.package, "package that the coordinator sent (not with --make-key)");
  c->add_option("--key", o.key, "the reader's key file; its passphrase is RATIONALE_PASSPHRASE or asked")
      ->capture_default_str();
  c->add_flag("--make-key", o.makes_key,
              "make the key file (it must not exist) and print how the coordinator enrols it");
  c->add_option("--session", o.session,
                "folder of the session (default: beside the package, its name with .session)");
  c->add_option("--script", o.script, "play this input (JSON Lines) through the ring of keys and clicks");
  c->add_option("--screenshot-dir", o.screenshots, "folder for the screenshots a script takes");
  c->add_option("--trace", o.trace, "append a line to this file for every event once it is stored: number and hash");
  c->add_option("--now", o.now, "what time it is, as 2026-03-02T09:00:00Z; synthetic studies only");
  c->add_option("--size", o.size, "WIDTH,HEIGHT of the window")
      ->delimiter(',')
      ->expected(2)
      ->check(CLI::Range(640, 7680))
      ->capture_default_str();
}

}  // namespace rationale::ui
