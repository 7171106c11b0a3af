// The page on a model: how far its heatmaps can be trusted.
#pragma once

#include <string>

#include "ui/engine/card_pictures.h"
#include "ui/engine/survey_words.h"

namespace rationale::ui {

/// Self-contained HTML: no script, no outside resource, all names escaped. The same input gives the same bytes.
std::string card_page(const Surveyed& surveyed, const CardPictures& pictures);

}  // namespace rationale::ui
