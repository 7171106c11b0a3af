#include "data/dicom/transfer_syntax.h"

#include <array>
#include <utility>

namespace rationale {
namespace {

// What DCMTK or OpenJPEG decode here.
constexpr std::array<TransferSyntax, 13> kSyntaxes = {{
    {.uid = "1.2.840.10008.1.2", .name = "Implicit VR Little Endian", .is_implicit = true},
    {.uid = "1.2.840.10008.1.2.1", .name = "Explicit VR Little Endian"},
    {.uid = "1.2.840.10008.1.2.2", .name = "Explicit VR Big Endian", .is_big_endian = true},
    {.uid = "1.2.840.10008.1.2.1.99",
     .name = "Deflated Explicit VR Little Endian",
     .is_deflated = true},
    {.uid = "1.2.840.10008.1.2.5", .name = "RLE Lossless", .codec = Codec::kRle},
    {.uid = "1.2.840.10008.1.2.4.50",
     .name = "JPEG Baseline",
     .codec = Codec::kJpeg,
     .is_lossy = true},
    {.uid = "1.2.840.10008.1.2.4.51",
     .name = "JPEG Extended",
     .codec = Codec::kJpeg,
     .is_lossy = true},
    {.uid = "1.2.840.10008.1.2.4.57", .name = "JPEG Lossless", .codec = Codec::kJpeg},
    {.uid = "1.2.840.10008.1.2.4.70", .name = "JPEG Lossless SV1", .codec = Codec::kJpeg},
    {.uid = "1.2.840.10008.1.2.4.80", .name = "JPEG-LS Lossless", .codec = Codec::kJpegLs},
    {.uid = "1.2.840.10008.1.2.4.81",
     .name = "JPEG-LS Near-Lossless",
     .codec = Codec::kJpegLs,
     .is_lossy = true},
    {.uid = "1.2.840.10008.1.2.4.90", .name = "JPEG 2000 Lossless", .codec = Codec::kJpeg2000},
    {.uid = "1.2.840.10008.1.2.4.91", .name = "JPEG 2000", .codec = Codec::kJpeg2000},
}};

const std::pair<const char*, const char*> kUnreadSyntaxes[] = {
    {"1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2"},
    {"1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2"},
    {"1.2.840.10008.1.2.4.94", "JPIP Referenced"},
    {"1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate"},
    {"1.2.840.10008.1.2.4.100", "MPEG2"},
    {"1.2.840.10008.1.2.4.101", "MPEG2"},
    {"1.2.840.10008.1.2.4.102", "MPEG-4"},
    {"1.2.840.10008.1.2.4.103", "MPEG-4"},
    {"1.2.840.10008.1.2.4.104", "MPEG-4"},
    {"1.2.840.10008.1.2.4.105", "MPEG-4"},
    {"1.2.840.10008.1.2.4.106", "MPEG-4"},
    {"1.2.840.10008.1.2.4.107", "HEVC"},
    {"1.2.840.10008.1.2.4.108", "HEVC"},
    {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless"},
    {"1.2.840.10008.1.2.4.111", "JPEG XL Recompression"},
    {"1.2.840.10008.1.2.4.112", "JPEG XL"},
    {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"},
    {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL"},
    {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000"},
    {"1.2.840.113619.5.2", "GE's private syntax with big endian pixels"},
};

}  // namespace

std::optional<TransferSyntax> find_transfer_syntax(std::string_view uid) {
  for (const TransferSyntax& syntax : kSyntaxes) {
    if (uid == syntax.uid) return syntax;
  }
  return std::nullopt;
}

const char* name_of_unread_syntax(std::string_view uid) {
  for (const auto& [unread, name] : kUnreadSyntaxes) {
    if (uid == unread) return name;
  }
  return nullptr;
}

}  // namespace rationale
