// A page of a made-up case, as panels draw it.
#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "ui/reader/page.h"
#include "ui/widgets/image_view.h"
#include "ui/widgets/screenshot.h"

namespace rationale::test {

inline ui::ReadingPage example_page() {
  using study::QuestionType;
  ui::ReadingPage page;
  page.code = "K7QF3M";
  page.position = 17;
  page.n_readings = 60;
  ui::QuestionView finding{.index = 0, .number = 1, .text = "Is a pulmonary mass present?"};
  finding.options = {{"F", "No", false}, {"J", "Yes", true}};
  ui::QuestionView confidence{.index = 1,
                              .number = 2,
                              .text = "How confident are you in this answer?",
                              .type = QuestionType::kVas,
                              .left_word = "not at all",
                              .right_word = "completely"};
  page.questions = {finding, confidence};
  page.flags = {{"A", "Not assessable", false}, {"S", "Seen before", false}, {"X", "Flag case", false}};
  page.still_open = "Still open: question 2";
  return page;
}

inline ui::AiView example_ai() {
  ui::AiView ai;
  ai.finding = "Pulmonary mass";
  ai.score = 0.96;
  ai.threshold = 0.5;
  ai.has_heatmap = true;
  ai.scale = 2;
  return ai;
}

inline ui::Film example_film() {
  ui::Film film;
  film.extent = {256, 256, 1};
  Plane plane{256, 256, std::vector<float>(256 * 256)};
  for (int row = 0; row < 256; ++row) {
    for (int col = 0; col < 256; ++col) {
      const double lung = std::exp(-std::pow((col - 70) / 40.0, 2) - std::pow((row - 110) / 70.0, 2)) +
                          std::exp(-std::pow((col - 186) / 40.0, 2) - std::pow((row - 110) / 70.0, 2));
      plane.values[static_cast<std::size_t>(row * 256 + col)] =
          std::round(static_cast<float>(3000 - 2200 * std::min(1.0, lung)));
    }
  }
  film.values = plane;
  film.window = {.centre = 1900, .width = 3600};
  return film;
}

inline ui::HeatMap example_map() {
  ui::HeatMap map;
  map.values = {7, 7, std::vector<float>(49, 0.0F)};
  map.values.values[2 * 7 + 5] = 2.0F;
  map.values.values[3 * 7 + 1] = 1.1F;
  map.cell_to_picture = grid_to_pixels(7, 7, 256, 256);
  map.scale = 2;
  map.levels = {0.5, 1.0};
  return map;
}

/// Keeps a picture to look at where the environment names a folder; tests do not need it.
inline void keep_picture(const ui::Pixels& pixels, const std::string& name) {
  const char* folder = std::getenv("RATIONALE_PICTURES");
  if (folder != nullptr) ui::write_screenshot(std::filesystem::path(folder) / (name + ".png"), pixels);
}

}  // namespace rationale::test
