// All that the browser shows of one case, read from the store and the film's file. No window.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/image/load.h"
#include "data/records/explanations.h"
#include "data/volume/volume.h"
#include "ui/studio/contributions.h"
#include "ui/widgets/image_view.h"

namespace rationale::ui {

/// One class of one case.
struct ClassContent {
  double logit = 0;
  std::optional<double> score,
      threshold;               ///< none for a regression, or where no threshold is stated
  bool is_flagged = false;     ///< score at or above the threshold
  double highest = 0;          ///< of the map's cells; <= 0: no positive evidence
  std::optional<HeatMap> map;  ///< none: the layer has no map of this class
  std::string map_note;        ///< why there is no overlay; empty if there is one
  std::optional<CaseContributions> concepts;
  std::string concepts_note;  ///< why there are none
};

struct CaseContent {
  ExplainedCase listed;
  Film film;
  std::string film_note;  ///< why the film is not shown, or which slice of a volume it is; else empty
  int slice = 0;          ///< of a volume, from 0: the one that is shown
  Explanation explanation;

  /// kFixed: one scale for all cases of the class; kImage: this map's own largest value.
  enum class Scale { kFixed, kImage };
  /// @param class_index  0 … n - 1
  ClassContent of_class(const ExplanationStore& store, int class_index, Scale scale = Scale::kFixed) const;
};

/// Who reads the films: load_picture and load_volume in this process, or what does the same elsewhere.
struct FilmReader {
  LoadFilm picture;
  std::function<Volume(const std::filesystem::path& place, const VolumeChoice& choice)> volume;
};

/// Of a volume one slice is shown: the one with most positive evidence for the class with the highest output.
/// The film is shown only if its file still holds the pixels that were explained.
/// @throws Error (kInput) if the store is damaged
CaseContent read_case(const ExplanationStore& store, const ExplainedCase& one, const FilmReader& films);

/// A decoded picture as the window needs it: modality values and the file's first window, or
/// displayed values where the file brings a lookup table.
Film film_of(const Picture& picture);

}  // namespace rationale::ui
