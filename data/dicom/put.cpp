#include "data/dicom/put.h"

#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/dicom/uid.h"

namespace rationale {
namespace {

// One fixed name instead of DCMTK's and its version, so that the bytes do not depend on the
// library.
constexpr const char* kImplementationKey = "rationale.implementation";
constexpr const char* kImplementationName = "RATIONALE";

}  // namespace

void check(const OFCondition& condition, const std::string& what) {
  if (condition.bad()) {
    throw Error(Error::Kind::kInternal, fmt::format("{}: {}", what, condition.text()));
  }
}

void put(DcmItem& item, const DcmTagKey& tag, const std::string& text) {
  check(item.putAndInsertString(tag, text.c_str()), "a DICOM text could not be set");
}

void put(DcmItem& item, const DcmTagKey& tag, int number) {
  check(item.putAndInsertUint16(tag, static_cast<Uint16>(number)),
        "a DICOM number could not be set");
}

std::string uid_from(const std::string& key) {
  const std::string hex = sha256_hex(std::string_view(key));
  std::array<unsigned, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  bytes[6] = (bytes[6] & 0x0fU) | 0x50U;  // version 5, variant 1 (RFC 4122)
  bytes[8] = (bytes[8] & 0x3fU) | 0x80U;
  std::string digits;
  while (std::ranges::any_of(bytes, [](unsigned byte) { return byte != 0; })) {
    unsigned rest = 0;  // divide the 128-bit number by ten
    for (unsigned& byte : bytes) {
      const unsigned part = rest * 256 + byte;
      byte = part / 10;
      rest = part % 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  std::ranges::reverse(digits);
  return "2.25." + digits;
}

std::string encoded(DcmFileFormat& format, E_TransferSyntax syntax, std::size_t n_pixels) {
  DcmDataset& data = *format.getDataset();
  check(format.validateMetaInfo(syntax), "the DICOM header could not be made");
  DcmMetaInfo& meta = *format.getMetaInfo();
  put(meta, DCM_ImplementationClassUID, uid_from(kImplementationKey));
  put(meta, DCM_ImplementationVersionName, kImplementationName);
  check(meta.computeGroupLengthAndPadding(EGL_recalcGL, EPD_noChange,
                                          META_HEADER_DEFAULT_TRANSFERSYNTAX, EET_ExplicitLength),
        "the DICOM header could not be made");

  // Header and data apart: writing the whole file would put DCMTK's own name and version back.
  std::vector<char> buffer(n_pixels * 4 + 65536);  // lossless codes may grow a little
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  meta.transferInit();
  check(meta.write(stream, META_HEADER_DEFAULT_TRANSFERSYNTAX, EET_ExplicitLength, nullptr),
        "the DICOM header could not be encoded");
  meta.transferEnd();
  data.transferInit();
  check(data.write(stream, syntax, EET_ExplicitLength, nullptr, EGL_withoutGL),
        "the DICOM file could not be encoded");
  data.transferEnd();
  void* bytes = nullptr;
  offile_off_t size = 0;
  stream.flushBuffer(bytes, size);
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace rationale
