#include "data/dicom/read_dicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/dicom/attributes.h"
#include "data/dicom/colour.h"
#include "data/dicom/data_set.h"
#include "data/dicom/display_attributes.h"
#include "data/dicom/frame.h"
#include "data/dicom/scan.h"

namespace rationale {
namespace {

/// Nothing for a grey picture.
std::optional<ColourModel> check_photometric(const Attributes& header, Colour colour, Picture& picture) {
  const long long samples = header.integer(DCM_SamplesPerPixel).value_or(1);
  picture.photometric = header.text(DCM_PhotometricInterpretation);
  const std::string& name = picture.photometric;
  if (name.empty()) header.refuse(DCM_PhotometricInterpretation, "missing");
  const auto model = find_colour_model(name);
  if (!model && name != "MONOCHROME1" && name != "MONOCHROME2") {
    header.refuse(DCM_PhotometricInterpretation, fmt::format("\"{}\" is not known", name),
                  "grey pictures are read (MONOCHROME1, MONOCHROME2)");
  }
  if (model && model->kind == ColourModel::Kind::kUnread) {
    header.refuse(DCM_PhotometricInterpretation, fmt::format("a colour picture ({})", name),
                  "convert it to RGB, or leave it out");
  }
  if (model && colour == Colour::kRefuse) {
    header.refuse(DCM_PhotometricInterpretation, fmt::format("a colour picture ({})", name),
                  "make it grey knowingly (rationale image FILE --colour grey --png OUT.png) and use OUT.png, or leave it "
                  "out");
  }
  const bool is_palette = model && model->kind == ColourModel::Kind::kPalette;
  const int needed = model && !is_palette ? 3 : 1;
  if (samples != needed) {
    header.refuse(DCM_SamplesPerPixel, fmt::format("{} samples a pixel in a {} picture", samples, name));
  }
  return model;
}

FrameShape check_shape(const Attributes& header, const DicomLayout& layout, int frame,
                       Picture& picture) {
  FrameShape shape;
  const auto extent = [&](const DcmTagKey& tag) {
    const long long value = header.need_integer(tag);
    if (value < 1 || value > 65535) header.refuse(tag, fmt::format("{} is not possible", value));
    return static_cast<int>(value);
  };
  picture.rows = extent(DCM_Rows);
  picture.cols = extent(DCM_Columns);
  shape.rows = static_cast<std::uint64_t>(picture.rows);
  shape.cols = static_cast<std::uint64_t>(picture.cols);

  const long long n_frames = header.integer(DCM_NumberOfFrames).value_or(1);
  if (n_frames < 1 || n_frames > std::numeric_limits<std::int32_t>::max()) {
    header.refuse(DCM_NumberOfFrames, fmt::format("{} frames are not possible", n_frames));
  }
  if (frame < 1 || frame > n_frames) {
    header.refuse(DCM_NumberOfFrames,
                  fmt::format("frame {} is asked for, the file has {}", frame, n_frames),
                  "count frames from 1");
  }
  shape.n_frames = static_cast<std::uint64_t>(n_frames);
  shape.frame = static_cast<std::uint64_t>(frame - 1);
  picture.frames = static_cast<int>(n_frames);
  picture.frame = frame;

  const long long allocated = header.need_integer(DCM_BitsAllocated);
  const bool is_float = layout.pixels.element != 0x0010;
  const bool is_possible =
      is_float ? allocated == (layout.pixels.element == 0x0008 ? 32 : 64)
               : allocated == 1 || allocated == 8 || allocated == 16 || allocated == 32;
  if (!is_possible) {
    header.refuse(DCM_BitsAllocated, fmt::format("{} bits a cell are not read", allocated),
                  is_float ? "" : "1, 8, 16 and 32 bits are read");
  }
  shape.bits_allocated = static_cast<int>(allocated);
  return shape;
}

/// Cells → stored values (PS3.5 8.1.1): the field of `bits_stored` bits below `high_bit`, with its
/// sign. Whatever else lies in a cell, old overlay planes for example, is masked away.
void take_stored_values(const Attributes& header, const std::vector<std::uint32_t>& cells,
                        FrameShape& shape, Picture& picture) {
  const long long stored = header.need_integer(DCM_BitsStored);
  if (stored < 1 || stored > shape.bits_allocated) {
    header.refuse(DCM_BitsStored,
                  fmt::format("{} bits stored in cells of {}", stored, shape.bits_allocated));
  }
  const long long high_bit = header.integer(DCM_HighBit).value_or(stored - 1);
  if (high_bit < stored - 1 || high_bit >= shape.bits_allocated) {
    header.refuse(DCM_HighBit, fmt::format("{} does not fit {} bits stored in cells of {}",
                                           high_bit, stored, shape.bits_allocated));
  }
  const long long representation = header.integer(DCM_PixelRepresentation).value_or(0);
  if (representation != 0 && representation != 1) {
    header.refuse(DCM_PixelRepresentation, fmt::format("{} is neither 0 nor 1", representation));
  }
  picture.bits_stored = static_cast<int>(stored);
  picture.is_stored_signed = representation == 1;
  const auto shift = static_cast<int>(high_bit + 1 - stored);
  const std::uint32_t mask = stored == 32 ? ~0U : (1U << stored) - 1;
  const std::uint32_t sign = picture.is_stored_signed ? 1U << (stored - 1) : 0;
  picture.stored.resize(cells.size());
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::uint32_t value = (cells[i] >> shift) & mask;
    all |= value;
    // Two's complement of `stored` bits, without a branch: flip the sign bit, then take it off.
    picture.stored[i] = static_cast<std::int32_t>((value ^ sign) - sign);
  }
  if (!picture.is_stored_signed && all > std::uint32_t{std::numeric_limits<std::int32_t>::max()}) {
    header.refuse(DCM_BitsStored,
                  "a stored value is beyond 2^31 - 1, the largest that is read here");
  }
}

std::vector<std::uint32_t> read_cells(const DicomLayout& layout, DcmDataset& data_set, const FrameShape& shape,
                                      const std::string& name, Picture& picture) {
  if (!layout.pixels.is_encapsulated) return native_cells(layout, shape, name, picture.warnings);
  return decode_frame(layout, data_set, shape, name).cells;
}

/// A colour frame as grey of 8 bits, displayed as it is: modality and VOI are for grey pictures (PS3.3 C.11).
void take_colour(const Attributes& header, const DicomLayout& layout, DcmDataset& data_set, FrameShape shape,
                 ColourModel model, const std::string& name, Picture& picture) {
  const bool is_palette = model.kind == ColourModel::Kind::kPalette;
  if (layout.pixels.element != 0x0010 || (shape.bits_allocated != 8 && !(is_palette && shape.bits_allocated == 16))) {
    header.refuse(DCM_BitsAllocated, fmt::format("{} bits a cell are not read in colour", shape.bits_allocated),
                  "convert it to 8 bits");
  }
  const bool is_native = !layout.pixels.is_encapsulated;
  if (!is_palette) shape.cells_per_pixel = is_native && model.is_halved ? 2 : 3;
  if (shape.cells_per_pixel == 2 && shape.cols % 2 == 1) {
    header.refuse(DCM_Columns, "YBR_FULL_422 with an odd number of columns");
  }
  std::vector<std::uint32_t> cells;
  if (is_native) {
    cells = native_cells(layout, shape, name, picture.warnings);
  } else {
    Decoded decoded = decode_frame(layout, data_set, shape, name);
    if (decoded.is_rgb && !is_palette) model.kind = ColourModel::Kind::kRgb;
    cells = std::move(decoded.cells);
    if (!is_palette && std::ranges::any_of(cells, [](std::uint32_t cell) { return cell > 255; })) {
      header.refuse(DCM_PixelData, "the codestream has samples beyond 8 bits");
    }
  }
  const bool is_planar = is_native && header.integer(DCM_PlanarConfiguration).value_or(0) == 1;
  picture.stored = grey_of_colour(header, model, cells, shape, is_planar, picture.warnings);
  picture.bits_stored = 8;
  picture.windows = {{.centre = 128, .width = 256, .explanation = "whole range"}};
  picture.warnings.push_back(fmt::format("a colour picture ({}) was made grey, as asked for", picture.photometric));
}

void read_facts(const Attributes& header, const DicomLayout& layout, Picture& picture) {
  picture.format = "dicom";
  picture.transfer_syntax = layout.syntax.uid;
  picture.view_position = header.text(DCM_ViewPosition);
  picture.is_lossy = layout.syntax.is_lossy || header.text(DCM_LossyImageCompression) == "01";
  if (header.text(DCM_BurnedInAnnotation) == "YES") {
    picture.warnings.push_back("the file says that text is burned into the pixels");
  }
}

Picture parse_checked(std::string_view bytes, const std::string& name, int frame, Colour colour) {
  prepare_dcmtk();
  const DicomLayout layout = scan_dicom(bytes, name);
  const std::unique_ptr<DcmDataset> data_set = parse_data_set(layout, name);
  const Attributes header(*data_set, name);

  Picture picture;
  const auto colour_model = check_photometric(header, colour, picture);
  FrameShape shape = check_shape(header, layout, frame, picture);
  if (colour_model) {
    take_colour(header, layout, *data_set, shape, *colour_model, name, picture);
  } else if (layout.pixels.element != 0x0010) {
    if (layout.pixels.is_encapsulated) {
      header.refuse(DCM_PixelData, "compressed float pixels are not read");
    }
    picture.float_values = float_pixels(layout, shape, name);
    read_float_padding(header, shape.bits_allocated, picture);
    picture.bits_stored = shape.bits_allocated;
    picture.is_stored_signed = true;
    picture.is_modality_signed = true;
  } else {
    take_stored_values(header, read_cells(layout, *data_set, shape, name, picture), shape, picture);
    read_padding(header, shape.bits_allocated, picture);
    read_modality_transform(header, picture);
  }
  if (!colour_model) {
    read_voi(header, picture);
    read_polarity(header, picture);
  }
  read_spacing(header, picture);
  read_facts(header, layout, picture);
  return picture;
}

}  // namespace

Picture parse_dicom(std::string_view bytes, const std::string& name, int frame, Colour colour) {
  try {
    return parse_checked(bytes, name, frame, colour);
  } catch (const std::bad_alloc&) {
    throw Error(Error::Kind::kInput, "decoding the picture takes more memory than it may have", name,
                "leave the file out, or use a machine with more memory")
        .with_code("decode_memory");
  }
}

Picture read_dicom(const std::filesystem::path& path, int frame, Colour colour) {
  return parse_dicom(read_file(path), path.string(), frame, colour);
}

}  // namespace rationale
