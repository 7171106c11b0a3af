#include "study/exchange/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/version.h"
#include "study/log/canonical.h"

namespace rationale::study {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kWhat = "rationale.bundle";

[[noreturn]] void damaged(const std::string& what, const std::string& where) {
  throw Error(Error::Kind::kInput, fmt::format("the bundle is damaged: {}", what), where,
              "copy it again from the reader's folder")
      .with_code("damaged");
}

[[noreturn]] void no_bundle(const std::string& name) {
  throw Error(Error::Kind::kInput, "this is no bundle of a reading session", name,
              "give the .rbn file that the reader sent")
      .with_code("no_bundle");
}

Bundle parse_header(std::string_view line, const std::string& name) {
  Bundle bundle;
  try {
    Json json = parse_canonical(line);
    if (json.at("what") != kWhat || json.at("format") != 1) no_bundle(name);
    const std::string sum = json.at("sum").get<std::string>();
    json.erase("sum");
    if (sha256_hex(canonical_json(json)) != sum) damaged("its first line was changed", name + ":1");
    bundle.study_id = json.at("study").get<std::string>();
    bundle.reader = json.at("reader").get<std::string>();
    bundle.period = json.at("period").get<int>();
    bundle.chain_id = json.at("chain").get<std::string>();
    bundle.head = {.chain_id = bundle.chain_id,
                   .head = {json.at("to_seq").get<std::int64_t>(),
                            bytes_from_hex<32>(json.at("head").get<std::string>(), name)},
                   .signature = bytes_from_hex<64>(json.at("signature").get<std::string>(), name),
                   .key = bytes_from_hex<32>(json.at("public_key").get<std::string>(), name)};
  } catch (const Json::exception&) {
    no_bundle(name);
  } catch (const Error& error) {
    if (error.code == "damaged") throw;
    no_bundle(name);
  }
  return bundle;
}

/// hex(hash), space, payload.
StoredEvent parse_line(std::string_view line, std::int64_t seq, const std::string& where) {
  StoredEvent event{.seq = seq, .payload = {}, .hash = {}};
  if (line.size() < 66 || line[64] != ' ' || !from_hex(line.substr(0, 64), event.hash)) {
    damaged("a line is no event", where);
  }
  event.payload = line.substr(65);
  return event;
}

std::int64_t seq_of(const StoredEvent& event, const std::string& where) {
  try {
    return parse_canonical(event.payload).at("seq").get<std::int64_t>();
  } catch (const Json::exception&) {
    damaged("an event has no number", where);
  } catch (const Error&) {
    damaged("an event is not as it was written", where);
  }
}

}  // namespace

std::string bundle_text(EventStore& store, const std::string& study_id, const std::string& reader,
                        int period, const std::string& chain_id, const SigningKey& key,
                        std::int64_t from_seq) {
  const Head head = store.head(chain_id);
  const Signature signature = key.sign(checkpoint_message(chain_id, head));
  Json header{{"chain", chain_id},
              {"format", 1},
              {"from_seq", from_seq},
              {"head", to_hex(head.hash)},
              {"period", period},
              {"program", std::string(version())},
              {"public_key", to_hex(key.public_key())},
              {"reader", reader},
              {"signature", to_hex(signature)},
              {"study", study_id},
              {"to_seq", head.seq},
              {"what", kWhat}};
  header["sum"] = sha256_hex(canonical_json(header));
  std::string text = canonical_json(header) + "\n";
  for (const StoredEvent& event : store.events(chain_id, from_seq)) {
    text += log_line({event.seq, event.hash}, event.payload);
  }
  return text;
}

