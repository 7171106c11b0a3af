#include "study/seal/shamir.h"

#include <nlohmann/json.hpp>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/log/bytes.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;
using Shares = std::vector<std::string>;

TEST_CASE("shares are those of shamir.json, and any k of them give the secret", "[study][seal][golden]") {
  const auto path = test::shared("golden/study/seal/shamir.json", 4);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors.size() == 4);
  for (const auto& vector : vectors) {
    const auto texts = [&vector](const char* name) {
      Shares list;
      for (const auto& hex : vector[name]) {
        list.push_back(text_from_hex(hex.get<std::string>(), name));
      }
      return list;
    };
    const auto k = vector["k"].get<std::size_t>();
    const auto n = vector["n"].get<std::size_t>();
    INFO(k << " of " << n);
    const std::string secret = text_from_hex(vector["secret"].get<std::string>(), "secret");
    const Shares shares = texts("shares");
    REQUIRE(shares.size() == n);
    CHECK(split_secret(secret, texts("coefficients"), static_cast<int>(n)) == shares);
    for (unsigned set = 1; set < 1u << n; ++set) {
      Shares chosen;
      for (std::size_t i = 0; i < n; ++i) {
        if (set >> i & 1u) chosen.push_back(shares[i]);
      }
      CHECK((join_shares(chosen) == secret) == (chosen.size() >= k));
    }
    if (vector["too_few_gives"].is_null()) continue;
    const Shares too_few(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(k - 1));
    CHECK(join_shares(too_few) ==
          text_from_hex(vector["too_few_gives"].get<std::string>(), "too_few_gives"));
  }
}

TEST_CASE("shares with random coefficients differ each time and join in any order",
          "[study][seal][shamir]") {
  const std::string secret = "thirty-two bytes of a master key";
  const Shares first = split_secret(secret, 3, 5);
  CHECK(first != split_secret(secret, 3, 5));
  CHECK(join_shares(Shares{first[4], first[0], first[2]}) == secret);
}

TEST_CASE("impossible splits and shares that do not fit together are refused", "[study][seal][shamir]") {
  CHECK_THROWS_AS(split_secret("", 1, 1), Error);
  CHECK_THROWS_AS(split_secret("s", 3, 2), Error);
  CHECK_THROWS_AS(split_secret("s", 0, 2), Error);
  CHECK_THROWS_AS(split_secret("s", 2, 256), Error);
  CHECK_THROWS_AS(split_secret("s", Shares{"long"}, 2), Error);
  const Shares shares = split_secret("secret", 2, 3);
  CHECK_THROWS_AS(join_shares(Shares{}), Error);
  CHECK_THROWS_AS(join_shares(Shares{shares[0], shares[0]}), Error);
  CHECK_THROWS_AS(join_shares(Shares{shares[0], shares[1].substr(0, 3)}), Error);
  CHECK_THROWS_AS(join_shares(Shares{std::string("\0secret", 7)}), Error);
  CHECK_THROWS_AS(join_shares(Shares{"\x01"}), Error);
}
