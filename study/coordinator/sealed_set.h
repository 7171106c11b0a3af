// What only k of n custodians together can open: seed, truth, allocation, AI output and the data key.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "study/log/bytes.h"
#include "study/log/chain.h"
#include "study/seal/box.h"

namespace rationale::study {

/// One sealed thing, as the table `sealed` holds it.
struct Sealed {
  BoxNonce nonce{};
  std::string box;      ///< of salt || u64be(length) || plain || zeros, in multiples of 4096 bytes
  Digest commitment{};  ///< SHA-256(salt || plain): binds whoever made it, tells nothing
};

/// @param kind  "seed", "truth", "allocation", "ai" or "data_key"
Sealed seal_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                  std::string_view plain);

/// What was sealed, and the salt that its commitment needs.
struct Unsealed {
  Bytes<32> salt{};
  std::string plain;
};

/// @throws Error (kInput, "box_refused") for a wrong key or a changed box; (kInput, "commitment") if what
///   opens is not what was committed to
Unsealed open_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                       const Sealed& sealed);

/// A custodian's share of the master key, sealed to the custodian.
struct CustodianShare {
  int number = 1;  ///< from 1, in the certificate's order
  std::string name;
  PublicKey key{};
  std::string box;
};

/// Splits `master` so that any `threshold` of the custodians give it back.
std::vector<CustodianShare> share_master(const BoxKey& master,
                                         const std::map<std::string, PublicKey>& custodians,
                                         int threshold);

/// The share's file in `folder`: "NUMBER-NAME.share", the name with '_' for what a file name should not hold.
std::filesystem::path share_file(const std::filesystem::path& folder, int number, const std::string& custodian);
/// Writes it as hex digits, mode 0600. @throws Error (kRefused, "exists") if the file is there
void write_share(const CustodianShare& share, const std::filesystem::path& folder);
/// Opens what write_share wrote. @throws Error (kInput, "box_refused") for another's share or a changed file
std::string read_share(const std::filesystem::path& file, const SigningKey& custodian);

/// The master key from opened shares. Too few give a wrong key: the boxes refuse it.
/// @throws Error (kInput) if the shares do not fit together
BoxKey master_from_shares(const std::vector<std::string>& shares);

}  // namespace rationale::study
