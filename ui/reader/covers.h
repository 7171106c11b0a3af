// What lies over film and AI card: pause, help, lost focus, a fault. The same in every arm.
#pragma once

#include <string>
#include <vector>

#include "ui/reader/layout.h"
#include "ui/reader/page.h"

namespace rationale::ui {

/// One line of the help page.
struct KeyLine {
  std::vector<std::string> keys;  ///< on caps; a name of more than five letters is written without
  std::string what, note;
};
struct KeyGroup {
  std::string title;
  std::vector<KeyLine> lines;
};
/// All keys that the page's questions and flags and the window itself answer to.
std::vector<KeyGroup> key_groups(const ReadingPage& page);

/// @pre page.cover is not kNone
void draw_cover(Canvas& canvas, const ReaderLayout& layout, const ReadingPage& page, Intents& intents);

void draw_help(Canvas& canvas, const Rect& area, const std::vector<KeyGroup>& groups);

}  // namespace rationale::ui
