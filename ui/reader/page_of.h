// From a protocol and where a reading stands to the page that is drawn.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "study/protocol/protocol.h"
#include "study/session/answer.h"
#include "study/session/item.h"
#include "ui/reader/page.h"

namespace rationale::ui {

/// Where a reading stands, as the session says it.
struct CaseState {
  struct Asked {
    std::size_t index = 0;  ///< of the protocol's questions
    bool is_frozen = false;
    std::optional<study::Answer> answer;
    int n_marks = 0;
  };
  std::string code;
  int position = 1, n_readings = 1;
  std::vector<Asked> asked;         ///< what is shown now, in order
  std::vector<std::string> open;    ///< ids of the required ones that are not answered
  bool is_too_early = false;        ///< all answered, but the least viewing time is not over
  bool is_not_assessable = false, is_seen_before = false;
  std::set<std::string> flags;      ///< ids that are set
  std::string comment;
  bool can_undo = false;
  bool shows_ai = false;            ///< the AI's part is open now
  bool is_heatmap_on = true, has_outline = false, is_beside = false;
  int opacity_percent = 40;
  Cover cover = Cover::kNone;
};

/// @param ai  of the item; what it holds is what its arm shows
ReadingPage page_of(const study::Protocol& protocol, const study::Arm& arm, const study::ItemAi& ai,
                    const CaseState& state);

/// The answer that choosing `option` gives: the level, or for multichoice the set with it taken in or out.
study::Answer chosen_answer(const study::Question& question, std::size_t option,
                            const std::optional<study::Answer>& before);
/// What was typed, as an answer; nothing if it is none (then the field keeps it).
std::optional<study::Answer> written_answer(const study::Question& question, const std::string& text);

/// Places of the page's flags.
inline constexpr std::size_t kNotAssessableFlag = 0, kSeenBeforeFlag = 1, kFirstProtocolFlag = 2;

}  // namespace rationale::ui
