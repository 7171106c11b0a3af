#include "ui/engine/doctor_words.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace rationale::ui {
namespace {

constexpr double kFew = 6;  // forward passes

}  // namespace

void print_training(const nlohmann::ordered_json& r) {
  const std::size_t n = r["training_leftovers"].size();
  if (n == 0) return;
  const nlohmann::ordered_json& differs = r["training_differs"];
  fmt::print("  training    {} modules were saved in training mode; they are run in eval mode{}\n", n,
             differs.empty() ? ". None is a dropout or a norm"
                             : fmt::format(", which matters for {} of them, such as {}", differs.size(),
                                           differs.front().get<std::string>()));
}

void print_methods(const nlohmann::ordered_json& methods) {
  const auto text = [](const nlohmann::ordered_json& value) { return value.get<std::string>(); };
  std::vector<std::string> quick, slow;
  for (const auto& row : methods) {
    if (!row["suitable"].get<bool>()) continue;
    const double forwards = row["forwards"].get<double>();
    if (forwards <= kFew) {
      quick.push_back(text(row["method"]));
    } else {
      slow.push_back(fmt::format("{} ({:.0f})", text(row["method"]), forwards));
    }
  }
  fmt::print("  methods     at the price of a few passes: {}\n", fmt::join(quick, ", "));
  if (!slow.empty()) fmt::print("              with more, about as many as in brackets: {}\n", fmt::join(slow, ", "));
  std::string last;
  for (const auto& row : methods) {
    if (row["suitable"].get<bool>()) continue;
    const std::string reason = text(row["reason"]);
    fmt::print("              not {}: {}\n", text(row["method"]), reason == last ? "the same" : reason);
    last = reason;
  }
}

}  // namespace rationale::ui
