#include "explain/model/prepare_volume.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "data/base/error.h"
#include "data/base/interrupt.h"
#include "data/cases/cases.h"
#include "data/image/window.h"
#include "data/volume/digest.h"
#include "explain/model/normalise.h"
#include "explain/model/resize.h"

namespace rationale::explain {
namespace {

[[noreturn]] void refuse(const std::string& what, const ModelCard& card, const std::string& remedy,
                         const std::string& code) {
  throw Error(Error::Kind::kRefused, what, card.name, remedy).with_code(code);
}

void check_card(const Volume& volume, const ModelCard& card) {
  if (card.input_shape.size() != 4) {
    refuse("the model takes pictures [C,H,W], not volumes", card, "give single pictures", "picture_input");
  }
  if (card.fit == Fit::kPad && card.pixels == Pixels::kModality) {
    refuse("fit = \"pad\" with pixels = \"modality\" would give each slice a background of its own", card,
           "use pixels = \"window:C,W\", or another fit", "volume_card");
  }
  const auto depth = static_cast<std::size_t>(card.input_shape[1]);
  if (depth == volume.size()) return;
  if (card.resize == Resize::kNone) {
    throw Error(Error::Kind::kInput,
                fmt::format("the volume has {} slices, the model takes {} and the card says resize = \"none\"",
                            volume.size(), depth),
                volume.name, "name the filter that the model was trained with in the card")
        .with_code("wrong_size");
  }
  if (needs_bytes(card.resize)) {
    refuse(fmt::format("the card's filter rounds rows and columns to 8 bits and is not defined along the depth, which "
                       "has to change from {} to {} slices",
                       volume.size(), depth),
           card, "use bilinear_aa, bicubic_aa, bilinear, area or a nearest", "volume_card");
  }
}

/// What a slice is displayed with: its first window, else its first VOI LUT.
struct Display {
  std::optional<Window> window;
  LookupTable lut;
};

Display display_of(const Picture& picture) {
  if (!picture.windows.empty()) return {picture.windows.front(), {}};
  return {std::nullopt, picture.voi_luts.empty() ? LookupTable{} : picture.voi_luts.front()};
}

bool is_same(const Display& a, const Display& b) {
  if (a.window.has_value() != b.window.has_value()) return false;
  if (a.window) {
    return a.window->centre == b.window->centre && a.window->width == b.window->width &&
           a.window->function == b.window->function;
  }
  return a.lut.first == b.lut.first && a.lut.bits == b.lut.bits && a.lut.data == b.lut.data;
}

std::string words_of(const Display& display) {
  if (!display.window) return "a VOI LUT";
  return fmt::format("{:g},{:g},{}", display.window->centre, display.window->width,
                     window_function_name(display.window->function));
}

/// Refuses displays that give one tissue other values in each slice: none of its own, or one unlike the first slice's.
class OneDisplay {
 public:
  OneDisplay(const Volume& volume, const ModelCard& card) : volume_(volume), card_(card) {}

  void check(const Picture& picture, std::size_t z) {
    constexpr const char* kRemedy = "use pixels = \"window:C,W\" or \"modality\"";
    if (picture.windows.empty() && picture.voi_luts.empty()) {
      refuse(fmt::format("slice {} has no window: displayed values would be stretched for each slice apart",
                         slice_name(volume_.slices[z])),
             card_, kRemedy, "volume_card");
    }
    const Display display = display_of(picture);
    if (!first_) {
      first_ = display;
    } else if (!is_same(*first_, display)) {
      refuse(fmt::format("slice {} is displayed with {}, slice {} with {}: the same value would be other numbers in each",
                         slice_name(volume_.slices[0]), words_of(*first_), slice_name(volume_.slices[z]),
                         words_of(display)),
             card_, kRemedy, "volume_card");
    }
  }

 private:
  const Volume& volume_;
  const ModelCard& card_;
  std::optional<Display> first_;
};

/// The card of one slice, without normalisation.
ModelCard card_of_slice(ModelCard card) {
  card.input_shape = {1, card.input_shape[2], card.input_shape[3]};
  card.normalise = Normalise::kFixed;
  card.scale = 1;
  card.mean.clear();
  card.std.clear();
  return card;
}

/// [D',H·W] → [D,H·W]: the slices as the rows of a plane whose width stays.
std::vector<float> stretched(std::vector<float> values, int n_slices, int depth, Resize filter) {
  if (n_slices == depth) return values;
  const int size = static_cast<int>(values.size() / static_cast<std::size_t>(n_slices));
  return resized({n_slices, size, std::move(values)}, filter, depth, size).values;
}

}  // namespace

PreparedVolume prepare_volume(const Volume& volume, const ModelCard& card) {
  check_card(volume, card);
  const ModelCard slice_card = card_of_slice(card);
  const bool is_displayed = card.pixels == Pixels::kDisplay || card.pixels == Pixels::kDisplayU8;
  OneDisplay display(volume, card);
  PreparedVolume result;
  std::vector<float> values;
  std::vector<double> looked_at;
  std::vector<std::string> digests;
  for (std::size_t z = 0; z < volume.size(); ++z) {
    check_interrupt();
    const Picture picture = volume.picture(z);
    if (is_displayed) display.check(picture, z);
    digests.push_back(pixel_digest(picture));
    Prepared slice = prepare(picture, slice_card);
    const Plane plane{static_cast<int>(card.input_shape[2]), static_cast<int>(card.input_shape[3]),
                      std::move(slice.input.values)};
    if (card.normalise != Normalise::kFixed) {
      const std::vector<double> some = values_on_the_picture(plane, picture, slice.input_to_picture);
      looked_at.insert(looked_at.end(), some.begin(), some.end());
    }
    values.insert(values.end(), plane.values.begin(), plane.values.end());
    result.prepared.input_to_picture = slice.input_to_picture;
  }
  const Line line = normalisation(card, std::move(looked_at));
  result.prepared.input = normalised(
      stretched(std::move(values), static_cast<int>(volume.size()), static_cast<int>(card.input_shape[1]), card.resize),
      line, card);
  result.pixel_sha256 = volume_pixel_digest(volume.geometry, digests);
  return result;
}

}  // namespace rationale::explain
