// `rationale-reader`: the reading app. Started by the driver as `rationale read`; needs no LibTorch.
#include <fmt/format.h>

#include <filesystem>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/base/utc.h"
#include "study/seal/key_file.h"
#include "ui/command/command_line.h"
#include "ui/command/passphrase.h"
#include "ui/reader/desk.h"
#include "ui/reader/make_key.h"
#include "ui/reader/place_door.h"

namespace {

using rationale::Error;
using namespace rationale::ui;
namespace study = rationale::study;

rationale::UtcTime time_of(const ReadOptions& options, const study::PackageFacts& facts) {
  if (options.now.empty()) return rationale::utc_now();
  if (!facts.is_synthetic) {
    throw Error(Error::Kind::kRefused, "only a synthetic study may be told what time it is", "--now",
                "leave --now out")
        .with_code("not_synthetic");
  }
  return rationale::parse_utc(options.now, "--now");
}

int read_package(const ReadOptions& options, const CommonOptions& common) {
  if (options.package.empty()) {
    throw Error(Error::Kind::kUsage, "no package is named", "", "rationale read r2-p1.rpk --key r2.key");
  }
  // Everything that can be wrong with package, key, script or folder is said before a window opens.
  const study::PackageFacts facts = study::read_package_facts(options.package);
  const rationale::UtcTime now = time_of(options, facts);
  if (!options.script.empty() && !facts.is_synthetic) {
    throw Error(Error::Kind::kRefused, "a script reads synthetic studies only", "--script",
                "leave --script out: a reader reads a real study")
        .with_code("not_synthetic");
  }
  std::vector<ScriptLine> lines;
  if (!options.script.empty()) lines = read_script(options.script);
  if (!options.screenshots.empty()) std::filesystem::create_directories(options.screenshots);
  const study::SigningKey key =
      study::read_key_file(options.key, passphrase(options.key.filename().string()));
  study::ReadingPlace place(options.package, key, options.session, now, options.trace);

  const StampMaker stamps(options.now.empty() ? std::optional<std::int64_t>()
                                              : std::optional(now.time_since_epoch().count()));
  PlaceDoor door(place, stamps);
  ReadingDesk desk(door, stamps,
                   {.width = options.size.at(0), .height = options.size.at(1), .screenshots = options.screenshots});
  std::optional<ScriptPlayer> script;
  if (!options.script.empty()) {
    script.emplace(std::move(lines), [&](int position) { return door.is_confirmed(position); });
  }
  const SessionDoor::Ending ending = desk.run(std::move(script));
  if (common.json) {
    nlohmann::ordered_json body{{"receipt", ending.receipt},
                                {"bundle", ending.bundle},
                                {"n_confirmed", ending.n_confirmed},
                                {"n_left", ending.n_left}};
    if (desk.first_frame_ms()) body["first_frame_ms"] = *desk.first_frame_ms();
    print_json("rationale.read", body);
  } else if (ending.receipt.empty()) {
    fmt::print("nothing was read\n");
  } else {
    fmt::print("{} of {} cases are read\nbundle   {}\nreceipt  {}\n", ending.n_confirmed,
               ending.n_confirmed + ending.n_left, ending.bundle, ending.receipt);
  }
  rationale::check_interrupt();
  return 0;
}

int run_read(const CommandLine& line) {
  if (line.read.makes_key) return make_key(line.read.key, line.common);
  return read_package(line.read, line.common);
}

}  // namespace

int main(int argc, char** argv) {
  return run_command_line(argc, argv, {{"read", run_read}}, [](const std::string& command, const CommandLine&) {
    return guarded(false, "rationale." + command, [&]() -> int {
      throw Error(Error::Kind::kUsage, "rationale-reader has no `" + command + "`", "",
                  "run it as `rationale " + command + "`");
    });
  });
}
