#include "study/log/canonical.h"

#include <limits>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/log/bytes.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::study;

namespace {

std::string refusal(const std::string& text) {
  try {
    parse_canonical(text);
    return "accepted";
  } catch (const Error& error) {
    return error.code;
  }
}

}  // namespace

TEST_CASE("the canonical vectors are written and read to the byte", "[study][log][golden]") {
  const auto path = test::shared("golden/study/chain/canonical.json", 6);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors.size() == 6);
  for (const auto& vector : vectors) {
    const auto expected = vector["canonical"].get<std::string>();
    INFO(expected);
    CHECK(canonical_json(vector["value"]) == expected);
    CHECK(text_from_hex(vector["hex"].get<std::string>(), "hex") == expected);
    CHECK(parse_canonical(expected) == vector["value"]);
  }
}

TEST_CASE("every text of not_canonical.json is refused as CH03", "[study][log][golden]") {
  const auto path = test::shared("golden/study/chain/not_canonical.json", 16);
  if (!path) return;
  const auto vectors = nlohmann::json::parse(read_file(*path));
  REQUIRE(vectors.size() == 16);
  for (const auto& vector : vectors) {
    INFO(vector["why"].get<std::string>());
    CHECK(refusal(vector["text"].get<std::string>()) == "CH03");
  }
}

TEST_CASE("a canonical text is changed or refused when any one byte of it changes",
          "[study][log][canonical]") {
  const std::string good = "{\"a\":[true,null,-10],\"b\":{\"x\":\"\\u0001\\n\xc3\xa4\"}}";
  REQUIRE(canonical_json(parse_canonical(good)) == good);
  int accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[i] = static_cast<char>(byte);
      if (text == good || refusal(text) == "CH03") continue;
      ++accepted;
      CHECK(canonical_json(parse_canonical(text)) == text);
    }
  }
  CHECK(accepted > 100);  // other letters and digits are other values
}

TEST_CASE("texts that are no JSON or too deep are refused as CH03", "[study][log][canonical]") {
  for (const char* text :
       {"", "{", "[", "\"", "\"\\", "\"\\u00", "-", "[1,]", "{\"a\"}", "nul", "tru", "{\"a\":1,}",
        "[1 ]", "\xff", "\"\xed\xa0\x80\"", "\"\xc0\x80\""}) {
    INFO(text);
    CHECK(refusal(text) == "CH03");
  }
  CHECK(refusal(std::string(64, '[') + std::string(64, ']')) == "accepted");
  CHECK(refusal(std::string(65, '[') + std::string(65, ']')) == "CH03");
  CHECK(refusal(std::string(1000000, '[')) == "CH03");
  CHECK(refusal(std::string("\"\0\"", 3)) == "CH03");
}

TEST_CASE("values that CJ-1 has no form for are not written", "[study][log][canonical]") {
  CHECK_THROWS_AS(canonical_json({{"a", 0.5}}), Error);
  CHECK_THROWS_AS(canonical_json({{"a", std::numeric_limits<double>::quiet_NaN()}}), Error);
  CHECK_THROWS_AS(canonical_json({{"A", 1}}), Error);
  CHECK_THROWS_AS(canonical_json({{"a", kLargestInteger + 1}}), Error);
  CHECK_THROWS_AS(canonical_json({{"a", -kLargestInteger - 1}}), Error);
  CHECK_THROWS_AS(canonical_json({{"a", std::numeric_limits<std::uint64_t>::max()}}), Error);
  CHECK_THROWS_AS(canonical_json({{"a", "\xff"}}), Error);
}

TEST_CASE("what is written is nested no deeper than what is read", "[study][log][canonical]") {
  auto nested = nlohmann::json::array();
  for (int depth = 1; depth < kDeepestNesting; ++depth) nested = nlohmann::json::array({nested});
  CHECK(refusal(canonical_json(nested)) == "accepted");
  CHECK_THROWS_AS(canonical_json(nlohmann::json::array({nested})), Error);
}
