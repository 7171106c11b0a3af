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

Picture read(std::string_view bytes, const std::string& name, int frame, Colour colour) {
#ifdef RATIONALE_HAS_DICOM
  return parse_dicom(bytes, name, frame, colour);
#else
  (void)bytes;
  (void)frame;
  (void)colour;
  throw no_dicom_reader(name);
#endif
}

}  // namespace

bool is_dicom(std::string_view bytes) {
  return (bytes.size() >= 132 && bytes.substr(128, 4) == "DICM") ||
         bytes.starts_with(std::string_view("\x02\x00\x00\x00UL", 6));
}

Error no_dicom_reader(const std::string& file) {
  return Error(Error::Kind::kEnvironment, "this build of Rationale reads no DICOM files", file,
               "build it with -DRATIONALE_DICOM=ON (it needs DCMTK), or convert the picture to PNG")
      .with_code("no_dicom_reader");
}

Picture load_picture(const std::filesystem::path& path, int frame, Colour colour) {
  return parse_picture(read_file(path), path.string(), frame, colour);
}

Picture parse_picture(std::string_view bytes, const std::string& name, int frame, Colour colour) {
  if (is_png(bytes)) {
    if (frame != 1) {
      throw Error(Error::Kind::kInput, fmt::format("frame {} of a PNG file", frame), name,
                  "a PNG file has one frame")
          .with_code("no_such_frame");
    }
    return parse_png(bytes, name, colour);
  }
  if (is_dicom(bytes)) return read(bytes, name, frame, colour);
  throw Error(Error::Kind::kInput,
              bytes.empty() ? "the file is empty" : "neither a DICOM nor a PNG file", name,
              "give a DICOM (part 10) or PNG file")
      .with_code("unknown_format");
}

}  // namespace rationale
