// Where the sample models lie.
#pragma once

#include <filesystem>

namespace rationale::samples {

/// The folder with the cards of the sample models (honest.toml, shortcut-shoulder.toml, …): beside an installed driver in
/// share/rationale/models, else in the checkout that this program was built from.
/// @throws Error (kEnvironment) if it is in neither place
std::filesystem::path models_folder();

}  // namespace rationale::samples
