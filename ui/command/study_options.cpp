#include "ui/command/study_options.h"

#include <CLI/CLI.hpp>

namespace rationale::ui {
namespace {

/// --study and --now.
void add_study(CLI::App& command, StudyOptions& o) {
  command.add_option("--study", o.folder, "the study's folder")->capture_default_str();
  command.add_option("--now", o.now, "the time, for studies with synthetic = true: 2026-03-02T09:00:00Z");
}

void declare_before_lock(CLI::App& study, StudyOptions& o, CommonOptions& common) {
  CLI::App* make = add_command(study, "new", "make a folder with a commented protocol.toml",
                               "study new cxr-heatmap-01 --from crossover", common);
  make->add_option("name", o.name, "the study's id: a-z, 0-9 and -")->required();
  make->add_option("--from", o.from, "crossover | phantom")->capture_default_str();

  CLI::App* check = add_command(study, "check", "all errors of a protocol at once, with their lines",
                                "study check protocol.toml", common);
  check->add_option("protocol", o.file, "default: protocol.toml");

  CLI::App* sap = add_command(study, "sap", "draft a statistical analysis plan with empty tables (Markdown)",
                              "study sap protocol.toml --out sap.md", common);
  sap->add_option("protocol", o.file, "default: protocol.toml");
  sap->add_option("--out", o.out, "the plan (default: standard output)");

  declare_power(study, o.power, common);

  CLI::App* allocate = add_command(study, "allocate", "make an allocation table from a seed alone",
                                   "study allocate --input input.json --out table.csv", common);
  allocate->add_option("--input", o.input, "JSON: seed, design, readers, columns, cases, truth")->required();
  allocate->add_option("--out", o.out, "the table, CSV")->required();

  CLI::App* key = add_command(study, "make-key", "make a signing key behind a passphrase",
                              "study make-key pi.key", common);
  key->add_option("file", o.key, "the key file that is made")->required();

  CLI::App* enrol = add_command(study, "enrol", "take a reader's or custodian's public key in",
                                "study enrol r2 --key 5f0c…", common);
  enrol->add_option("name", o.name, "reader id, or a name of blinding.custodians")->required();
  enrol->add_option("--key", o.hex, "64 hex digits, as `rationale read --make-key` prints them")->required();
  add_study(*enrol, o);

  CLI::App* rehearse = add_command(
      study, "rehearse", "play the whole study with simulated readers, in a small copy marked REHEARSAL",
      "study rehearse --readers 3", common);
  rehearse->add_option("--readers", o.n_readers, "of the protocol's readers, the first ones (default: all)")
      ->check(CLI::Range(1, 1000));
  rehearse->add_option("--cases", o.n_cases, "spread over the manifest, both classes as in the study; 0: all")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  rehearse->add_option("--out", o.out, "folder that is made (default: rehearsal in the study's folder)");
  rehearse->add_option("--seed", o.seed, "of allocation and readers (default: 1)");
  rehearse->add_option("--study", o.folder, "the study's folder, not locked yet")->capture_default_str();
  rehearse->add_option("--now", o.now, "the time of the rehearsal's lock: 2026-03-02T09:00:00Z");

  CLI::App* lock = add_command(study, "lock",
                               "seal truth, seed and allocation, and make all packages of all periods",
                               "study lock --sign pi.key --out release", common);
  lock->add_option("--sign", o.keys, "key file of each of signatures.roles, in order")->required();
  lock->add_option("--out", o.out, "folder for the coordinator (default: release)");
  lock->add_option("--seed", o.seed, "synthetic studies only: the same seed gives the same allocation");
  add_study(*lock, o);
}

void declare_after_lock(CLI::App& study, StudyOptions& o, CommonOptions& common) {
  CLI::App* package = add_command(study, "package", "release the packages of a period to their readers",
                                  "study package --study release --period 1 --out outbox", common);
  package->add_option("--period", o.period, "from 1")->required();
  package->add_option("--out", o.out, "folder for the packages")->required();
  add_study(*package, o);

  CLI::App* simulate = add_command(
      study, "simulate", "let a simulated reader read a package of a synthetic study",
      "study simulate outbox/r1-p1.rpk --key r1.key --cases data/cases.csv --truth data/truth.csv", common);
  simulate->add_option("package", o.package, "the package")->required();
  simulate->add_option("--key", o.key, "the reader's key file")->required();
  simulate->add_option("--cases", o.cases, "the study's manifest: which film is which case")->required();
  simulate->add_option("--truth", o.truth, "the study's truth")->required();
  simulate->add_option("--effect", o.effect,
                       "change of the suspicion of normal cases while a heatmap is shown, in standard deviations")
      ->capture_default_str();
  simulate->add_option("--seed", o.seed, "of the simulated reader");
  simulate->add_option("--out", o.out, "session folder (default: beside the package)");
  simulate->add_option("--now", o.now, "when the reader begins");

  CLI::App* merge = add_command(study, "merge", "take readers' bundles into the study",
                                "study merge --study release inbox/r2-p1-0003.rbn", common);
  merge->add_option("bundles", o.bundles, "bundle files (.rbn)")->required();
  add_study(*merge, o);

  for (const auto& [name, what] : {std::pair{"monitor", "how far each reader is, and nothing about arms or answers"},
                                   {"verify", "check logs, signatures and packages against the lock"},
                                   {"rebuild", "make the tables of readings again from the events"},
                                   {"verify-allocation", "hold allocation and readings against the lock"}}) {
    CLI::App* c = add_command(study, name, what, std::string("study ") + name + " --study release", common);
    add_study(*c, o);
  }

  study.get_subcommand("verify")->add_option("--certificate", o.certificate,
                                             "the signers' or the allocator's copy of lock.json: must be the same, "
                                             "byte by byte");
  study.get_subcommand("verify")->add_option("--archive", o.archive,
                                             "what `study archive` made: unpacked into a temporary folder and checked");

  CLI::App* close = add_command(study, "close", "take no more readings in", "study close --study release", common);
  close->add_option("--deviation", o.deviation, "why, if packages are not read to the end");
  add_study(*close, o);

  CLI::App* unblind = add_command(
      study, "unblind", "open truth and allocation with the custodians' shares",
      "study unblind --study release --share release/shares/2-statistician.share --key stat.key --reason \"all merged\"",
      common);
  unblind->add_option("--share", o.shares, "share files, one a custodian")->required();
  unblind->add_option("--key", o.keys, "the custodians' key files, in the same order")->required();
  unblind->add_option("--reason", o.reason, "why now")->required();
  add_study(*unblind, o);

  CLI::App* analyse = add_command(study, "analyse", "the report, as the protocol was locked",
                                  "study analyse --study release --sources .", common);
  analyse->add_option("--out", o.out, "folder (default: analysis in the study's folder)");
  analyse->add_option("--sources", o.sources,
                      "the folder that was locked: the report then shows up to four of its films, with all that is "
                      "burnt into them");
  add_study(*analyse, o);

  CLI::App* out = add_command(
      study, "export", "the unblinded study for a statistician: tables, files of iMRMC, RJafroc, MRMCaov, R scripts",
      "study export --study release --out export", common);
  out->add_option("--out", o.out, "folder (default: export in the study's folder)");
  out->add_flag("--csv", o.parts.csv, "only these: readings, answers, marks, events, deviations, allocation, results");
  out->add_flag("--imrmc", o.parts.imrmc, "only this: iMRMC's text file");
  out->add_flag("--rjafroc", o.parts.rjafroc, "only this: RJafroc's workbook");
  out->add_flag("--mrmcaov", o.parts.mrmcaov, "only this: MRMCaov's table");
  out->add_flag("--adam", o.parts.adam, "only these: tables in the manner of CDISC ADaM");
  add_study(*out, o);

  CLI::App* archive = add_command(study, "archive", "the finished study as one file with checksums, for the years after",
                                  "study archive --study release --out my-study.tar", common);
  archive->add_option("--out", o.out, "the file, a tar")->required();
  add_study(*archive, o);

  CLI::App* log = add_command(study, "verify-log", "check a log file against its signed checkpoint",
                              "study verify-log log.jsonl --checkpoint head.json", common);
  log->add_option("log", o.file, "JSON Lines with hashes")->required();
  log->add_option("--checkpoint", o.checkpoint, "the signed head, JSON")->required();
}

}  // namespace

void declare_study(CLI::App& app, StudyOptions& options, CommonOptions& common) {
  CLI::App* study = app.add_subcommand("study", "plan, lock, run and analyse a blinded reader study");
  study->require_subcommand(1);
  study->footer("Example:\n  rationale study new my-study\nIn order: new, check, rehearse, enrol, lock, package, "
                "(read), merge, monitor, close, unblind, analyse, export, archive");
  declare_before_lock(*study, options, common);
  declare_after_lock(*study, options, common);
}

}  // namespace rationale::ui
