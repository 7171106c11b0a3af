#include "data/dicom/frame.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string_view>

#include "data/base/error.h"
#include "data/dicom/codestream.h"
#include "data/dicom/jpeg2000.h"

namespace rationale {
namespace {

constexpr std::uint64_t kMaxDecodedPixels = std::uint64_t{1} << 28;  // decoders take up to 12 bytes a pixel

[[noreturn]] void refuse(const std::string& name, const std::string& what,
                         const std::string& remedy = "export or copy the file again") {
  throw Error(Error::Kind::kInput, what, name + ", (7FE0,0010) PixelData", remedy)
      .with_code("bad_pixel_data");
}

/// Native bytes of one frame. Checks the whole value first; all sizes in 64 bits.
/// @pre rows, columns and bits allocated are not 0
std::string_view native_frame(const DicomLayout& layout, const FrameShape& shape,
                              const std::string& name, std::uint64_t& first_bit) {
  const std::uint64_t bits = shape.n_cells() * static_cast<std::uint64_t>(shape.bits_allocated);
  const std::uint64_t available = layout.pixels.value.size();
  // A frame has at most 2^38 bits, but their product with the number of frames could overflow.
  if (shape.n_frames > 8 * available / bits) {
    refuse(name,
           fmt::format("{} frames of {} x {} pixels of {} bits need {} bytes each, the file has {}",
                       shape.n_frames, shape.rows, shape.cols, shape.bits_allocated, (bits + 7) / 8,
                       available));
  }
  const std::uint64_t begin = bits * shape.frame;
  first_bit = begin % 8;
  return layout.pixels.value.substr(begin / 8, (first_bit + bits + 7) / 8);
}

std::vector<std::uint32_t> widen(const std::vector<char>& bytes, std::uint64_t n, int cell_bytes) {
  std::vector<std::uint32_t> cells(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + i * static_cast<std::size_t>(cell_bytes),
                static_cast<std::size_t>(cell_bytes));
    cells[i] = value;
  }
  return cells;
}

/// The fragments that make up one frame (PS3.5 A.4).
std::string frame_codestream(const DicomLayout& layout, const FrameShape& shape,
                             const std::string& name) {
  const auto& all = layout.pixels.fragments;
  if (all.size() < 2) refuse(name, "the compressed pixel data are empty");
  const std::size_t n_fragments = all.size() - 1;
  std::size_t begin = 1;
  std::size_t end = all.size();
  if (n_fragments == shape.n_frames) {
    begin = 1 + static_cast<std::size_t>(shape.frame);
    end = begin + 1;
  } else if (shape.n_frames > 1) {
    const std::string_view table = all[0];
    if (table.size() != 4 * shape.n_frames) {
      refuse(name, fmt::format("{} frames in {} fragments without an offset table", shape.n_frames,
                               n_fragments));
    }
    const auto offset = [&](std::uint64_t frame) {
      std::uint32_t value = 0;
      std::memcpy(&value, table.data() + 4 * frame, 4);
      return std::uint64_t{value};
    };
    const auto fragment_at = [&](std::uint64_t wanted) {
      std::uint64_t at = 0;
      for (std::size_t i = 1; i < all.size(); ++i) {
        if (at == wanted) return i;
        at += 8 + all[i].size();
      }
      refuse(name, "the offset table points into the middle of a fragment");
    };
    begin = fragment_at(offset(shape.frame));
    end = shape.frame + 1 < shape.n_frames ? fragment_at(offset(shape.frame + 1)) : all.size();
    if (end <= begin) refuse(name, "the offset table is not in order");
  }
  std::string stream;
  for (std::size_t i = begin; i < end; ++i) stream.append(all[i]);
  return stream;
}

int jpeg_cell_bytes(const std::string& stream, Codec codec, const FrameShape& shape, const std::string& name) {
  const auto facts = read_codestream(stream);
  if (!facts) refuse(name, "the compressed pixel data are no JPEG codestream");
  if (facts->is_jpeg_ls != (codec == Codec::kJpegLs)) {
    refuse(name, "one of transfer syntax and codestream is JPEG, the other JPEG-LS");
  }
  if (!facts->is_complete) refuse(name, "the JPEG codestream is cut off: it has no end marker");
  if (facts->components != shape.cells_per_pixel) {
    refuse(name, fmt::format("the codestream has {} components, the header says {} samples a pixel",
                             facts->components, shape.cells_per_pixel));
  }
  if (static_cast<std::uint64_t>(facts->rows) != shape.rows ||
      static_cast<std::uint64_t>(facts->cols) != shape.cols) {
    refuse(name, fmt::format("the codestream has {} x {} pixels, the header {} x {}", facts->rows,
                             facts->cols, shape.rows, shape.cols));
  }
  if (facts->precision < 2 || facts->precision > shape.bits_allocated) {
    refuse(name, fmt::format("the codestream has {} bits a pixel, the header allocates {}",
                             facts->precision, shape.bits_allocated));
  }
  return facts->precision > 8 ? 2 : 1;
}

void check_rle(const std::string& stream, const FrameShape& shape, const std::string& name) {
  // PS3.5 G.5: number of segments, then 15 offsets.
  const auto word = [&](std::size_t i) {
    std::uint32_t value = 0;
    std::memcpy(&value, stream.data() + 4 * i, 4);
    return value;
  };
  if (stream.size() < 64 || word(0) != static_cast<std::uint32_t>(shape.bits_allocated / 8)) {
    refuse(name, "the RLE header does not fit the bits allocated");
  }
  std::uint32_t last = 63;
  for (std::size_t i = 1; i <= word(0); ++i) {
    if (word(i) <= last || word(i) >= stream.size()) {
      refuse(name, "an RLE segment lies outside its fragment");
    }
    last = word(i);
  }
}

/// Takes the file's pixel data out of the data set and puts one codestream in.
DcmPixelData& put_codestream(DcmDataset& data_set, const TransferSyntax& syntax, std::string stream,
                             const std::string& name) {
  if (stream.size() % 2 == 1) stream += '\0';
  const DcmTag item_tag(DCM_Item, EVR_OB);
  auto sequence = std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelData, EVR_OB));
  auto fragment = std::make_unique<DcmPixelItem>(item_tag);
  auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
  const bool is_put =
      fragment->putUint8Array(reinterpret_cast<const Uint8*>(stream.data()), stream.size()).good() &&
      sequence->insert(std::make_unique<DcmPixelItem>(item_tag).release()).good() &&  // no offset table
      sequence->insert(fragment.release()).good() &&
      data_set.putAndInsertString(DCM_NumberOfFrames, "1").good();
  if (!is_put) refuse(name, "the codestream could not be given to the decoder");
  pixels->putOriginalRepresentation(DcmXfer(syntax.uid).getXfer(), nullptr, sequence.release());
  DcmPixelData& result = *pixels;
  if (data_set.insert(pixels.release(), OFTrue).bad()) {
    refuse(name, "the codestream could not be given to the decoder");
  }
  return result;
}

