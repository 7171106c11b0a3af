// The readable front of a package: 4096 bytes of one line of CJ-1, padded with spaces.
#pragma once

#include <string>
#include <string_view>

#include "study/exchange/package.h"

namespace rationale::study {

inline constexpr std::size_t kPackageHeaderBytes = 4096;

struct PackageHeader {
  PackageFacts facts;
  std::int64_t manifest_bytes = 0;  ///< of the sealed manifest, right after the header
  std::string key;                  ///< released: sealed to the reader; else that, sealed again
  Signature signature{};            ///< of the lock key, over everything but key and released

  std::int64_t file_bytes() const;
};

/// What the sealed manifest repeats of the header: study, reader, period, dates, lock key, whether it is synthetic.
/// Who has not the package's key cannot change it there.
std::string pinned_facts(const PackageFacts& facts);

/// What the lock key signs: "rationale/study/package/v1" 0x00 || CJ-1 without signature, key, released.
std::string header_message(const PackageHeader& header);

/// Exactly kPackageHeaderBytes.
std::string encode_header(const PackageHeader& header);

/// @throws Error (kInput, "damaged") if it is not exactly what encode_header writes, is not signed, or names a
///   study or reader that no protocol can have: both become parts of file names
PackageHeader decode_header(std::string_view bytes, const std::string& name);

[[noreturn]] void throw_damaged(const std::string& part, const std::string& name);

}  // namespace rationale::study
