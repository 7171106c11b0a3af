#include "data/image/load.h"

#include <fmt/format.h>

#include <string_view>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/image/png.h"
#ifdef RATIONALE_HAS_DICOM
#include "data/dicom/read_dicom.h"
#endif

namespace rationale {
namespace {

/// "DICM" after the preamble, or the file meta group at once (some old files lack the preamble).
bool is_dicom(std::string_view bytes) {
  return (bytes.size() >= 132 && bytes.substr(128, 4) == "DICM") ||
         bytes.starts_with(std::string_view("\x02\x00\x00\x00UL", 6));
}

Picture read(std::string_view bytes, const std::string& name, int frame) {
#ifdef RATIONALE_HAS_DICOM
  return parse_dicom(bytes, name, frame);
#else
  (void)bytes;
  (void)frame;
  throw Error(Error::Kind::kEnvironment, "this build of Rationale reads no DICOM files", name,
              "build it with -DRATIONALE_DICOM=ON (it needs DCMTK), or convert the picture to PNG")
      .with_code("no_dicom_reader");
#endif
}

}  // namespace

Picture load_picture(const std::filesystem::path& path, int frame) {
  return parse_picture(read_file(path), path.string(), frame);
}

Picture parse_picture(std::string_view bytes, const std::string& name, int frame) {
  if (is_png(bytes)) {
    if (frame != 1) {
      throw Error(Error::Kind::kInput, fmt::format("frame {} of a PNG file", frame), name,
                  "a PNG file has one frame")
          .with_code("no_such_frame");
    }
    return parse_png(bytes, name);
  }
  if (is_dicom(bytes)) return read(bytes, name, frame);
  throw Error(Error::Kind::kInput,
              bytes.empty() ? "the file is empty" : "neither a DICOM nor a PNG file", name,
              "give a DICOM (part 10) or PNG file")
      .with_code("unknown_format");
}

}  // namespace rationale
