// A run's manifest as JSON, and the digests of what a store holds: shared by the files of explanations.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/records/explanations.h"

namespace rationale {

/// The manifest as stored: one JSON object, keys in the order of the struct.
std::string manifest_to_json(const ExplanationManifest& manifest);
/// @throws Error (kInput) if it is not such an object
ExplanationManifest manifest_from_json(const std::string& text, const std::string& where);

/// The further columns of a case as one JSON object, keys sorted; and back.
std::string columns_to_json(const std::map<std::string, std::string>& columns);
std::map<std::string, std::string> columns_from_json(const std::string& text);

/// Digests of a record's content: every field framed by its length, reals as their eight bytes.
std::string content_sha256(const std::string& key, const Explanation& explanation);
std::string content_sha256(const ExplainedCase& one);
/// The manifest without what does not decide its numbers (batch, shard, the divided list, sandbox, scales of pictures) or
/// follows from it (receptive field).
std::string identity_sha256(const ExplanationManifest& manifest);

/// The names of the manifest's fields in which two runs differ; batch, shard, the divided list and
/// sandbox are not looked at.
std::vector<std::string> differing_fields(const ExplanationManifest& a,
                                          const ExplanationManifest& b);

}  // namespace rationale
