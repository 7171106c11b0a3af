#include "study/log/chain.h"

#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "study/log/log_file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

namespace {

struct Golden {
  std::filesystem::path folder;
  nlohmann::json good;
  Checkpoint checkpoint;
};

std::optional<Golden> golden() {
  const auto folder = test::shared("golden/study/chain", 10);
  if (!folder) return std::nullopt;
  const std::string text = read_file(*folder / "good.json");
  return Golden{*folder, nlohmann::json::parse(text), parse_checkpoint(text, "good.json")};
}

}  // namespace

TEST_CASE("the good chain has the genesis, heads, receipt and signature of the vectors",
          "[study][log][golden]") {
  const auto g = golden();
  if (!g) return;
  const auto id = g->good["chain_id"].get<std::string>();
  Head head = genesis(id);
  CHECK(to_hex(head.hash) == g->good["genesis"].get<std::string>());
  std::string rewritten;
  const std::string text = read_file(g->folder / "good.jsonl");
  std::size_t n = 0;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    head = next_head(head, line.substr(65));
    CHECK(to_hex(head.hash) == g->good["heads"][n++].get<std::string>());
    rewritten += log_line(head, line.substr(65));
  }
  CHECK(n == 12);
  CHECK(rewritten == text);
  CHECK(receipt(head.hash) == g->good["receipt"].get<std::string>());

  const SigningKey key(bytes_from_hex<32>(g->good["sign_seed"].get<std::string>(), "sign_seed"));
  CHECK(to_hex(key.public_key()) == g->good["public_key"].get<std::string>());
  const std::string message = checkpoint_message(id, head);
  CHECK(message == text_from_hex(g->good["checkpoint"].get<std::string>(), "checkpoint"));
  CHECK(to_hex(key.sign(message)) == g->good["signature"].get<std::string>());
  CHECK(g->checkpoint.head == head);
  CHECK(g->checkpoint.chain_id == id);
  CHECK(g->checkpoint.is_signed());
}

TEST_CASE("each damaged chain gives the code and seq of expected.json", "[study][log][golden]") {
  const auto g = golden();
  if (!g) return;
  const auto expected = nlohmann::json::parse(read_file(g->folder / "expected.json"));
  REQUIRE(expected.size() == 9);
  for (const auto& [file, fault] : expected.items()) {
    INFO(file);
    const LogCheck check = check_log(read_file(g->folder / file), g->checkpoint);
    REQUIRE(check.fault.has_value() == !fault.is_null());
    if (fault.is_null()) continue;
    CHECK(check.fault->code == fault["code"].get<std::string>());
    CHECK(check.fault->seq == fault["seq"].get<std::int64_t>());
  }
}

TEST_CASE("a log with any one byte changed, added at the end or cut off is found out",
          "[study][log][chain]") {
  const auto g = golden();
  if (!g) return;
  const std::string good = read_file(g->folder / "good.jsonl");
  REQUIRE_FALSE(check_log(good, g->checkpoint).fault);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string text = good;
    text[i] = static_cast<char>(text[i] ^ (1 << (i % 8)));
    INFO("byte " << i);
    CHECK(check_log(text, g->checkpoint).fault.has_value());
    CHECK(check_log(std::string_view(good).substr(0, i), g->checkpoint).fault.has_value());
  }
  CHECK(check_log(good + "\n", g->checkpoint).fault->code == "CH03");
  CHECK(check_log("", g->checkpoint).fault->code == "CH04");
}

TEST_CASE("a checkpoint that was changed or is malformed does not pass", "[study][log][chain]") {
  const SigningKey key(Bytes<32>{7});
  Checkpoint checkpoint{.chain_id = "s/r1/p1",
                        .head = next_head(genesis("s/r1/p1"), "{\"seq\":1}")};
  checkpoint.key = key.public_key();
  checkpoint.signature = key.sign(checkpoint_message(checkpoint.chain_id, checkpoint.head));
  REQUIRE(checkpoint.is_signed());
  Checkpoint other = checkpoint;
  other.head.seq = 2;
  CHECK_FALSE(other.is_signed());
  other = checkpoint;
  other.chain_id = "s/r2/p1";
  CHECK_FALSE(other.is_signed());
  other = checkpoint;
  other.key = SigningKey(Bytes<32>{8}).public_key();
  CHECK_FALSE(other.is_signed());

  nlohmann::json file{{"checkpoint", ""},
                      {"signature", to_hex(checkpoint.signature)},
                      {"public_key", to_hex(checkpoint.key)}};
  CHECK_THROWS_AS(parse_checkpoint(file.dump(), "f"), Error);  // the signed bytes are empty
  const std::string message = checkpoint_message("s/r1/p1", checkpoint.head);
  file["checkpoint"] =
      to_hex({reinterpret_cast<const unsigned char*>(message.data()), message.size()});
  CHECK(parse_checkpoint(file.dump(), "f").is_signed());
  file["chain_id"] = "s/r2/p1";
  CHECK_THROWS_AS(parse_checkpoint(file.dump(), "f"), Error);
  file.erase("chain_id");
  file["signature"] = "00";
  CHECK_THROWS_AS(parse_checkpoint(file.dump(), "f"), Error);
  CHECK_THROWS_AS(parse_checkpoint("[]", "f"), Error);
  CHECK_THROWS_AS(parse_checkpoint("{", "f"), Error);
}
