#include "study/coordinator/enrolment.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/file.h"
#include "study/protocol/check.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::study;

namespace {

constexpr const char* kAt = "2026-03-01T00:00:00.000Z";

Protocol protocol() {
  const auto file = std::filesystem::path(RATIONALE_SOURCE_DIR) / "protocols" / "phantom.toml";
  return parse_protocol(read_file(file), "phantom.toml");
}

std::string some_key() { return to_hex(SigningKey::make().public_key()); }

std::string line(const std::string& name, const std::string& key) {
  return fmt::format(R"("{}": {{"at": "{}", "key": "{}"}})", name, kAt, key);
}

/// The code that reading a list of these lines ends with; empty: none.
std::string code_of(const Protocol& p, const std::string& lines) {
  const TemporaryFolder folder;
  write_file(folder.path() / "enrolled.json", fmt::format(R"({{"enrolled": {{{}}}, "format": 1}})", lines));
  try {
    static_cast<void>(read_enrolment(folder.path() / "enrolled.json", p));
  } catch (const Error& error) {
    return error.code;
  }
  return {};
}

}  // namespace

TEST_CASE("one key is one person's, whoever wrote the list", "[study][coordinator]") {
  const std::string key = some_key();
  CHECK(code_of(protocol(), line("r1", some_key()) + "," + line("r2", some_key())).empty());
  CHECK(code_of(protocol(), line("r1", key) + "," + line("r2", key)) == "one_key");
  CHECK(code_of(protocol(), line("r1", key) + "," + line("statistician", key)) == "one_key");
  CHECK(code_of(protocol(), line("sponsor_qa", key) + "," + line("statistician", key)) == "one_key");
}

TEST_CASE("a list does not overrule a key that the protocol states", "[study][coordinator]") {
  Protocol p = protocol();
  p.readers[0].key = some_key();
  CHECK(code_of(p, line("r1", p.readers[0].key)).empty());
  CHECK(code_of(p, line("r1", some_key())) == "bad_enrolment");
}

TEST_CASE("a custodian who is called as a reader is refused at once", "[study][coordinator]") {
  Protocol p = protocol();
  p.blinding.custodians[0] = "r1";
  CHECK(code_of(p, line("r1", some_key())) == "one_name");
}
