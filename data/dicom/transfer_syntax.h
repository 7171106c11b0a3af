// How DICOM files are encoded (PS3.6 Annex A): what is read, and the names of what is not.
#pragma once

#include <optional>
#include <string_view>

namespace rationale {

enum class Codec { kNative, kRle, kJpeg, kJpegLs, kJpeg2000 };

struct TransferSyntax {
  const char* uid = "";
  const char* name = "";
  Codec codec = Codec::kNative;
  bool is_implicit = false;
  bool is_big_endian = false;
  bool is_deflated = false;
  bool is_lossy = false;  ///< by its nature; others may say so in LossyImageCompression
};

/// One of those that are read.
std::optional<TransferSyntax> find_transfer_syntax(std::string_view uid);

/// The name of one that is known and not read, else nullptr.
const char* name_of_unread_syntax(std::string_view uid);

}  // namespace rationale
