#include "explain/model/card.h"

#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace rationale::fuzz {

bool model_card(std::string_view bytes) {
  static const ScratchFile file("model.toml");
  static const bool has_model = [] {
    write_file(file.path().parent_path() / "m.pt", "model");
    return true;
  }();
  require(has_model, "the model file is there");
  file.fill(bytes);
  return is_accepted([&] {
    const explain::ModelCard card = explain::read_card(file.path());
    require(card.input_shape.size() == 3 || card.input_shape.size() == 4, "three or four extents");
    require(!card.classes.empty() && !card.name.empty(), "classes and a name");
    require(card.std.size() <= 1 || static_cast<std::int64_t>(card.std.size()) == card.input_shape[0],
            "one std a channel");
  });
}

}  // namespace rationale::fuzz
