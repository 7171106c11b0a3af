#include "study/coordinator/sealed_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "study/log/private_file.h"
#include "study/seal/reader_box.h"
#include "study/seal/shamir.h"

namespace rationale::study {
namespace {

constexpr std::size_t kSaltBytes = 32, kLengthBytes = 8, kStep = 4096;

/// Padded, for the length of the truth's box would tell how many cases have the longer label.
std::string padded(const Bytes<kSaltBytes>& salt, std::string_view plain) {
  std::string whole = std::string(as_text(salt)) + big_endian_64(plain.size()) + std::string(plain);
  whole.resize((whole.size() + kStep - 1) / kStep * kStep, '\0');
  return whole;
}

/// Nothing if it is not what padded() wrote.
std::optional<Unsealed> unpadded(std::string_view whole) {
  if (whole.size() < kSaltBytes + kLengthBytes) return std::nullopt;
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(whole[kSaltBytes + i]);
  }
  if (length > whole.size() - kSaltBytes - kLengthBytes) return std::nullopt;
  Unsealed unsealed;
  std::copy_n(whole.begin(), kSaltBytes, unsealed.salt.begin());
  unsealed.plain = whole.substr(kSaltBytes + kLengthBytes, length);
  return unsealed;
}

}  // namespace

Sealed seal_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                  std::string_view plain) {
  const auto salt = random_bytes<kSaltBytes>();
  Sealed sealed{.nonce = make_nonce(), .box = {}, .commitment = commitment(salt, plain)};
  sealed.box = seal_box(master, sealed.nonce, kind, study_id, padded(salt, plain));
  return sealed;
}

Unsealed open_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                    const Sealed& sealed) {
  auto unsealed = unpadded(open_box(master, sealed.nonce, kind, study_id, sealed.box));
  if (!unsealed || commitment(unsealed->salt, unsealed->plain) != sealed.commitment) {
    throw Error(Error::Kind::kInput,
                "what was sealed as " + kind + " is not what the lock committed to", "study.db",
                "somebody exchanged it: stop, and keep the folder as it is")
        .with_code("commitment");
  }
  return std::move(*unsealed);
}

std::vector<CustodianShare> share_master(const BoxKey& master,
                                         const std::map<std::string, PublicKey>& custodians,
                                         int threshold) {
  const std::vector<std::string> shares =
      split_secret(as_text(master), threshold, static_cast<int>(custodians.size()));
  std::vector<CustodianShare> sealed;
  for (const auto& [name, key] : custodians) {
    const int number = static_cast<int>(sealed.size()) + 1;
    sealed.push_back({number, name, key, seal_to(key, shares[sealed.size()])});
  }
  return sealed;
}

std::filesystem::path share_file(const std::filesystem::path& folder, int number, const std::string& custodian) {
  std::string name = custodian;
  for (char& c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_';
    if (!is_plain) c = '_';
  }
  return folder / fmt::format("{}-{}.share", number, name);
}

void write_share(const CustodianShare& share, const std::filesystem::path& folder) {
  const std::filesystem::path file = share_file(folder, share.number, share.name);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    throw Error(Error::Kind::kRefused, "there is a share already", file.string(), "write it into an empty folder")
        .with_code("exists");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(share.box.data());
  write_private_file(file, to_hex({bytes, share.box.size()}) + "\n");
}

std::string read_share(const std::filesystem::path& file, const SigningKey& custodian) {
  const std::string hex(trim(read_file(file, 4096)));
  return open_sealed(custodian, text_from_hex(hex, file.string()));
}

BoxKey master_from_shares(const std::vector<std::string>& shares) {
  const std::string secret = join_shares(shares);
  BoxKey master{};
  if (secret.size() != master.size()) {
    throw Error(Error::Kind::kInput, "the shares are not of a study's master key", "--share",
                "give the share files that `rationale study lock` wrote")
        .with_code("bad_share");
  }
  std::ranges::copy(secret, master.begin());
  return master;
}

}  // namespace rationale::study
