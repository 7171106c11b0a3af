// Overlays of stored explanations as PNG files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/base/progress.h"
#include "data/image/overlay.h"
#include "data/records/explanations.h"
#include "explain/pipeline/decode.h"
#include "explain/pipeline/outcome.h"

namespace rationale::explain {

/// Which classes of a case get a picture.
struct PictureChoice {
  enum class Kind { kTop, kAll, kClass };
  Kind kind = Kind::kTop;  ///< kTop: the class with the highest output
  int class_index = 0;     ///< for kClass
  OverlayStyle style = OverlayStyle::kFilled;
  /// kFixed: one scale for all cases of a class. kImage: each picture its own largest cell, and says so.
  enum class Scale { kFixed, kImage };
  Scale scale = Scale::kFixed;
  /// Reference scales, one a class, with kFixed: for pictures that shall compare with those of other runs. Empty, or 0 for a
  /// class: the store's.
  std::vector<double> references = {};
};

/// Letters, digits, dot, minus and underscore; all else becomes '_'. Never empty, never a hidden file, at
/// most 100 bytes.
std::string safe_file_name(const std::string& text);

/// The film of a picture as displayed by its own first window, 0 … 1.
Plane displayed_film(const Picture& picture);

/// What the colour bar ends at, and the words about it. `value` is above 0 even where nothing is drawn.
struct PictureScale {
  double value = 1;
  std::string note;
};
/// @param n_cases  of the store
PictureScale picture_scale(const ExplanationStore& store, const Explanation& explanation, int class_index,
                           const PictureChoice& choice, std::size_t n_cases);

/// The words beside the picture of one class of one case, all but the scale's.
OverlayCaption picture_caption(const ExplanationStore& store, const ExplainedCase& one, const Explanation& explanation,
                               int class_index);

/// The picture of one class of one case.
/// @param n_cases  of the store, for the words about the scale
RgbImage draw_explanation(const ExplanationStore& store, const ExplainedCase& one,
                          const Explanation& explanation, int class_index, const Plane& film,
                          const PictureChoice& choice, std::size_t n_cases, Font& font);

/// Writes FOLDER/<case>_<class>.png for every case that the store has among `names`; of volumes a montage of the slices
/// with the most evidence. A film that cannot be
/// read is listed in the return value.
/// @throws Error (kEnvironment): no font, full disk; Interrupted
std::vector<FailedCase> write_pictures(const ExplanationStore& store,
                                       const std::vector<std::string>& names,
                                       const std::filesystem::path& folder,
                                       const PictureChoice& choice, const LoadFilm& load,
                                       Quiet quiet, const LoadVolume& load_volume = {});

}  // namespace rationale::explain
