#include <sys/vfs.h>

#include <array>
#include <algorithm>

#include "study/log/store.h"

namespace rationale::study {
namespace {

/// linux/magic.h and the kernel's file systems: what lies on another machine, or may.
constexpr std::array<std::uint64_t, 9> kNetworkTypes{
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x01021997,  // 9P
    0x65735546,  // FUSE: sshfs and others
    0x5346414F,  // AFS
    0x73757245,  // CODA
    0x00C36400,  // CEPH
};

}  // namespace

bool is_network_folder(const std::filesystem::path& folder) {
  struct statfs status {};
  const std::filesystem::path place = folder.empty() ? "." : folder;
  if (::statfs(place.c_str(), &status) != 0) return false;
  const auto type = static_cast<std::uint64_t>(static_cast<std::uint32_t>(status.f_type));
  return std::ranges::find(kNetworkTypes, type) != kNetworkTypes.end();
}

}  // namespace rationale::study
