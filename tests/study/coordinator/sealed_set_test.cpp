#include "study/coordinator/sealed_set.h"

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/seal/reader_box.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

TEST_CASE("what is sealed opens with the master key, under its kind and study only",
          "[study][coordinator]") {
  const auto master = random_bytes<32>();
  const Sealed sealed = seal_plain(master, "truth", "cxr-01", "c1,1\n");
  CHECK(open_plain(master, "truth", "cxr-01", sealed).plain == "c1,1\n");
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

TEST_CASE("the length of a box does not tell what is in it", "[study][coordinator]") {
  const auto master = random_bytes<32>();
  const std::string none = "", few = "c1,no\n", many = std::string(4096 - 40, 'x'), more = many + "y";
  CHECK(seal_plain(master, "truth", "s", none).box.size() == seal_plain(master, "truth", "s", few).box.size());
  CHECK(seal_plain(master, "truth", "s", few).box.size() == seal_plain(master, "truth", "s", many).box.size());
  CHECK(seal_plain(master, "truth", "s", more).box.size() == 2 * 4096 + 16);
  for (const std::string& plain : {none, few, few + std::string(3, '\0'), many, more}) {
    CHECK(open_plain(master, "truth", "s", seal_plain(master, "truth", "s", plain)).plain == plain);
  }
}

TEST_CASE("custodians whose names look alike in ASCII keep a share each", "[study][coordinator]") {
  const TemporaryFolder folder;
  const SigningKey a = SigningKey::make(), b = SigningKey::make();
  const auto master = random_bytes<32>();
  const auto shares = share_master(master, {{"王明", a.public_key()}, {"李华", b.public_key()}}, 2);
  for (const CustodianShare& share : shares) write_share(share, folder.path());
  CHECK(share_file("s", 2, "QA office") == "s/2-QA_office.share");
  std::vector<std::string> opened;
  for (const CustodianShare& share : shares) {
    opened.push_back(read_share(share_file(folder.path(), share.number, share.name), share.name == "王明" ? a : b));
  }
  CHECK(master_from_shares(opened) == master);
  CHECK_THROWS_AS(write_share(shares[0], folder.path()), Error);  // never over another one
}
