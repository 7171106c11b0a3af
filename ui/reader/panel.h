// The right-hand panel while a case is read.
#pragma once

#include "ui/reader/layout.h"
#include "ui/reader/page.h"
#include "ui/widgets/image_shader.h"

namespace rationale::ui {

/// Header, AI card, questions, reports, Confirm, tools. Clicks are put into `intents`, which has to outlive
/// the frame's click areas. Under a cover only header and tools are drawn, alike in every arm.
void draw_panel(Canvas& canvas, const ReaderLayout& layout, const ReadingPage& page,
                const ColourTable& colours, Intents& intents);

/// Case code, count and progress line. `is_dim`: under a cover.
enum class Dim { kNo, kYes };
void draw_header(Canvas& canvas, const Rect& rect, const std::string& small_left,
                 const std::string& left, const std::string& small_right, const std::string& right,
                 double progress, Dim dim);

/// Key cap and label, 56 high. `state` kDisabled: no fill, no click.
void draw_confirm(Canvas& canvas, const Rect& rect, const std::string& key, const std::string& label,
                  ButtonState state, const Intent& intent, Intents& intents);

/// Undo (or what `undo` says), Pause and Help. `open` is drawn as on, the others as closed; none: all at rest.
void draw_tools(Canvas& canvas, const Rect& rect, const std::string& undo, ButtonState undo_state,
                Cover open, Intents& intents);

/// Focus ring, 3 px outside.
void draw_focus(Canvas& canvas, const Rect& rect);

}  // namespace rationale::ui
