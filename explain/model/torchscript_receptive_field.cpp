#include "explain/model/receptive_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "explain/model/torchscript_field.h"
#include "explain/model/torchscript_split.h"
#include "explain/model/torchscript_values.h"

namespace rationale::explain {
namespace {

using namespace torchscript;

/// Fills in what `fields` does not know yet.
void add_fields(const Cleaned& cleaned, const std::vector<std::string>& names, const Shape& input_shape,
                std::map<std::string, ReceptiveField>& fields) {
  const FieldWalk walk(*cleaned.graph, input_shape);
  for (std::size_t i = 0; i < cleaned.taps.size(); ++i) {
    if (names[i].empty() || cleaned.taps[i].node == nullptr) continue;
    const ReceptiveField field = walk.of(cleaned.taps[i].node->output());
    ReceptiveField& known = fields[names[i]];
    if (!field.axes.empty() || known.axes.empty()) known = field;
  }
}

/// The name of each tap's submodule: of several calls the last one is kept, as list_layers does.
std::vector<std::string> names_of(const Cleaned& cleaned, const LoadedModule& loaded) {
  std::map<const void*, std::string> names;  // a shared module has its first name only
  for (const auto& named : loaded.module.named_modules()) names.emplace(named.value._ivalue().get(), named.name);
  std::vector<std::string> result;
  for (const Tap& tap : cleaned.taps) {
    const auto known = names.find(cleaned.calls[static_cast<std::size_t>(tap.call)].object);
    result.push_back(known == names.end() ? std::string() : known->second);
  }
  return result;
}

}  // namespace

ReceptiveField receptive_field(const std::filesystem::path& file, const SplitOptions& options) {
  const LoadedModule loaded = load_module(file, options.device);
  const auto split = split_module(loaded, options.layer, options);
  const GraphPtr& prefix = split->graphs().prefix;
  ReceptiveField field = FieldWalk(*prefix, options.input_shape).of(prefix->outputs()[0]);
  std::vector<double> sizes;
  try {
    sizes = effective_field(prefix, options.input_shape, split->device(), split->dtype());
  } catch (const std::exception&) {  // no derivative, or too little memory for one: the theoretical field stays
  }
  for (std::size_t a = 0; a < std::min(sizes.size(), field.axes.size()); ++a) field.axes[a].effective = sizes[a];
  return field;
}

std::map<std::string, ReceptiveField> layer_fields(const std::filesystem::path& file,
                                                   const std::vector<std::int64_t>& input_shape,
                                                   const std::string& output, Listed listed) {
  const LoadedModule loaded = load_module(file, "cpu");
  std::map<std::string, ReceptiveField> fields;
  const bool are_values = listed == Listed::kValues || loaded.names.empty();
  const std::vector<std::string> outputs =
      output.empty() && !are_values ? output_names(loaded) : std::vector<std::string>{output};
  for (const std::string& one : outputs) {
    Cleaned cleaned = clean(loaded, inline_calls(loaded, nullptr), one);
    std::vector<std::string> names;
    if (are_values) {
      const std::size_t n = mark_values(cleaned, loaded).size();
      for (std::size_t i = 0; i < n; ++i) names.push_back(fmt::format("@{}", i));
    } else {
      names = names_of(cleaned, loaded);
    }
    add_fields(cleaned, names, input_shape, fields);
  }
  return fields;
}

}  // namespace rationale::explain
