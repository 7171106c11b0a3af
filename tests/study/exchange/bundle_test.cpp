#include "study/exchange/bundle.h"

#include <algorithm>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/exchange/blind_journal.h"
#include "study/log/chain_writer.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

constexpr const char* kChain = "cxr-01/r1/p1";

SigningKey key_of(unsigned char first) {
  Bytes<32> seed{};
  seed[0] = first;
  return SigningKey(seed);
}

Event event_of(const std::string& kind, const nlohmann::json& body) {
  return {.at = {.utc = "2026-03-02T09:00:00.000Z", .mono_us = 1, .boot_us = 1, .boot = "b"},
          .kind = kind,
          .body = body};
}

struct Session {
  TemporaryFolder folder;
  SigningKey key = key_of(1);
  EventStore store = EventStore::create(folder.path() / "session.db", Role::kReader);
  ChainWriter writer{store, kChain, key, "reader:r1"};

  void read(int n) {
    for (int i = 0; i < n; ++i) writer.append(event_of("window", {{"n", i}}));
    writer.sign_head();
  }
  std::string bundle(std::int64_t from_seq = 1) {
    return bundle_text(store, "cxr-01", "r1", 1, kChain, key, from_seq);
  }
};

struct Study {
  TemporaryFolder folder;
  EventStore store = EventStore::create(folder.path() / "study.db", Role::kCoordinator);
  MergeOutcome merge(const std::string& text) {
    return merge_bundle(store, parse_bundle(text, "b.rbn"), key_of(1).public_key(), "2026-03-03");
  }
};

template <typename F>
std::string code_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code;
  }
  return "fine";
}

}  // namespace

TEST_CASE("merging a bundle twice is merging it once", "[study][exchange]") {
  Session session;
  session.read(5);
  const std::string text = session.bundle();
  Study study;
  CHECK(study.merge(text).n_new == 5);
  CHECK(study.merge(text).n_new == 0);
  session.read(2);
  CHECK(study.merge(session.bundle()).n_new == 2);
  CHECK(study.merge(text).n_new == 0);  // an older one
  CHECK(study.store.head(kChain) == session.store.head(kChain));
  CHECK_FALSE(study.store.check_chain(kChain, session.store.head(kChain)).fault);
}

TEST_CASE("bundles merge in any order to the same log, gaps refused", "[study][exchange]") {
  Session session;
  std::vector<std::string> bundles;
  for (int k = 0; k < 4; ++k) {
    const std::int64_t from = session.store.head(kChain).seq + 1;
    session.read(3);
    bundles.push_back(session.bundle(from));
  }
  std::vector<int> order{0, 1, 2, 3};
  do {
    Study study;
    std::vector<int> left = order;
    while (!left.empty()) {
      const std::size_t before = left.size();
      std::erase_if(left, [&](int k) {
        const std::string code = code_of([&] { study.merge(bundles[static_cast<std::size_t>(k)]); });
        if (code != "fine") CHECK(code == "RS508");
        return code == "fine";
      });
      REQUIRE(left.size() < before);
    }
    CHECK(study.store.head(kChain) == session.store.head(kChain));
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("a session folder that was copied and read twice is found", "[study][exchange]") {
  Session one, other;
  one.read(2);
  other.read(2);
  one.read(1);
  other.writer.append(event_of("window", {{"n", 99}}));
  Study study;
  study.merge(one.bundle());
  CHECK(code_of([&] { study.merge(other.bundle()); }) == "fork");
  CHECK(study.store.head(kChain) == one.store.head(kChain));
}

TEST_CASE("a bundle that another key signed is refused", "[study][exchange]") {
  Session session;
  session.read(1);
  Study study;
  CHECK(code_of([&] {
          merge_bundle(study.store, parse_bundle(session.bundle(), "b"), key_of(2).public_key(), "t");
        }) == "wrong_key");
  CHECK(study.store.chains().empty());
}

TEST_CASE("every flipped byte of a bundle is found", "[study][exchange]") {
  Session session;
  session.read(6);
  const std::string good = session.bundle();
  std::size_t found = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    found += code_of([&] { parse_bundle(bytes, "b"); }) == "fine" ? 0 : 1;
  }
  CHECK(found == good.size());
  for (const std::size_t n : {std::size_t{0}, std::size_t{20}, good.size() / 2, good.size() - 1}) {
    CHECK(code_of([&] { parse_bundle(good.substr(0, n), "b"); }) != "fine");
  }
}

TEST_CASE("a blind journal hides kind, arm and answer, and both keys give them back",
          "[study][exchange]") {
  Session session;
  const DataKey data_key = DataKey::make();
  BlindJournal blind(session.writer, data_key.public_half, session.key.public_key());
  const auto answer = event_of("answer", {{"question", "finding"}, {"value", "yes"}});
  const auto flag = event_of("flag", {{"flag", "incoherent"}, {"on", true}});
  blind.append(answer);
  blind.append(flag);
  blind.append(event_of("window", {{"centre", 1}}));
  auto changes = nlohmann::json::array();
  blind.append(event_of("heatmap", {{"changes", changes}, {"n", 0}}));
  for (int i = 0; i < 64; ++i) changes.push_back({1'000'000 + i, 1, 100, 1, 0});
  blind.append(event_of("heatmap", {{"changes", changes}, {"n", 64}}));
  const std::vector<StoredEvent> stored = session.store.events(kChain);
  CHECK(stored[0].payload.size() == stored[1].payload.size());
  CHECK(stored[3].payload.size() == stored[4].payload.size());  // whatever was done to the heatmap
  for (const char* word : {"answer", "finding", "yes", "flag", "incoherent"}) {
    CHECK(stored[0].payload.find(word) == std::string::npos);
    CHECK(stored[1].payload.find(word) == std::string::npos);
  }
  const Event first = parse_event(stored[0].payload);
  CHECK(first.kind == "sealed");
  for (const Event& open : {open_own(first, session.key), open_for_study(first, data_key)}) {
    CHECK(open.kind == "answer");
    CHECK(open.body == answer.body);
    CHECK(open.seq == 1);
  }
  CHECK(open_own(parse_event(stored[1].payload), session.key).kind == "flag");
  CHECK(open_own(parse_event(stored[4].payload), session.key).body.at("changes").size() == 64);
  CHECK(parse_event(stored[2].payload).kind == "window");
  CHECK(code_of([&] { open_own(first, key_of(3)); }) == "box_refused");
  CHECK(code_of([&] { open_for_study(first, DataKey::make()); }) == "box_refused");
}