Decoded dcmtk_cells(const DicomLayout& layout, DcmDataset& data_set, std::string stream,
                    const FrameShape& shape, int cell_bytes, const std::string& name) {
  DcmPixelData& pixels = put_codestream(data_set, layout.syntax, std::move(stream), name);
  const std::uint64_t size = shape.n_cells() * static_cast<std::uint64_t>(cell_bytes);
  std::vector<char> buffer(size + size % 2);  // DCMTK rounds up to even
  Uint32 start = 0;
  OFString colour;
  const OFCondition done = pixels.getUncompressedFrame(
      &data_set, 0, start, buffer.data(), static_cast<Uint32>(buffer.size()), colour);
  const bool lacks_memory = std::string_view(done.text()).starts_with("Insufficient memory");  // in the codec's words
  if (done == EC_MemoryExhausted || lacks_memory) throw std::bad_alloc();
  if (done.bad()) refuse(name, fmt::format("decoding failed: {}", done.text()));
  return {widen(buffer, shape.n_cells(), cell_bytes), colour == "RGB"};
}

}  // namespace

void prepare_dcmtk() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    // Samples of a colour pixel side by side, whatever the header says.
    DJDecoderRegistration::registerCodecs(EDC_photometricInterpretation, EUC_default, EPC_colorByPixel);
    DJLSDecoderRegistration::registerCodecs(EJLSUC_default, EJLSPC_colorByPixel);
  });
  if (!dcmDataDict.isDictionaryLoaded()) {
    throw Error(Error::Kind::kEnvironment, "DCMTK's data dictionary is not there", "",
                "install it (libdcmtk-data), or let DCMDICTPATH name dicom.dic")
        .with_code("no_dicom_dictionary");
  }
}

