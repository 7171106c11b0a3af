#include "data/dicom/data_set.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <fmt/format.h>

#include "data/base/error.h"

namespace rationale {
namespace {

E_TransferSyntax dcmtk_syntax(const DicomLayout& layout) {
  const TransferSyntax& syntax = layout.syntax;
  // Pixel data are cut off below, and deflated data sets are inflated already.
  if (syntax.codec == Codec::kNative) {
    if (syntax.is_implicit) return EXS_LittleEndianImplicit;
    return syntax.is_big_endian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
  }
  return DcmXfer(syntax.uid).getXfer();
}

}  // namespace

std::unique_ptr<DcmDataset> parse_data_set(const DicomLayout& layout, const std::string& name) {
  auto data_set = std::make_unique<DcmDataset>();
  DcmInputBufferStream stream;
  stream.setBuffer(layout.data_set.data(), static_cast<offile_off_t>(layout.pixels.begin));
  stream.setEos();
  data_set->transferInit();
  const OFCondition done =
      data_set->read(stream, dcmtk_syntax(layout), EGL_noChange, DCM_MaxReadLength);
  data_set->transferEnd();
  if (done.bad() && done != EC_EndOfStream) {
    throw Error(Error::Kind::kInput, fmt::format("the header cannot be read: {}", done.text()),
                name, "export or copy the file again")
        .with_code("bad_dicom");
  }
  return data_set;
}

}  // namespace rationale
