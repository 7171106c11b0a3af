#include "data/dicom/display_attributes.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "data/base/text.h"
#include "data/dicom/lookup_table.h"
#include "data/image/window.h"

namespace rationale {
namespace {

constexpr double kLargest = 1e30;  // modality values are written as float32
const LookupTableTags kLut{DCM_LUTDescriptor, DCM_LUTData};

void read_windows(const Attributes& place, Picture& picture) {
  const std::vector<std::string> centres = place.parts(DCM_WindowCenter);
  const std::vector<std::string> widths = place.parts(DCM_WindowWidth);
  if (centres.empty() && widths.empty()) return;
  if (centres.size() != widths.size()) {
    picture.warnings.push_back(fmt::format("windows are ignored: {} centres and {} widths",
                                           centres.size(), widths.size()));
    return;
  }
  WindowFunction function = WindowFunction::kLinear;
  const std::string name = place.text(DCM_VOILUTFunction);
  if (name == "LINEAR_EXACT") {
    function = WindowFunction::kLinearExact;
  } else if (name == "SIGMOID") {
    function = WindowFunction::kSigmoid;
  } else if (!name.empty() && name != "LINEAR") {
    picture.warnings.push_back(
        fmt::format("windows are ignored: the VOI LUT function \"{}\" is not known", name));
    return;
  }
  const std::vector<std::string> explanations = place.parts(DCM_WindowCenterWidthExplanation);
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const auto centre = parse_number(centres[i]);
    const auto width = parse_number(widths[i]);
    const Window window{.centre = centre.value_or(0),
                        .width = width.value_or(0),
                        .function = function,
                        .explanation = i < explanations.size() ? explanations[i] : std::string()};
    if (!centre || !width || !is_valid_window(window) || std::abs(*centre) > kLargest ||
        *width > kLargest) {
      picture.warnings.push_back(fmt::format("window {} is ignored: centre \"{}\", width \"{}\"", i,
                                             centres[i], widths[i]));
      continue;
    }
    picture.windows.push_back(window);
  }
}

/// 1 where a value is between the two, both ends included and in either order; empty: nowhere.
template <typename T>
std::vector<std::uint8_t> values_between(const std::vector<T>& values, T first, T second) {
  const auto [low, high] = std::minmax(first, second);
  std::vector<std::uint8_t> mask(values.size());
  std::transform(values.begin(), values.end(), mask.begin(),
                 [low = low, high = high](T value) { return value >= low && value <= high ? 1 : 0; });
  if (std::find(mask.begin(), mask.end(), 1) == mask.end()) mask.clear();
  return mask;
}

}  // namespace

std::vector<Attributes> attribute_places(const Attributes& data_set, int frame,
                                         const DcmTagKey& macro) {
  std::vector<Attributes> places{data_set};
  const auto add = [&](const DcmTagKey& groups, unsigned long index) {
    const auto group = data_set.item(groups, index);
    const auto inner = group ? group->item(macro, 0) : std::nullopt;
    if (inner) places.push_back(*inner);
  };
  add(DCM_PerFrameFunctionalGroupsSequence, static_cast<unsigned long>(frame - 1));
  add(DCM_SharedFunctionalGroupsSequence, 0);
  return places;
}

void read_modality_transform(const Attributes& data_set, Picture& picture) {
  picture.is_modality_signed = picture.is_stored_signed;
  if (const auto item = data_set.item(DCM_ModalityLUTSequence, 0)) {
    std::string fault;
    picture.modality_lut = read_lookup_table(*item, kLut, picture.is_stored_signed, fault, picture.warnings);
    if (picture.modality_lut.data.empty()) {
      data_set.refuse(DCM_ModalityLUTSequence, "the modality LUT cannot be used: " + fault);
    }
    picture.is_modality_signed = false;
    return;
  }
  for (const Attributes& place :
       attribute_places(data_set, picture.frame, DCM_PixelValueTransformationSequence)) {
    if (!place.has(DCM_RescaleSlope) && !place.has(DCM_RescaleIntercept)) continue;
    const auto read = [&](const DcmTagKey& tag, double otherwise) {
      if (!place.has(tag) || place.text(tag).empty()) return otherwise;
      const std::vector<double> values = place.numbers(tag);
      if (values.size() != 1) {
        place.refuse(tag, fmt::format("\"{}\" is not a finite number", place.text(tag)));
      }
      return values[0];
    };
    picture.slope = read(DCM_RescaleSlope, 1);
    picture.intercept = read(DCM_RescaleIntercept, 0);
    if (picture.slope == 0) {
      place.refuse(DCM_RescaleSlope, "a slope of 0 would make all pixels equal");
    }
    break;
  }
  const double n_values = std::exp2(picture.bits_stored);
  const double lowest = picture.is_stored_signed ? -n_values / 2 : 0;
  for (const double stored : {lowest, lowest + n_values - 1}) {
    if (std::abs(picture.slope * stored + picture.intercept) > kLargest) {
      data_set.refuse(DCM_RescaleSlope, "the rescaled values would leave the range of float32");
    }
  }
  picture.is_modality_signed =
      picture.is_stored_signed || picture.slope * lowest + picture.intercept < 0;
}

