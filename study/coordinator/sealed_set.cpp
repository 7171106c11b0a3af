#include "study/coordinator/sealed_set.h"

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "study/log/private_file.h"
#include "study/seal/reader_box.h"
#include "study/seal/shamir.h"

namespace rationale::study {
namespace {

constexpr std::size_t kSaltBytes = 32;

}  // namespace

Sealed seal_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                  std::string_view plain) {
  const auto salt = random_bytes<kSaltBytes>();
  const std::string salted = std::string(as_text(salt)) + std::string(plain);
  Sealed sealed{.nonce = make_nonce(), .box = {}, .commitment = commitment(salt, plain)};
  sealed.box = seal_box(master, sealed.nonce, kind, study_id, salted);
  return sealed;
}

std::string open_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                       const Sealed& sealed) {
  const std::string salted = open_box(master, sealed.nonce, kind, study_id, sealed.box);
  Bytes<kSaltBytes> salt{};
  const bool is_long_enough = salted.size() >= kSaltBytes;
  if (is_long_enough) std::copy_n(salted.begin(), kSaltBytes, salt.begin());
  const std::string plain = is_long_enough ? salted.substr(kSaltBytes) : std::string();
  if (!is_long_enough || commitment(salt, plain) != sealed.commitment) {
    throw Error(Error::Kind::kInput,
                "what was sealed as " + kind + " is not what the lock committed to", "study.db",
                "somebody exchanged it: stop, and keep the folder as it is")
        .with_code("commitment");
  }
  return plain;
}

std::vector<CustodianShare> share_master(const BoxKey& master,
                                         const std::map<std::string, PublicKey>& custodians,
                                         int threshold) {
  const std::vector<std::string> shares =
      split_secret(as_text(master), threshold, static_cast<int>(custodians.size()));
  std::vector<CustodianShare> sealed;
  for (const auto& [name, key] : custodians) {
    sealed.push_back({name, key, seal_to(key, shares[sealed.size()])});
  }
  return sealed;
}

std::filesystem::path share_file(const std::filesystem::path& folder, const std::string& custodian) {
  std::string name = custodian;
  for (char& c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_';
    if (!is_plain) c = '_';
  }
  return folder / (name + ".share");
}

void write_share(const CustodianShare& share, const std::filesystem::path& folder) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(share.box.data());
  write_private_file(share_file(folder, share.name), to_hex({bytes, share.box.size()}) + "\n");
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
