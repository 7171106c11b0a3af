#include "ui/engine/layer_words.h"

#include <fmt/format.h>

#include "ui/command/command.h"

namespace rationale::ui {

nlohmann::ordered_json advice_json(const explain::LayerAdvice& advice) {
  nlohmann::ordered_json json;
  if (advice.share_behind) {
    json["share_behind"] = *advice.share_behind;
  } else {
    json["share_behind"] = not_estimable("no_weights", "no convolution or linear layer is among the rows");
  }
  json["needs"] = advice.needs;
  json["nearest"] = advice.nearest;
  return json;
}

std::string remark(const explain::LayerRow& row, const explain::LayerAdvice& advice) {
  if (row.is_suitable) {
    std::string words = advice.needs.empty() ? std::string() : "needs " + advice.needs;
    if (row.unreached.empty()) return words;
    return words + fmt::format("{}not for class {}: computed past it", words.empty() ? "" : "; ",
                               fmt::join(row.unreached, ", "));
  }
  return row.reason + (advice.nearest.empty() ? std::string() : "; try " + advice.nearest);
}

}  // namespace rationale::ui