std::vector<std::uint32_t> native_cells(const DicomLayout& layout, const FrameShape& shape,
                                        const std::string& name,
                                        std::vector<std::string>& warnings) {
  std::uint64_t first_bit = 0;
  const std::string_view bytes = native_frame(layout, shape, name, first_bit);
  const std::uint64_t total =
      shape.n_cells() * shape.n_frames * static_cast<std::uint64_t>(shape.bits_allocated);
  if (layout.pixels.value.size() > (total + 7) / 8 + 1) {
    warnings.push_back(fmt::format("pixel data have {} bytes more than the header says",
                                   layout.pixels.value.size() - (total + 7) / 8));
  }
  const auto byte = [&](std::uint64_t i) {
    return std::uint32_t{static_cast<unsigned char>(bytes[i])};
  };
  const bool swaps = layout.syntax.is_big_endian;
  // Bytes and bits in a big endian OW value lie in swapped pairs of the whole value.
  const std::uint64_t offset =
      static_cast<std::uint64_t>(bytes.data() - layout.pixels.value.data());
  const bool swaps_pairs = swaps && layout.pixels.vr == "OW" && shape.bits_allocated <= 8;
  const auto paired_byte = [&](std::uint64_t i) -> std::uint32_t {
    if (!swaps_pairs) return byte(i);
    const std::uint64_t at = (offset + i) ^ 1;
    if (at >= layout.pixels.value.size()) return 0;
    return static_cast<unsigned char>(layout.pixels.value[at]);
  };
  std::vector<std::uint32_t> cells(shape.n_cells());
  switch (shape.bits_allocated) {
    case 1:
      for (std::uint64_t i = 0; i < cells.size(); ++i) {
        cells[i] = paired_byte((first_bit + i) / 8) >> ((first_bit + i) % 8) & 1U;
      }
      break;
    case 8:
      for (std::uint64_t i = 0; i < cells.size(); ++i) cells[i] = paired_byte(i);
      break;
    case 16: {
      std::vector<std::uint16_t> words(cells.size());
      std::memcpy(words.data(), bytes.data(), 2 * words.size());
      std::ranges::transform(words, cells.begin(), [swaps](std::uint16_t w) {
        return swaps ? std::uint32_t{static_cast<std::uint16_t>(w << 8 | w >> 8)}
                     : std::uint32_t{w};
      });
      break;
    }
    case 32:
      if (swaps) {
        // Readers disagree: some swap 16-bit words, some 32-bit ones.
        refuse(name, "32-bit big endian pixels are ambiguous",
               "convert the file to Explicit VR Little Endian");
      }
      for (std::uint64_t i = 0; i < cells.size(); ++i) {
        cells[i] =
            byte(4 * i) | byte(4 * i + 1) << 8 | byte(4 * i + 2) << 16 | byte(4 * i + 3) << 24;
      }
      break;
    default:
      throw Error(Error::Kind::kInternal, "bits allocated were not checked", name);
  }
  return cells;
}

std::vector<double> float_pixels(const DicomLayout& layout, const FrameShape& shape,
                                 const std::string& name) {
  std::uint64_t first_bit = 0;
  if (layout.syntax.is_big_endian) {
    refuse(name, "big endian float pixels are not read",
           "convert the file to Explicit VR Little Endian");
  }
  const std::string_view bytes = native_frame(layout, shape, name, first_bit);
  std::vector<double> values(shape.n_pixels());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (shape.bits_allocated == 32) {
      float value = 0;
      std::memcpy(&value, bytes.data() + 4 * i, 4);
      values[i] = static_cast<double>(value);
    } else {
      std::memcpy(&values[i], bytes.data() + 8 * i, 8);
    }
    if (!std::isfinite(values[i]) || std::abs(values[i]) > 1e30) {
      refuse(name,
             fmt::format("the float pixel in row {}, column {} is not a finite number below 1e30",
                         i / shape.cols, i % shape.cols),
             "replace such pixels by numbers");
    }
  }
  return values;
}

Decoded decode_frame(const DicomLayout& layout, DcmDataset& data_set, const FrameShape& shape,
                     const std::string& name) {
  if (shape.n_pixels() > kMaxDecodedPixels) refuse(name, "a frame of more than 2^28 pixels");
  std::string stream = frame_codestream(layout, shape, name);
  switch (layout.syntax.codec) {
    case Codec::kRle:
      if ((shape.bits_allocated != 8 && shape.bits_allocated != 16) || shape.cells_per_pixel != 1) {
        refuse(name,
               fmt::format("RLE of {} bits, {} samples a pixel, is not read", shape.bits_allocated,
                           shape.cells_per_pixel),
               "decompress the file first");
      }
      check_rle(stream, shape, name);
      return dcmtk_cells(layout, data_set, std::move(stream), shape, shape.bits_allocated / 8, name);
    case Codec::kJpeg: {
      const int cell_bytes = jpeg_cell_bytes(stream, layout.syntax.codec, shape, name);
      return dcmtk_cells(layout, data_set, std::move(stream), shape, cell_bytes, name);
    }
    case Codec::kJpegLs: {
      const int cell_bytes = jpeg_cell_bytes(stream, layout.syntax.codec, shape, name);
      return dcmtk_cells(layout, data_set, with_preset_parameters(std::move(stream)), shape, cell_bytes,
                         name);
    }
    case Codec::kJpeg2000:
      try {
        const int n = shape.cells_per_pixel;
        return {decode_jpeg2000(stream, shape.rows, shape.cols, n), n == 3};
      } catch (const std::runtime_error& error) {
        refuse(name, fmt::format("decoding failed: {}", error.what()));
      }
    case Codec::kNative:
      break;
  }
  throw Error(Error::Kind::kInternal, "native pixel data were to be decoded", name);
}

}  // namespace rationale
