#include "study/coordinator/ai_outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/cases/csv.h"
#include "data/records/explanations.h"

namespace rationale::study {
namespace {

[[noreturn]] void bad(const std::string& what, const std::string& where, const std::string& remedy,
                      const char* code) {
  throw Error(Error::Kind::kInput, what, where, remedy).with_code(code);
}

std::size_t class_index(const ExplanationManifest& made, const Protocol& protocol,
                        const std::string& where) {
  const std::string& wanted =
      protocol.ai->class_name.empty() ? protocol.truth.label : protocol.ai->class_name;
  const auto found = std::ranges::find(made.classes, wanted);
  if (found == made.classes.end()) {
    bad(fmt::format("the model {} has no class \"{}\"", made.model_name, wanted), where,
        fmt::format("set ai.class in the protocol to one of: {}", fmt::join(made.classes, ", ")),
        "unknown_class");
  }
  return static_cast<std::size_t>(found - made.classes.begin());
}

bool any_arm_shows(const Protocol& protocol, const std::string& what) {
  return std::ranges::any_of(protocol.arms,
                             [&](const Arm& arm) { return arm.shows_what(what); });
}

void check_manifest(const ExplanationManifest& made, const Protocol& protocol,
                    const std::string& where) {
  if (made.model_sha256 != protocol.ai->model_sha256) {
    bad(fmt::format("explained by the model {}…, the protocol locks {}…",
                    made.model_sha256.substr(0, 12), protocol.ai->model_sha256.substr(0, 12)),
        where, "explain the cases with the model of the protocol, or correct ai.model_sha256",
        "other_model");
  }
  for (const Arm& arm : protocol.arms) {
    if (arm.shows_what("heatmap") && arm.heatmap_method != made.method) {
      bad(fmt::format("the maps are {}, the arm {} shows {}", made.method, arm.id,
                      arm.heatmap_method),
          where, "explain with that --method, or change heatmap_method", "other_method");
    }
  }
  if (made.output_kind == "regression" ||
      (made.output_kind == "logits" && made.activation == "none")) {
    bad("the model gives no score between 0 and 1", where,
        "a reader study needs a classifier; see activation in the model card", "no_score");
  }
}

}  // namespace

std::string AiOutputs::table() const {
  std::string text = "case,score,positive,pixel_sha256,explanation\n";
  for (const auto& [id, one] : cases) {
    text += csv_line({id, csv_number(one.score), one.score >= threshold ? "1" : "0",
                      one.pixel_sha256, one.key});
  }
  return text;
}

std::string AiOutputs::digest() const {
  Sha256 sum;
  sum.field(table());
  sum.field(class_name);
  sum.field(csv_number(threshold));
  sum.field(csv_number(map_scale));
  for (const auto& [id, one] : cases) {
    const Affine& a = one.map_to_picture;
    sum.field(id);
    sum.field(fmt::format("{} {} {} {} {} {}", one.map.rows, one.map.cols, csv_number(a.row_scale),
                          csv_number(a.row_offset), csv_number(a.col_scale), csv_number(a.col_offset)));
    sum.bytes(std::as_bytes(std::span(one.map.values)));
  }
  return sum.hex();
}

AiOutputs read_ai_outputs(const std::filesystem::path& folder, const Protocol& protocol,
                          const Manifest& manifest) {
  const std::filesystem::path file = folder / "explanations.db";
  const ExplanationStore store = ExplanationStore::open(file);
  const ExplanationManifest& made = store.manifest();
  check_manifest(made, protocol, file.string());
  const std::size_t k = class_index(made, protocol, file.string());

  AiOutputs outputs{.class_name = made.classes[k], .threshold = protocol.ai->threshold,
                    .map_scale = store.scale(static_cast<int>(k)), .cases = {}};
  const bool has_maps = any_arm_shows(protocol, "heatmap");
  if (has_maps && outputs.map_scale <= 0) {
    bad("no map has positive evidence: there is nothing to show", file.string(),
        "look at the model and the layer with `rationale studio`", "empty_maps");
  }
  for (const StudyCase& one : manifest.cases) {
    const auto listed = store.find_case_if_any(one.id);
    if (!listed) {
      bad(fmt::format("case {} ({}) is not explained", one.id, one.where), file.string(),
          "run `rationale explain` on the study's cases into this folder", "not_explained");
    }
    Explanation explanation = store.explanation(listed->key);
    AiOutput output{.score = scores(made, explanation.logits)[k],
                    .map = {},
                    .map_to_picture = {},
                    .pixel_sha256 = explanation.pixel_sha256,
                    .key = listed->key};
    if (has_maps) {
      if (k >= explanation.maps.size() || explanation.maps[k].values.empty()) {
        bad(fmt::format("case {} has no map of {}", one.id, outputs.class_name), file.string(),
            "explain with a layer that the class reaches", "no_map");
      }
      output.map = std::move(explanation.maps[k]);
      output.map_to_picture = map_to_picture(explanation, output.map);
    }
    outputs.cases.emplace(one.id, std::move(output));
  }
  return outputs;
}

}  // namespace rationale::study
