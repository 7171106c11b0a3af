#include "study/coordinator/enrolment.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "study/seal/reader_box.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

bool is_reader(const Protocol& protocol, const std::string& name) {
  return protocol.find_reader(name) != nullptr;
}

bool is_custodian(const Protocol& protocol, const std::string& name) {
  return std::ranges::find(protocol.blinding.custodians, name) !=
         protocol.blinding.custodians.end();
}

/// A key that nothing can be sealed to is found now, not at the lock.
PublicKey usable_key(const std::string& hex, const std::string& where) {
  const auto key = bytes_from_hex<32>(hex, where);
  static_cast<void>(seal_to(key, "can it be sealed to?"));
  return key;
}

void add(Enrolment& enrolment, const Protocol& protocol, const std::string& name,
         const Enrolled& one, const std::string& where) {
  if (is_reader(protocol, name)) {
    enrolment.readers[name] = one;
  } else if (is_custodian(protocol, name)) {
    enrolment.custodians[name] = one;
  } else {
    std::vector<std::string> names = protocol.blinding.custodians;
    for (const ReaderFacts& reader : protocol.readers) names.push_back(reader.id);
    throw Error(Error::Kind::kInput,
                fmt::format("the protocol has no reader or custodian \"{}\"", name), where,
                fmt::format("it has: {}", fmt::join(names, ", ")))
        .with_code("unknown_name");
  }
}

/// Who has this key already.
std::string holder(const Enrolment& enrolment, const PublicKey& key) {
  for (const auto& [name, one] : enrolment.readers) {
    if (one.key == key) return name;
  }
  for (const auto& [name, one] : enrolment.custodians) {
    if (one.key == key) return name;
  }
  return {};
}

void check_names(const Protocol& protocol) {
  for (const std::string& name : protocol.blinding.custodians) {
    if (!is_reader(protocol, name)) continue;
    throw Error(Error::Kind::kRefused, fmt::format("\"{}\" is a reader and a custodian", name), "blinding.custodians",
                "call them by two names; a reader who holds a share could read the truth")
        .with_code("one_name");
  }
}

void check_keys(const Enrolment& enrolment, const std::string& where) {
  std::map<PublicKey, std::string> holders;
  for (const auto* people : {&enrolment.readers, &enrolment.custodians}) {
    for (const auto& [name, one] : *people) {
      const auto [before, is_new] = holders.emplace(one.key, name);
      if (is_new) continue;
      throw Error(Error::Kind::kRefused, fmt::format("{} and {} have one key", before->second, name), where,
                  "ask each for a key of their own (`rationale read --make-key`)")
          .with_code("one_key");
    }
  }
}

}  // namespace

Enrolment read_enrolment(const std::filesystem::path& file, const Protocol& protocol) {
  check_names(protocol);
  Enrolment enrolment;
  for (const ReaderFacts& reader : protocol.readers) {
    if (reader.key.empty()) continue;
    enrolment.readers[reader.id] = {usable_key(reader.key, "reader " + reader.id), ""};
  }
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    check_keys(enrolment, "protocol.toml");
    return enrolment;
  }
  const Enrolment stated = enrolment;
  try {
    const Json json = Json::parse(read_file(file, kLargestFile));
    for (const auto& [name, entry] : json.at("enrolled").items()) {
      add(enrolment, protocol, name,
          {usable_key(entry.at("key").get<std::string>(), file.string()),
           entry.at("at").get<std::string>()},
          file.string());
    }
  } catch (const Json::exception& error) {
    throw Error(Error::Kind::kInput, fmt::format("no list of enrolments: {}", error.what()),
                file.string(), "restore it, or remove it and enrol again")
        .with_code("bad_enrolment");
  }
  for (const auto& [name, one] : stated.readers) {
    if (enrolment.readers.at(name).key == one.key) continue;
    throw Error(Error::Kind::kInput, fmt::format("{} has another key here than in the protocol", name), file.string(),
                "remove one of the two")
        .with_code("bad_enrolment");
  }
  check_keys(enrolment, file.string());
  return enrolment;
}

std::string enrol(const std::filesystem::path& file, const Protocol& protocol,
                  const std::string& name, const std::string& hex, const std::string& at) {
  Enrolment enrolment = read_enrolment(file, protocol);
  const Enrolled one{usable_key(lower_case(hex), "--key"), at};
  if (const std::string before = holder(enrolment, one.key); !before.empty()) {
    if (before == name) return is_reader(protocol, name) ? "reader" : "custodian";
    throw Error(Error::Kind::kRefused, fmt::format("this key is {}'s", before), "--key",
                fmt::format("ask {} for a key of their own (`rationale read --make-key`)", name))
        .with_code("enrolled");
  }
  if (enrolment.readers.contains(name) || enrolment.custodians.contains(name)) {
    throw Error(Error::Kind::kRefused, fmt::format("{} is enrolled with another key", name),
                file.string(),
                "if that key was lost before the lock, remove its line from the file and enrol again")
        .with_code("enrolled");
  }
  add(enrolment, protocol, name, one, "the name");
  Json list = Json::object();
  const auto put = [&](const std::map<std::string, Enrolled>& people) {
    for (const auto& [id, person] : people) {
      if (person.at.empty()) continue;  // stands in the protocol
      list[id] = {{"at", person.at}, {"key", to_hex(person.key)}};
    }
  };
  put(enrolment.readers);
  put(enrolment.custodians);
  write_file(file, Json{{"enrolled", list}, {"format", 1}}.dump(1) + "\n");
  return is_reader(protocol, name) ? "reader" : "custodian";
}

}  // namespace rationale::study
