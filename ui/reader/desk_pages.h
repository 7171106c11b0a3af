// The words of the pages without a case, between a session's start and its end.
#pragma once

#include "ui/reader/door.h"
#include "ui/reader/page.h"

namespace rationale::ui {

/// What the AI shows with every case, and what with some: a reader is told neither more nor less. Empty: the
/// AI shows nothing in any arm.
std::string ai_words(const study::Protocol& protocol);

// Each of these goes on from `start`, the session's first page.

/// Before the first case.
WordsPage ready_page(const WordsPage& start);
/// Between two cases, where the protocol offers a break.
WordsPage break_page(const WordsPage& start);
/// After the session is closed: the receipt, and what to send.
WordsPage end_page(const WordsPage& start, const SessionDoor::Ending& ending);

/// Nothing goes on until this could be stored.
WordsPage fault_page(const std::string& what, const std::string& remedy);

}  // namespace rationale::ui
