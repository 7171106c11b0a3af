#include "study/exchange/blind_journal.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "data/base/base64.h"
#include "data/base/error.h"
#include "study/log/canonical.h"
#include "study/seal/reader_box.h"

namespace rationale::study {
namespace {

constexpr std::size_t kStep = 256, kHeatmapStep = 2048;
constexpr std::array kBlindKinds{"answer", "mark", "heatmap", "flag", "note", "undo"};

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void refused() {
  throw Error(Error::Kind::kInput, "a sealed answer does not open", "the log",
              "it was sealed to another key, or was changed")
      .with_code("box_refused");
}

std::string bytes_of(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) refused();
  const auto& text = found->get_ref<const std::string&>();
  std::string bytes(text.size(), '\0');
  std::size_t n = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &n, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    refused();
  }
  bytes.resize(n);
  return bytes;
}

Event unwrapped(const Event& event, std::string plain) {
  try {
    plain.resize(plain.find_last_not_of(' ') + 1);
    const nlohmann::json json = parse_canonical(plain);
    Event open = event;
    open.kind = json.at("kind").get<std::string>();
    open.body = json.at("body");
    if (!is_blind_kind(open.kind)) refused();
    return open;
  } catch (const nlohmann::json::exception&) {
    refused();
  }
}

}  // namespace

DataKey DataKey::make() { return from_secret(random_bytes<32>()); }

DataKey DataKey::from_secret(const Bytes<32>& secret) {
  start_sodium();
  DataKey key{.public_half = {}, .secret_half = secret};
  crypto_scalarmult_base(key.public_half.data(), secret.data());
  return key;
}

bool is_blind_kind(const std::string& kind) {
  return std::ranges::any_of(kBlindKinds, [&](const char* blind) { return kind == blind; });
}

Head BlindJournal::append(const Event& event) {
  if (!is_blind_kind(event.kind)) return inner_.append(event);
  std::string plain = canonical_json({{"body", event.body}, {"kind", event.kind}});
  const std::size_t step = event.kind == "heatmap" ? kHeatmapStep : kStep;
  plain.resize((plain.size() + step) / step * step, ' ');
  std::string box(plain.size() + crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal(reinterpret_cast<unsigned char*>(box.data()), raw(plain), plain.size(),
                      data_key_.data()) != 0) {
    throw Error(Error::Kind::kInput, "the study's data key is none", "the package",
                "ask the coordinator for the package again")
        .with_code("bad_key");
  }
  Event sealed = event;
  sealed.kind = "sealed";
  sealed.body = {{"box", to_base64(box)}, {"own", to_base64(seal_to(reader_, plain))}};
  return inner_.append(sealed);
}

Event open_own(const Event& event, const SigningKey& reader) {
  if (event.kind != "sealed") return event;
  return unwrapped(event, open_sealed(reader, bytes_of(event.body, "own")));
}

Event open_for_study(const Event& event, const DataKey& data_key) {
  if (event.kind != "sealed") return event;
  const std::string box = bytes_of(event.body, "box");
  if (box.size() < crypto_box_SEALBYTES) refused();
  std::string plain(box.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(plain.data()), raw(box), box.size(),
                           data_key.public_half.data(), data_key.secret_half.data()) != 0) {
    refused();
  }
  return unwrapped(event, std::move(plain));
}

}  // namespace rationale::study
