// From an assignment to what the reader is shown: the film without its names, and what the arm shows of
// the AI.
#pragma once

#include <list>
#include <map>
#include <string>

#include "data/image/load.h"
#include "study/allocation/allocation.h"
#include "study/coordinator/ai_outputs.h"
#include "study/coordinator/case_files.h"
#include "study/protocol/protocol.h"
#include "study/session/item.h"

namespace rationale::study {

/// The AI part of an item: only what `arm` shows. @param output  nullptr if no arm shows anything
ItemAi shown_ai(const Arm& arm, const AiOutputs& outputs, const AiOutput& output);

/// Decodes films and keeps the last ones, since every film is read several times.
class ItemSource {
 public:
  /// @param outputs  nullptr if no arm shows anything. All three outlive this.
  /// @param load     empty: this process reads the films
  ItemSource(const Protocol& protocol, const Manifest& manifest, const AiOutputs* outputs, LoadFilm load);

  /// @throws Error (kInput) if a film cannot be decoded, or (code "other_film") is not the one that was
  ///   explained
  Item item(const Assignment& assignment);

 private:
  const std::vector<ItemFilm>& films(const std::string& case_id);

  const Protocol& protocol_;
  const AiOutputs* outputs_;
  LoadFilm load_;
  std::map<std::string, const StudyCase*> cases_;
  std::map<std::string, std::vector<ItemFilm>> kept_;
  std::list<std::string> order_;  ///< of kept_, oldest first
  std::size_t kept_values_ = 0;
};

}  // namespace rationale::study
