#include "study/coordinator/sealed_set.h"

#include "data/base/error.h"
#include "study/seal/reader_box.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("what is sealed opens with the master key, under its kind and study only",
          "[study][coordinator]") {
  const auto master = random_bytes<32>();
  const Sealed sealed = seal_plain(master, "truth", "cxr-01", "c1,1\n");
  CHECK(open_plain(master, "truth", "cxr-01", sealed) == "c1,1\n");
  CHECK_THROWS_AS(open_plain(master, "seed", "cxr-01", sealed), Error);
  CHECK_THROWS_AS(open_plain(master, "truth", "cxr-02", sealed), Error);
  CHECK_THROWS_AS(open_plain(random_bytes<32>(), "truth", "cxr-01", sealed), Error);
}

TEST_CASE("a box that somebody sealed anew breaks the commitment", "[study][coordinator]") {
  const auto master = random_bytes<32>();
  const Sealed sealed = seal_plain(master, "truth", "cxr-01", "c1,1\n");
  Sealed other = seal_plain(master, "truth", "cxr-01", "c1,0\n");
  other.commitment = sealed.commitment;
  CHECK_THROWS_AS(open_plain(master, "truth", "cxr-01", other), Error);
}

TEST_CASE("equal truths have different commitments", "[study][coordinator]") {
  // Else somebody could try all truths of two classes and compare.
  const auto master = random_bytes<32>();
  CHECK(seal_plain(master, "truth", "s", "0").commitment !=
        seal_plain(master, "truth", "s", "0").commitment);
}

TEST_CASE("any k of n custodians open the study, fewer do not", "[study][coordinator]") {
  const auto master = random_bytes<32>();
  const SigningKey a = SigningKey::make(), b = SigningKey::make(), c = SigningKey::make();
  const auto shares = share_master(
      master, {{"a", a.public_key()}, {"b", b.public_key()}, {"c", c.public_key()}}, 2);
  REQUIRE(shares.size() == 3);
  const std::string share_a = open_sealed(a, shares[0].box);
  const std::string share_b = open_sealed(b, shares[1].box);
  const std::string share_c = open_sealed(c, shares[2].box);
  CHECK(master_from_shares({share_a, share_c}) == master);
  CHECK(master_from_shares({share_c, share_b}) == master);
  CHECK(master_from_shares({share_a}) != master);
  CHECK_THROWS_AS(open_sealed(b, shares[0].box), Error);
}
