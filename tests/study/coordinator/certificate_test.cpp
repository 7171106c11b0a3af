#include "study/coordinator/certificate.h"

#include "data/base/error.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

Certificate example() {
  Certificate c{.study_id = "cxr-01", .protocol_sha256 = std::string(64, 'a'), .at = "2026-03-02T00:00:00.000Z"};
  c.readers["r1"] = SigningKey::make().public_key();
  c.custodians["QA office"] = SigningKey::make().public_key();
  c.packages.push_back({"r1", 1, {std::string(64, 'b'), std::string(64, 'c')}, 1000, 12, c.at});
  return c;
}

}  // namespace

TEST_CASE("a signed certificate reads back as it was", "[study][coordinator]") {
  Certificate c = example();
  c.sign(SigningKey::make(), "principal_investigator", "I approve this protocol.");
  const std::string text = to_text(c);
  const Certificate read = parse_certificate(text, "lock.json");
  CHECK(to_text(read) == text);
  CHECK(read.custodians.contains("QA office"));
  CHECK(read.packages.at(0).bytes == 1000);
  CHECK(read.packages.at(0).n_items == 12);
}

TEST_CASE("whatever is changed in a certificate is found", "[study][coordinator]") {
  Certificate c = example();
  c.sign(SigningKey::make(), "principal_investigator", "I approve this protocol.");
  const std::string text = to_text(c);
  std::size_t found = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    try {
      static_cast<void>(parse_certificate(changed, "lock.json"));
    } catch (const Error&) {
      ++found;
    }
  }
  CHECK(found == text.size() - 1);
}

TEST_CASE("a certificate that nobody signed is none", "[study][coordinator]") {
  CHECK_THROWS_AS(parse_certificate(to_text(example()), "lock.json"), Error);
}

TEST_CASE("a certificate needs each role once, in order, with the protocol's words and a key of its own",
          "[study][coordinator]") {
  const SigningKey one = SigningKey::make(), two = SigningKey::make();
  const std::string meaning = "I approve this protocol.";
  const std::vector<std::string> roles{"principal_investigator", "statistician"};
  Certificate good = example();
  good.sign(one, roles[0], meaning);
  good.sign(two, roles[1], meaning);
  CHECK_FALSE(signature_fault(good, roles, meaning));
  CHECK(signature_fault(good, {roles[0]}, meaning));
  CHECK(signature_fault(good, {roles[1], roles[0]}, meaning));
  CHECK(signature_fault(good, roles, "I have seen this protocol."));
  Certificate alone = example();
  alone.sign(one, roles[0], meaning);
  alone.sign(one, roles[1], meaning);
  CHECK(signature_fault(alone, roles, meaning));
}