void read_voi(const Attributes& data_set, Picture& picture) {
  for (const Attributes& place :
       attribute_places(data_set, picture.frame, DCM_FrameVOILUTSequence)) {
    if (!place.has(DCM_WindowCenter) && !place.has(DCM_WindowWidth)) continue;
    read_windows(place, picture);
    break;
  }
  for (unsigned long i = 0; i < std::min(data_set.item_count(DCM_VOILUTSequence), 1000UL); ++i) {
    const auto item = data_set.item(DCM_VOILUTSequence, i);
    if (!item) continue;
    std::string fault;
    LookupTable table = read_lookup_table(*item, kLut, picture.is_modality_signed, fault, picture.warnings);
    if (table.data.empty()) {
      picture.warnings.push_back(fmt::format("VOI LUT {} is ignored: {}", i, fault));
      continue;
    }
    picture.voi_luts.push_back(std::move(table));
  }
}

void read_polarity(const Attributes& data_set, Picture& picture) {
  picture.is_monochrome1 = picture.photometric == "MONOCHROME1";
  picture.is_inverted = picture.is_monochrome1;
  const std::string shape = data_set.text(DCM_PresentationLUTShape);
  if (shape == "INVERSE") {
    picture.is_inverted = true;
  } else if (shape == "IDENTITY") {
    picture.is_inverted = false;
    if (picture.is_monochrome1) {
      picture.warnings.push_back(
          "MONOCHROME1 with presentation LUT shape IDENTITY: the shape is believed, not inverted");
    }
  } else if (!shape.empty()) {
    picture.warnings.push_back(fmt::format("presentation LUT shape \"{}\" is ignored", shape));
  }
}

void read_spacing(const Attributes& data_set, Picture& picture) {
  const auto pair = [&](const Attributes& place, const DcmTagKey& tag) -> std::vector<double> {
    if (!place.has(tag)) return {};
    const std::vector<double> values = place.numbers(tag);
    const bool is_usable = values.size() == 2 && values[0] > 0 && values[1] > 0 &&
                           values[0] < 1e6 && values[1] < 1e6 && values[0] > 1e-6 &&
                           values[1] > 1e-6;
    if (is_usable) return values;
    picture.warnings.push_back(fmt::format("{} \"{}\" is ignored", tag_name(tag), place.text(tag)));
    return {};
  };
  std::vector<double> spacing;
  for (const Attributes& place :
       attribute_places(data_set, picture.frame, DCM_PixelMeasuresSequence)) {
    if (spacing.empty()) spacing = pair(place, DCM_PixelSpacing);
  }
  if (spacing.empty()) {
    spacing = pair(data_set, DCM_ImagerPixelSpacing);
    picture.spacing.is_detector = !spacing.empty();
  }
  if (!spacing.empty()) {
    picture.spacing.vertical_mm = spacing[0];
    picture.spacing.horizontal_mm = spacing[1];
  } else {
    spacing = pair(data_set, DCM_PixelAspectRatio);
  }
  if (!spacing.empty()) picture.spacing.aspect = spacing[0] / spacing[1];
}

void read_padding(const Attributes& data_set, int bits_allocated, Picture& picture) {
  if (bits_allocated > 16 || !data_set.has(DCM_PixelPaddingValue)) return;
  // Files with the wrong one of US and SS exist: the 16 bits are read with the pixels' sign.
  const auto value = [&](const DcmTagKey& tag) -> std::optional<std::int32_t> {
    const std::vector<std::uint16_t> words = data_set.words(tag);
    if (words.size() != 1) return std::nullopt;
    const std::int32_t raw = words[0];
    if (!picture.is_stored_signed) return raw;
    return bits_allocated == 8 ? static_cast<std::int8_t>(raw & 0xFF)
                               : static_cast<std::int16_t>(raw);
  };
  const auto first = value(DCM_PixelPaddingValue);
  const bool has_limit = data_set.has(DCM_PixelPaddingRangeLimit);
  const auto second = has_limit ? value(DCM_PixelPaddingRangeLimit) : first;
  if (!first || !second) {
    picture.warnings.push_back("the padding value is ignored: it is not one 16-bit number");
    return;
  }
  picture.padding = values_between(picture.stored, *first, *second);
}

void read_float_padding(const Attributes& data_set, int bits_allocated, Picture& picture) {
  const bool is_single = bits_allocated == 32;
  const DcmTagKey tag = is_single ? DCM_FloatPixelPaddingValue : DCM_DoubleFloatPixelPaddingValue;
  const DcmTagKey limit = is_single ? DCM_FloatPixelPaddingRangeLimit : DCM_DoubleFloatPixelPaddingRangeLimit;
  if (!data_set.has(tag)) return;
  const auto first = data_set.real(tag);
  const auto second = data_set.has(limit) ? data_set.real(limit) : first;
  if (!first || !second) {
    picture.warnings.push_back("the padding value is ignored: it is not one finite number");
    return;
  }
  picture.padding = values_between(picture.float_values, *first, *second);
}

}  // namespace rationale
