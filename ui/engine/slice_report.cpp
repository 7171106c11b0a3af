#include "ui/engine/slice_report.h"

#include <fmt/format.h>

#include "data/base/file.h"

namespace rationale::ui {

using nlohmann::ordered_json;

std::optional<SliceReport> write_slices(const ExplanationStore& store, const std::filesystem::path& folder) {
  const ExplanationManifest& manifest = store.manifest();
  if (manifest.input_slices == 0) return std::nullopt;
  SliceReport report{.file = folder / "slices.jsonl"};
  std::string lines;
  for (const ExplainedCase& one : store.cases()) {
    const Explanation e = store.explanation(one.key);
    if (!e.volume) continue;
    for (std::size_t k = 0; k < e.volume->evidence.size(); ++k) {
      ordered_json line{{"case", one.name}, {"class", manifest.classes.at(k)}, {"output", e.logits.at(k)}};
      line.update(ordered_json::parse(e.volume->evidence[k]));
      const ordered_json& verdict = line.at("verdict");
      ++(verdict == "own" ? report.own : verdict == "borrowed" ? report.borrowed : report.not_estimable);
      lines += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
    }
  }
  write_file(report.file, lines);
  return report;
}

ordered_json to_json(const SliceReport& report) {
  return {{"file", report.file.filename().string()},
          {"own", report.own},
          {"borrowed", report.borrowed},
          {"not_estimable", report.not_estimable}};
}

void print(const SliceReport& report) {
  fmt::print("slices            {} of {} maps show a slice with evidence of its own, {} one with borrowed evidence, {} "
             "not estimable: {}\n",
             report.own, report.own + report.borrowed + report.not_estimable, report.borrowed, report.not_estimable,
             report.file.string());
}

}  // namespace rationale::ui
