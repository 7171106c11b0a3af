#include "data/dicom/jpeg2000.h"

#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "data/dicom/codestream.h"

namespace rationale {
namespace {

struct Source {
  std::string_view bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T read_bytes(void* out, OPJ_SIZE_T n, void* user) {
  auto* source = static_cast<Source*>(user);
  n = std::min(n, source->bytes.size() - source->at);
  if (n == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(out, source->bytes.data() + source->at, n);
  source->at += n;
  return n;
}

OPJ_OFF_T skip_bytes(OPJ_OFF_T n, void* user) {
  auto* source = static_cast<Source*>(user);
  if (n < 0) return -1;
  const std::size_t step = std::min(static_cast<std::size_t>(n), source->bytes.size() - source->at);
  source->at += step;
  return step == 0 && n > 0 ? -1 : static_cast<OPJ_OFF_T>(step);
}

OPJ_BOOL seek_bytes(OPJ_OFF_T to, void* user) {
  auto* source = static_cast<Source*>(user);
  if (to < 0 || static_cast<std::size_t>(to) > source->bytes.size()) return OPJ_FALSE;
  source->at = static_cast<std::size_t>(to);
  return OPJ_TRUE;
}

void record(const char* message, void* user) {
  auto* text = static_cast<std::string*>(user);
  if (!text->empty()) return;  // the first error is the cause
  *text = message;
  while (!text->empty() && (text->back() == '\n' || text->back() == '.')) text->pop_back();
}

void ignore(const char*, void*) {}

struct Free {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
struct FreeStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};

/// OpenJPEG makes room for every tile and component that the SIZ marker names, some kilobytes each.
void check_size(std::string_view bytes, std::uint64_t rows, std::uint64_t cols, int components) {
  const auto size = read_jpeg2000_size(bytes);
  if (!size) throw std::runtime_error("no JPEG 2000 codestream with a size");
  if (size->components != components) {
    throw std::runtime_error(fmt::format("the codestream has {} components, the header says {} samples a pixel",
                                         size->components, components));
  }
  if (size->cols != cols || size->rows != rows) {
    throw std::runtime_error(fmt::format("the codestream has {} x {} pixels, the header {} x {}", size->rows,
                                         size->cols, rows, cols));
  }
  constexpr std::uint64_t kSmallestTile = 32 * 32;
  if (size->n_tiles > 64 + rows * cols / kSmallestTile || size->n_tiles > 1 << 14) {
    throw std::runtime_error(fmt::format("the codestream has {} tiles", size->n_tiles));
  }
}

void check_component(const opj_image_comp_t& one) {
  if (one.dx != 1 || one.dy != 1) throw std::runtime_error("the codestream has subsampled components");
  if (one.prec < 1 || one.prec > 31) {
    throw std::runtime_error(fmt::format("the codestream has {} bits a pixel", one.prec));
  }
}

}  // namespace

std::vector<std::uint32_t> decode_jpeg2000(std::string_view bytes, std::uint64_t rows, std::uint64_t cols,
                                           int components) {
  const bool is_raw = bytes.starts_with("\xFF\x4F\xFF\x51");
  const bool is_boxed = bytes.size() >= 12 && bytes.substr(4, 4) == "jP  ";
  if (!is_raw && !is_boxed) throw std::runtime_error("no JPEG 2000 codestream");
  check_size(bytes, rows, cols, components);

  std::string error;
  Source source{bytes};
  const std::unique_ptr<opj_codec_t, Free> codec(
      opj_create_decompress(is_raw ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  const std::unique_ptr<opj_stream_t, FreeStream> stream(
      opj_stream_create(std::size_t{1} << 16, OPJ_TRUE));
  if (!codec || !stream) throw std::runtime_error("OpenJPEG could not be started");
  opj_set_error_handler(codec.get(), record, &error);
  opj_set_warning_handler(codec.get(), ignore, nullptr);
  opj_set_info_handler(codec.get(), ignore, nullptr);
  opj_stream_set_read_function(stream.get(), read_bytes);
  opj_stream_set_skip_function(stream.get(), skip_bytes);
  opj_stream_set_seek_function(stream.get(), seek_bytes);
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());

  const auto fail = [&](const char* what) {
    throw std::runtime_error(error.empty() ? what : error);
  };
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (opj_setup_decoder(codec.get(), &parameters) == OPJ_FALSE ||
      opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) == OPJ_FALSE) {
    fail("OpenJPEG refused its settings");
  }
  opj_image_t* made = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &made) != OPJ_FALSE;
  const std::unique_ptr<opj_image_t, Free> image(made);
  if (!has_header || !image) fail("the JPEG 2000 header is damaged");
  const auto n_components = static_cast<std::size_t>(components);
  if (image->numcomps != n_components) fail("the codestream is damaged");
  for (std::size_t i = 0; i < n_components; ++i) check_component(image->comps[i]);
  if (opj_decode(codec.get(), stream.get(), image.get()) == OPJ_FALSE ||
      opj_end_decompress(codec.get(), stream.get()) == OPJ_FALSE) {
    fail("the codestream is cut off or damaged");
  }
  if (image->numcomps != n_components) fail("the file's palette contradicts its codestream");
  std::vector<std::uint32_t> cells(rows * cols * n_components);
  for (std::size_t i = 0; i < n_components; ++i) {
    const opj_image_comp_t& samples = image->comps[i];
    if (samples.data == nullptr || samples.w != cols || samples.h != rows) {
      fail("the codestream is cut off or damaged");
    }
    for (std::size_t k = 0; k < rows * cols; ++k) {
      cells[k * n_components + i] = static_cast<std::uint32_t>(samples.data[k]);
    }
  }
  return cells;
}

}  // namespace rationale
