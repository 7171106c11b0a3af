#include "explain/pipeline/prefix_choice.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/base/version.h"

namespace rationale::explain {
namespace {

namespace fs = std::filesystem;

fs::path file_of(const fs::path& folder, const PrefixQuestion& question) {
  Sha256 digest;
  digest.field(version()).field(question.model_sha256).field(question.layer);
  digest.field(std::to_string(question.call)).field(question.device).field(question.torch_version);
  digest.field(std::to_string(question.threads));
  for (const long long extent : question.input_shape) digest.field(std::to_string(extent));
  return folder / digest.hex();
}

bool is_variant(std::string_view name) {
  return name == "unoptimised" || name == "frozen" || name == "channels_last" || name == "onednn" ||
         name == "folded" || name == "folded_channels_last";
}

}  // namespace

fs::path prefix_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    return fs::path(cache) / "rationale" / "prefix";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / ".cache" / "rationale" / "prefix";
  }
  return {};
}

std::string remembered_prefix(const fs::path& folder, const PrefixQuestion& question) {
  if (folder.empty()) return {};
  try {
    const std::string text = read_file(file_of(folder, question), 64);
    const std::string_view name = trim(text);
    return is_variant(name) ? std::string(name) : std::string();
  } catch (const Error&) {
    return {};  // nothing noted yet
  }
}

std::string remember_prefix(const fs::path& folder, const PrefixQuestion& question,
                            const std::string& variant) {
  if (folder.empty()) return variant;
  const fs::path file = file_of(folder, question);
  const fs::path mine = file.string() + "." + std::to_string(::getpid());
  try {
    write_file(mine, variant + "\n");
  } catch (const Error&) {
    return variant;  // a read-only home: every run chooses for itself
  }
  std::error_code error;
  fs::create_hard_link(mine, file, error);  // fails if another program was first
  fs::remove(mine, error);
  const std::string counted = remembered_prefix(folder, question);
  return counted.empty() ? variant : counted;
}

}  // namespace rationale::explain
