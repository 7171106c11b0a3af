#include "data/samples/place.h"

#include "data/base/error.h"

namespace rationale::samples {

std::filesystem::path models_folder() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto installed = program.parent_path().parent_path() / "share" / "rationale" / "models";
  if (std::filesystem::is_directory(installed)) return installed;
  const std::filesystem::path checkout = RATIONALE_SAMPLE_MODELS;
  if (std::filesystem::is_directory(checkout)) return checkout;
  throw Error(Error::Kind::kEnvironment, "the sample models are not there", installed.string(),
              "install Rationale with its share folder, or run it from its checkout");
}

}  // namespace rationale::samples
