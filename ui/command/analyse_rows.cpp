#include "ui/command/analyse_rows.h"

#include <fmt/format.h>

namespace rationale::ui {

using Json = nlohmann::ordered_json;

std::string p_text(double p) { return p < 0.001 ? "< 0.001" : fmt::format("= {:.3f}", p); }

std::string df_text(const Json& df) {
  if (df.is_null()) return "normal";
  const double value = df;
  return value >= 100 ? fmt::format("df {:.0f}", value) : fmt::format("df {:.2f}", value);
}

std::string outcome_text(const Json& o, double scale, int digits) {
  if (o.value("status", "ok") != "ok") return "not estimable: " + o.value("reason", "");
  const auto number = [&](const char* key) {
    return fmt::format("{:+.{}f}", o.at(key).get<double>() * scale, digits);
  };
  return fmt::format("{} ({} to {}){}, p {}", number("estimate"), number("lower"), number("upper"),
                     o.contains("df") ? ", " + df_text(o.at("df")) : "", p_text(o.at("p")));
}

const Json* at(const Json& json, std::initializer_list<const char*> path) {
  const Json* here = &json;
  for (const char* key : path) {
    if (!here->is_object() || !here->contains(key)) return nullptr;
    here = &here->at(key);
  }
  return here;
}

std::string line_of(const std::string& name, const std::string& what) { return fmt::format("  {:<46} {}\n", name, what); }

}  // namespace rationale::ui
