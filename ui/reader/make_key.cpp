#include "ui/reader/make_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "data/base/error.h"
#include "study/log/bytes.h"
#include "study/seal/key_file.h"
#include "ui/command/passphrase.h"

namespace rationale::ui {
namespace {

/// A file called r2.key is most likely reader r2's; else the coordinator puts the name in.
std::string reader_of(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  const bool is_id = !stem.empty() && stem.size() <= 12 && stem != "reader" &&
                     std::all_of(stem.begin(), stem.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                     });
  return is_id ? stem : "READER";
}

}  // namespace

int make_key(const std::filesystem::path& file, const CommonOptions& common) {
  if (std::filesystem::exists(file)) {
    throw Error(Error::Kind::kRefused, "this key is there already", file.string(),
                "keep it, or name another file with --key")
        .with_code("exists");
  }
  study::start_sodium();
  const study::SigningKey key = study::SigningKey::make();
  study::write_key_file(file, key, new_passphrase(file.filename().string()));
  const std::string hex = study::to_hex(key.public_key());
  const std::string line = fmt::format("rationale study enrol {} --key {}", reader_of(file), hex);
  if (common.json) {
    print_json("rationale.read", {{"key", hex}, {"file", file.string()}, {"enrol", line}});
  } else {
    fmt::print("{}\n", line);
  }
  return 0;
}

}  // namespace rationale::ui
