#include "study/exchange/package_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "study/log/canonical.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;
using namespace std::string_view_literals;

constexpr std::string_view kMagic = "RATIONALE-PACKAGE-1 ";
constexpr std::int64_t kMostItems = 1'000'000, kMostItemBytes = std::int64_t{1} << 32,
                       kMostManifestBytes = std::int64_t{1} << 24;

Json pinned_part(const PackageFacts& f) {
  return {{"lock_key", to_hex(f.lock_key)}, {"made", f.made},     {"not_before", f.not_before},
          {"period", f.period},             {"reader", f.reader}, {"study", f.study_id},
          {"synthetic", f.is_synthetic}};
}

Json signed_part(const PackageHeader& header) {
  const PackageFacts& f = header.facts;
  Json json = pinned_part(f);
  json.update({{"body_sha256", f.body_sha256},
               {"format", 1},
               {"item_bytes", f.item_bytes},
               {"manifest_bytes", header.manifest_bytes},
               {"n_items", f.n_items},
               {"protocol_sha256", f.protocol_sha256}});
  return json;
}

/// Lower-case letters, digits and, in a study's id, '-': the first no '-'.
bool is_id(std::string_view text, std::size_t longest, bool is_study) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (is_study && c == '-');
  };
  return !text.empty() && text.size() <= longest && text.front() != '-' && std::ranges::all_of(text, fits);
}

std::int64_t in_range(const Json& json, std::int64_t low, std::int64_t high) {
  const auto value = json.get<std::int64_t>();
  if (value < low || value > high) throw_damaged("header", "range");
  return value;
}

}  // namespace

std::string PackageFacts::chain_id() const {
  return fmt::format("{}/{}/p{}", study_id, reader, period);
}

void throw_damaged(const std::string& part, const std::string& name) {
  throw Error(Error::Kind::kInput, fmt::format("the package is damaged: {}", part), name,
              "copy it again from where it came; if that does not help, ask the coordinator for it")
      .with_code("damaged");
}

std::int64_t PackageHeader::file_bytes() const {
  return static_cast<std::int64_t>(kPackageHeaderBytes) + manifest_bytes +
         facts.item_bytes * facts.n_items;
}

std::string pinned_facts(const PackageFacts& facts) { return canonical_json(pinned_part(facts)); }

std::string header_message(const PackageHeader& header) {
  return std::string("rationale/study/package/v1\0"sv) + canonical_json(signed_part(header));
}

std::string encode_header(const PackageHeader& header) {
  Json json = signed_part(header);
  json["key"] = header.key;
  json["released"] = header.facts.is_released;
  json["signature"] = to_hex(header.signature);
  std::string bytes = std::string(kMagic) + canonical_json(json);
  if (bytes.size() >= kPackageHeaderBytes) {
    throw Error(Error::Kind::kInternal, "a package's header is too long", header.facts.study_id);
  }
  bytes.resize(kPackageHeaderBytes - 1, ' ');
  return bytes + '\n';
}

PackageHeader decode_header(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with(kMagic)) {
    throw Error(Error::Kind::kInput, "this is no package of a reader study", name,
                "give the .rpk file that the coordinator sent")
        .with_code("no_package");
  }
  PackageHeader header;
  try {
    std::string_view line = bytes.substr(kMagic.size());
    line = line.substr(0, line.find_last_not_of(" \n") + 1);
    const Json json = parse_canonical(line);
    if (json.at("format") != 1) throw_damaged("header", name);
    PackageFacts& f = header.facts;
    f.study_id = json.at("study").get<std::string>();
    f.reader = json.at("reader").get<std::string>();
    f.period = static_cast<int>(in_range(json.at("period"), 1, 6));
    f.n_items = static_cast<int>(in_range(json.at("n_items"), 1, kMostItems));
    f.item_bytes = in_range(json.at("item_bytes"), 64, kMostItemBytes);
    header.manifest_bytes = in_range(json.at("manifest_bytes"), 40, kMostManifestBytes);
    f.protocol_sha256 = json.at("protocol_sha256").get<std::string>();
    f.not_before = json.at("not_before").get<std::string>();
    f.made = json.at("made").get<std::string>();
    f.is_synthetic = json.at("synthetic").get<bool>();
    f.lock_key = bytes_from_hex<32>(json.at("lock_key").get<std::string>(), name);
    f.body_sha256 = json.at("body_sha256").get<std::string>();
    f.is_released = json.at("released").get<bool>();
    header.key = json.at("key").get<std::string>();
    header.signature = bytes_from_hex<64>(json.at("signature").get<std::string>(), name);
  } catch (const Json::exception&) {
    throw_damaged("header", name);
  } catch (const Error&) {
    throw_damaged("header", name);
  }
  if (!is_id(header.facts.study_id, 40, true) || !is_id(header.facts.reader, 12, false) ||
      encode_header(header) != bytes ||
      !is_signed_by(header.facts.lock_key, header_message(header), header.signature)) {
    throw_damaged("header", name);
  }
  return header;
}

}  // namespace rationale::study