Bundle parse_bundle(const std::string& text, const std::string& name) {
  const std::size_t first_end = text.find('\n');
  if (first_end == std::string::npos) no_bundle(name);
  Bundle bundle = parse_header(std::string_view(text).substr(0, first_end), name);
  bundle.sha256 = sha256_hex(text);
  const std::string expected_chain =
      fmt::format("{}/{}/p{}", bundle.study_id, bundle.reader, bundle.period);
  if (bundle.chain_id != expected_chain) damaged("study, reader and chain differ", name + ":1");
  if (!bundle.head.is_signed()) damaged("the signature does not hold", name + ":1");

  Head head;
  int line_number = 1;
  for (std::size_t at = first_end + 1; at < text.size();) {
    const std::string where = fmt::format("{}:{}", name, ++line_number);
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) damaged("the last line is cut off", where);
    StoredEvent event =
        parse_line(std::string_view(text).substr(at, end - at), head.seq + 1, where);
    if (bundle.events.empty()) {
      event.seq = seq_of(event, where);
      head = event.seq == 1 ? genesis(bundle.chain_id) : Head{event.seq, event.hash};
    }
    if (event.seq != head.seq || bundle.events.size() > 0) {
      if (const auto fault = check_event(head, event.hash, event.payload)) {
        damaged(fmt::format("{} ({})", fault->what, fault->code), where);
      }
    }
    bundle.events.push_back(std::move(event));
    at = end + 1;
  }
  if (bundle.events.empty() || head != bundle.head.head) {
    damaged("its events do not end at the signed head (CH04)", name);
  }
  return bundle;
}

MergeOutcome merge_bundle(EventStore& store, const Bundle& bundle, const PublicKey& reader_key,
                          const std::string& merged_at) {
  if (bundle.head.key != reader_key) {
    throw Error(Error::Kind::kInput,
                fmt::format("the bundle is not signed by {}'s key", bundle.reader), bundle.chain_id,
                "ask the reader to send it again; if it happens again, somebody else wrote it")
        .with_code("wrong_key");
  }
  MergeOutcome outcome{.from_seq = bundle.events.front().seq, .to_seq = bundle.events.back().seq};
  Transaction transaction(store.database());
  if (!store.chain_key(bundle.chain_id)) store.add_chain(bundle.chain_id, reader_key);
  Head head = store.head(bundle.chain_id);
  if (outcome.from_seq > head.seq + 1) {
    throw Error(Error::Kind::kRefused,
                fmt::format("events {} to {} of {} are missing (RS508)", head.seq + 1,
                            outcome.from_seq - 1, bundle.chain_id),
                bundle.chain_id, "merge the bundle before this one first")
        .with_code("RS508");
  }
  const std::vector<StoredEvent> known = store.events(bundle.chain_id, outcome.from_seq);
  for (std::size_t i = 0; i < bundle.events.size(); ++i) {
    const StoredEvent& event = bundle.events[i];
    if (i < known.size()) {
      if (known[i].hash == event.hash && known[i].payload == event.payload) continue;
      throw Error(Error::Kind::kInput,
                  fmt::format("event {} of {} is another one than was merged before", event.seq,
                              bundle.chain_id),
                  bundle.chain_id,
                  "keep both bundles: the session folder was copied and read twice")
          .with_code("fork");
    }
    if (const auto fault = check_event(head, event.hash, event.payload)) {
      throw Error(Error::Kind::kInput,
                  fmt::format("event {}: {}", event.seq, fault->what), bundle.chain_id,
                  "keep the bundle: it does not go on from what was merged before")
          .with_code(fault->code);
    }
    store.append(bundle.chain_id, event);
    ++outcome.n_new;
  }
  store.add_checkpoint(bundle.chain_id, bundle.head.head.seq, bundle.head.signature);
  const auto digest = bytes_from_hex<32>(bundle.sha256, "digest");
  Statement insert = store.database().prepare(
      "INSERT INTO bundle(sha256, reader, chain, from_seq, to_seq, head, merged) "
      "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(sha256) DO NOTHING");
  insert.bind_blob(1, std::as_bytes(std::span(digest)))
      .bind(2, std::string_view(bundle.reader))
      .bind(3, std::string_view(bundle.chain_id))
      .bind(4, outcome.from_seq)
      .bind(5, outcome.to_seq)
      .bind_blob(6, std::as_bytes(std::span(bundle.head.head.hash)))
      .bind(7, std::string_view(merged_at))
      .run();
  transaction.commit();
  return outcome;
}

}  // namespace rationale::study
