#include "study/coordinator/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "data/base/error.h"
#include "study/log/canonical.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

Json keys_json(const std::map<std::string, PublicKey>& keys) {
  // CJ-1 keys are [a-z0-9_]; names of people need not be, so they stand in values.
  Json list = Json::array();
  for (const auto& [name, key] : keys) list.push_back({{"key", to_hex(key)}, {"name", name}});
  return list;
}

std::map<std::string, PublicKey> keys_from(const Json& json, const std::string& where) {
  std::map<std::string, PublicKey> keys;
  for (const Json& one : json) {
    keys[one.at("name").get<std::string>()] =
        bytes_from_hex<32>(one.at("key").get<std::string>(), where);
  }
  return keys;
}

Json body_json(const Certificate& c) {
  Json packages = Json::array();
  for (const LockedPackage& one : c.packages) {
    packages.push_back({{"bytes", one.bytes},
                        {"items", one.n_items},
                        {"key_sha256", one.sha256.key},
                        {"not_before", one.not_before},
                        {"period", one.period},
                        {"reader", one.reader},
                        {"sha256", one.sha256.body}});
  }
  return {{"format", 1},
          {"study", c.study_id},
          {"protocol_version", c.protocol_version},
          {"protocol_sha256", c.protocol_sha256},
          {"cases_sha256", c.cases_sha256},
          {"case_rows_sha256", c.case_rows_sha256},
          {"ai_sha256", c.ai_sha256},
          {"ai_commitment", c.ai_commitment},
          {"allocation_sha256", c.allocation_sha256},
          {"truth_commitment", c.truth_commitment},
          {"seed_commitment", c.seed_commitment},
          {"at", c.at},
          {"program", c.program},
          {"synthetic", c.is_synthetic},
          {"lock_key", to_hex(c.lock_key)},
          {"data_key", to_hex(c.data_key)},
          {"readers", keys_json(c.readers)},
          {"custodians", keys_json(c.custodians)},
          {"threshold", c.threshold},
          {"packages", packages}};
}

}  // namespace

std::string Certificate::message(const std::string& role, const std::string& meaning) const {
  return std::string("rationale/study/lock/v1") + '\0' + role + '\0' + meaning + '\0' +
         canonical_json(body_json(*this));
}

void Certificate::sign(const SigningKey& key, const std::string& role,
                       const std::string& meaning) {
  signatures.push_back({role, to_hex(key.public_key()), meaning, key.sign(message(role, meaning))});
}

std::string to_text(const Certificate& certificate) {
  Json json = body_json(certificate);
  json["signatures"] = Json::array();
  for (const LockSignature& one : certificate.signatures) {
    json["signatures"].push_back({{"meaning", one.meaning},
                                  {"role", one.role},
                                  {"signature", to_hex(one.signature)},
                                  {"signer", one.signer}});
  }
  return canonical_json(json) + "\n";
}

Certificate parse_certificate(const std::string& text, const std::string& name) {
  const auto bad = [&](const std::string& what) {
    return Error(Error::Kind::kInput, what, name,
                 "take lock.json from the folder that `rationale study lock` wrote")
        .with_code("bad_certificate");
  };
  Certificate c;
  try {
    std::string_view line = text;
    if (line.ends_with('\n')) line.remove_suffix(1);
    const Json json = parse_canonical(line);
    if (json.at("format") != 1) throw bad("the certificate is of another format");
    c.study_id = json.at("study");
    c.protocol_version = json.at("protocol_version");
    c.protocol_sha256 = json.at("protocol_sha256");
    c.cases_sha256 = json.at("cases_sha256");
    c.case_rows_sha256 = json.at("case_rows_sha256");
    c.ai_sha256 = json.at("ai_sha256");
    c.ai_commitment = json.at("ai_commitment");
    c.allocation_sha256 = json.at("allocation_sha256");
    c.truth_commitment = json.at("truth_commitment");
    c.seed_commitment = json.at("seed_commitment");
    c.at = json.at("at");
    c.program = json.at("program");
    c.is_synthetic = json.at("synthetic");
    c.lock_key = bytes_from_hex<32>(json.at("lock_key").get<std::string>(), name);
    c.data_key = bytes_from_hex<32>(json.at("data_key").get<std::string>(), name);
    c.readers = keys_from(json.at("readers"), name);
    c.custodians = keys_from(json.at("custodians"), name);
    c.threshold = json.at("threshold");
    for (const Json& one : json.at("packages")) {
      c.packages.push_back({one.at("reader"),
                            one.at("period"),
                            {one.at("sha256"), one.at("key_sha256")},
                            one.at("bytes"),
                            one.at("items"),
                            one.at("not_before")});
    }
    for (const Json& one : json.at("signatures")) {
      c.signatures.push_back({one.at("role"), one.at("signer"), one.at("meaning"),
                              bytes_from_hex<64>(one.at("signature").get<std::string>(), name)});
    }
  } catch (const Json::exception& error) {
    throw bad(std::string("no certificate of a lock: ") + error.what());
  }
  for (const LockSignature& one : c.signatures) {
    if (!is_signed_by(bytes_from_hex<32>(one.signer, name), c.message(one.role, one.meaning),
                      one.signature)) {
      throw bad("the signature of the " + one.role + " does not hold: something was changed");
    }
  }
  if (c.signatures.empty()) throw bad("nobody signed the certificate");
  return c;
}

std::optional<std::string> signature_fault(const Certificate& certificate, const std::vector<std::string>& roles,
                                           const std::string& meaning) {
  if (certificate.signatures.size() != roles.size()) {
    return fmt::format("{} signatures, the protocol asks for {}: {}", certificate.signatures.size(), roles.size(),
                       fmt::join(roles, ", "));
  }
  std::set<std::string> signers;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const LockSignature& one = certificate.signatures[i];
    if (one.role != roles[i]) return fmt::format("{} signed in the place of {}", one.role, roles[i]);
    if (one.meaning != meaning) return fmt::format("{} signed another sentence than the protocol's", one.role);
    if (!signers.insert(one.signer).second) return fmt::format("{} signed with another role's key", one.role);
  }
  return std::nullopt;
}

}  // namespace rationale::study
