#include "data/base/toml_text.h"

#include <filesystem>

#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;

namespace {

bool is_same(const TomlValue& a, const TomlValue& b) {
  if (a.kind != b.kind || a.text != b.text || a.integer != b.integer || a.number != b.number ||
      a.boolean != b.boolean || a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!is_same(a.items[i], b.items[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key || !is_same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

void check_round_trip(const std::string& text, const std::string& name) {
  INFO(name);
  const TomlValue value = parse_toml(text, name);
  CHECK(is_same(parse_toml(toml_text(value), "written"), value));
}

}  // namespace

TEST_CASE("what is written as TOML reads back as the same values", "[data]") {
  check_round_trip(R"(a = 1
b = -0.05
c = 1e300
d = 2.0
e = "quote \" slash \\ line \n tab \t del \u007F Größe"
f = true
g = []
h = [[1, 2], ["x"], [{k = 1}]]
"odd key" = 3
[t]
x = 1
[t.u."v w"]
y = "z"
[t.empty]
[[l]]
x = 1
[[l]]
[l.inner]
y = [{a = 1, b = {c = "d"}}, 2]
[[l.deep]]
q = 1
)",
                   "hand");
  for (const char* folder : {"golden/study/valid"}) {
    const auto place = test::shared(folder, 1);
    if (!place) return;
    for (const auto& entry : std::filesystem::directory_iterator(*place)) {
      if (entry.path().extension() == ".toml") check_round_trip(read_file(entry.path()), entry.path().filename());
    }
  }
}

TEST_CASE("a date is refused, not lost", "[data]") {
  CHECK_THROWS_AS(toml_text(parse_toml("day = 2026-03-02\n", "d")), Error);
}
