// What only k of n custodians together can open: seed, truth, allocation, AI output and the data key.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "study/log/bytes.h"
#include "study/log/chain.h"
#include "study/seal/box.h"

namespace rationale::study {

/// One sealed thing, as the table `sealed` holds it.
struct Sealed {
  BoxNonce nonce{};
  std::string box;      ///< of salt || plain
  Digest commitment{};  ///< SHA-256(salt || plain): binds whoever made it, tells nothing
};

/// @param kind  "seed", "truth", "allocation", "ai" or "data_key"
Sealed seal_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                  std::string_view plain);

/// @throws Error (kInput, "box_refused") for a wrong key or a changed box; (kInput, "commitment") if what
///   opens is not what was committed to
std::string open_plain(const BoxKey& master, const std::string& kind, const std::string& study_id,
                       const Sealed& sealed);

/// A custodian's share of the master key, sealed to the custodian.
struct CustodianShare {
  std::string name;
  PublicKey key{};
  std::string box;
};

/// Splits `master` so that any `threshold` of the custodians give it back.
std::vector<CustodianShare> share_master(const BoxKey& master,
                                         const std::map<std::string, PublicKey>& custodians,
                                         int threshold);

/// The share's file in `folder`: the custodian's name, with '_' for what a file name should not hold, ".share".
std::filesystem::path share_file(const std::filesystem::path& folder, const std::string& custodian);
/// Writes it as hex digits, mode 0600.
void write_share(const CustodianShare& share, const std::filesystem::path& folder);
/// Opens what write_share wrote. @throws Error (kInput, "box_refused") for another's share or a changed file
std::string read_share(const std::filesystem::path& file, const SigningKey& custodian);

/// The master key from opened shares. Too few give a wrong key: the boxes refuse it.
/// @throws Error (kInput) if the shares do not fit together
BoxKey master_from_shares(const std::vector<std::string>& shares);

}  // namespace rationale::study
