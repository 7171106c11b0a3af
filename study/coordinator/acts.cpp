#include "study/coordinator/acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "study/log/event.h"

namespace rationale::study {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(EventStore& store, const char* sql) {
  Rows rows;
  Statement query = store.database().prepare(sql);
  while (query.step()) {
    auto& row = rows.emplace_back();
    for (int c = 0; c < query.columns(); ++c) row.push_back(query.text(c));
  }
  return rows;
}

Rows rows_of(const std::vector<Act>& acts, const char* kind, std::initializer_list<const char*> entries) {
  Rows rows;
  for (const Act& act : acts) {
    if (act.kind != kind) continue;
    auto& row = rows.emplace_back(std::vector{act.at});
    for (const char* entry : entries) row.push_back(act.body.at(entry).get<std::string>());
  }
  return rows;
}

/// Whether it has the entries that are read from it.
bool is_well_formed(const Act& act) {
  const auto has = [&](std::initializer_list<const char*> texts, std::initializer_list<const char*> numbers) {
    const auto is_text = [&](const char* name) { return act.body.contains(name) && act.body[name].is_string(); };
    const auto is_number = [&](const char* name) { return act.body.contains(name) && act.body[name].is_number(); };
    return std::ranges::all_of(texts, is_text) && std::ranges::all_of(numbers, is_number);
  };
  if (act.kind == "release") return has({"reader"}, {"period"});
  if (act.kind == "merge") return has({"bundle", "chain", "head"}, {"to_seq"});
  if (act.kind == "deviation") return has({"reader", "code", "kind", "text"}, {});
  if (act.kind == "unblind") return has({"reason", "data_sha256"}, {});
  return act.kind == "close";
}

}  // namespace

std::string acts_chain(const std::string& study_id) { return study_id + "/acts"; }

void write_act(EventStore& store, const std::string& study_id, const Act& act) {
  const std::string chain = acts_chain(study_id);
  if (!store.chain_key(chain)) store.add_chain(chain, PublicKey{});
  const Head head = store.head(chain);
  Event event;
  event.at.utc = act.at;
  event.actor = "coordinator";
  event.kind = act.kind;
  event.body = act.body;
  const std::string payload = event_payload(event, head.seq + 1);
  const Head next = next_head(head, payload);
  store.append(chain, {next.seq, payload, next.hash});
}

std::vector<Act> read_acts(EventStore& store, const std::string& study_id) {
  std::vector<Act> acts;
  for (const StoredEvent& stored : store.events(acts_chain(study_id))) {
    Event event = parse_event(stored.payload);
    acts.push_back({std::move(event.at.utc), std::move(event.kind), std::move(event.body)});
  }
  return acts;
}

std::optional<std::string> acts_fault(EventStore& store, const std::string& study_id) {
  const std::vector<Act> acts = read_acts(store, study_id);
  if (!std::ranges::all_of(acts, is_well_formed)) return "an act is not as this program writes it";
  std::map<std::string, std::string> merged;  // head of each chain
  for (const Act& act : acts) {
    if (act.kind == "merge") merged[act.body.at("chain").get<std::string>()] = act.body.at("head").get<std::string>();
  }
  std::map<std::string, std::string> stored;
  for (const std::string& chain : store.chains()) {
    if (chain != acts_chain(study_id)) stored[chain] = to_hex(store.head(chain).hash);
  }
  if (merged != stored) return "a reader's log does not end where it was merged to";
  if (rows_of(store, "SELECT at, coalesce(reader, ''), coalesce(code, ''), kind, text FROM deviation ORDER BY id") !=
      rows_of(acts, "deviation", {"reader", "code", "kind", "text"})) {
    return "the deviations are not those that were noted";
  }
  if (rows_of(store, "SELECT at, reason, lower(hex(data_lock_sha256)) FROM unblinding ORDER BY id") !=
      rows_of(acts, "unblind", {"reason", "data_sha256"})) {
    return "the unblinding is not the one that was noted";
  }
  return std::nullopt;
}

}  // namespace rationale::study
