// A finished study as one file, for the years that it must be kept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "study/coordinator/locked_study.h"

namespace rationale::study {

/// Every file of the study's folder, under the study's id: protocol, certificate, store, packages, shares, what was
/// unblinded, analysis, export. The store is copied at one moment. Left out: release.key, which is of no use any more,
/// and unfinished files. SHA256SUMS stands at the end. @return  how many files
/// @pre the study is unblinded and was checked (read_unblinded) @throws Error as TarWriter
int archive_study(LockedStudy& study, const std::filesystem::path& file);

struct UnpackedArchive {
  std::filesystem::path study;        ///< the study's folder
  std::vector<std::string> findings;  ///< files that are not as the checksums say
};
/// Into `folder`. @throws Error (kInput, "no_archive") for anything else
UnpackedArchive unpack_archive(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace rationale::study
